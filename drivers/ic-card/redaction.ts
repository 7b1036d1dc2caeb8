import { checkDigit } from '../id-card-reader/index.ts';
import { keepAll, type RedactedStream, type Redaction } from '../recording/index.ts';
import { encodePcscFrame, pcscFrameParser } from '../transport/index.ts';
import { TAG } from './social-card.ts';

const FILLER = 0x78;
/** Nobody's number, with a right check digit (GB 11643): the region 000000 does not exist. */
const NOBODY = `00000019000101001${checkDigit('00000019000101001')}`;

/**
 * For recordings: what a card says becomes as much that says nothing, so that it still reads; status words, tags and
 * lengths stay. What is asked of cards is the same for all of them.
 */
export function icCardRedaction(): Redaction {
  return { input: answers(), output: keepAll() };
}

function answers(): RedactedStream {
  const parse = pcscFrameParser();
  return {
    push: (chunk) =>
      parse(chunk.slice()).flatMap((frame) => {
        if (frame === null) return [];
        return [
          encodePcscFrame(frame.kind === 'answer' ? { ...frame, bytes: redacted(frame.bytes) } : frame),
        ];
      }),
    // Half a frame is not kept.
    end: () => [],
  };
}

function redacted(answer: Uint8Array): Uint8Array {
  const data = answer.subarray(0, -2);
  const kept = answer.slice();
  const [tag = 0, length = 0] = data;
  const wrapped = data.length === length + 2;
  const from = wrapped ? 2 : 0;
  kept.set(fillerFor(wrapped ? tag : 0, data.length - from), from);
  return kept;
}

function fillerFor(tag: number, length: number): Uint8Array {
  const filler = new Uint8Array(length).fill(FILLER);
  if (tag === TAG.number && length === NOBODY.length) filler.set(Buffer.from(NOBODY));
  else if (tag !== TAG.name && tag !== TAG.cardNumber) filler.fill(0);
  return tag === 0 ? filler.fill(FILLER) : filler;
}
