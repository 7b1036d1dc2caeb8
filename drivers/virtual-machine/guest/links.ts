import assert from 'node:assert/strict';
import { type Link, type LinkReason, linkReason, type Transport } from '../../transport/index.ts';
import { inTime, until } from './check.ts';

/** Opens it as a supervisor does: again and again, because the kernel takes a while to show what was plugged in. */
export const openSoon = (transport: Transport): Promise<Link> => {
  let refusal = '';
  return until(`${transport.name} opens`, async () => {
    const opened = await inTime(`${transport.name} answers`, transport.open());
    if (!opened.ok) refusal = opened.error;
    return opened.ok ? opened.value : null;
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${refusal}`);
  });
};

export async function refusalOf(transport: Transport): Promise<LinkReason> {
  const opened = await inTime(`${transport.name} answers`, transport.open());
  if (!opened.ok) return linkReason(opened.error);
  await opened.value.close();
  throw new assert.AssertionError({ message: `${transport.name} could be opened` });
}

export interface LinkEnd {
  readonly reason: LinkReason;
  readonly sentence: string;
  readonly ms: number;
}

/** How the link ends, and how long after this call. */
export async function endOf(link: Link): Promise<LinkEnd> {
  const start = performance.now();
  const { promise, resolve } = Promise.withResolvers<string>();
  link.onClose(resolve);
  const sentence = await inTime('the end of the link', promise);
  return { reason: linkReason(sentence), sentence, ms: Math.round(performance.now() - start) };
}

export function assertUnplugged({ reason, sentence }: LinkEnd): void {
  assert.equal(reason, 'unplugged', sentence);
}

/** Collects what a link brings. */
export function collector(link: Pick<Link, 'onData'>) {
  const chunks: Uint8Array[] = [];
  let wake = (): void => {};
  link.onData((chunk) => {
    chunks.push(Uint8Array.from(chunk));
    wake();
  });
  const joined = () => Buffer.concat(chunks);
  return {
    /** One chunk as it came. */
    async chunk(): Promise<Uint8Array> {
      for (;;) {
        const first = chunks.shift();
        if (first) return first;
        await inTime(
          'data',
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
        );
      }
    },
    /** That many bytes, however they were cut. */
    async bytes(length: number): Promise<Uint8Array> {
      while (joined().length < length) {
        await inTime(
          `${length} bytes (${joined().length} came)`,
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
        );
      }
      const all = joined();
      chunks.splice(0, chunks.length, Uint8Array.from(all.subarray(length)));
      return Uint8Array.from(all.subarray(0, length));
    },
  };
}
