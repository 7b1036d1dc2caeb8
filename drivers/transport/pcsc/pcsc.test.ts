import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { linkReason } from '../reasons.ts';
import { encodePcscFrame } from './frames.ts';
import { pcscTransport } from './pcsc.ts';

const module = fileURLToPath(new URL('../testing/pcsc-without-service.cjs', import.meta.url));

test.each(['start', 'listReaders'] as const)(
  'a service that is gone when the module is asked to %s ends the link, and nothing else',
  async (fails) => {
    vi.stubEnv('PCSC_FAILS', fails);
    onTestFinished(() => void vi.unstubAllEnvs());
    const opened = await pcscTransport({ kind: 'pcsc', module }).open();
    if (!opened.ok) throw new Error(opened.error);
    const link = opened.value;
    const ended = new Promise<string>((resolve) => link.onClose(resolve));
    link.onData(() => {});
    await link.write(
      encodePcscFrame({ kind: 'transmit', id: 1, reader: 'a reader', command: Uint8Array.of(0) }),
    );
    const sentence = await ended;
    expect(sentence).toBe(`the PC/SC service does not run: ${fails}: service not available`);
    expect(linkReason(sentence)).toBe('no-service');
    await link.close();
  },
);
