import { checkDigit } from '../id-card-reader/index.ts';
import type { RedactedStream, Redaction } from '../recording/index.ts';
import { encodePcscFrame, pcscFrameParser } from '../transport/index.ts';
import { GET_UID } from './apdu.ts';
import { TAG } from './social-card.ts';

const FILLER = 0x78;
/** Nobody's number, with a right check digit (GB 11643): the region 000000 does not exist. */
const NOBODY = `00000019000101001${checkDigit('00000019000101001')}`;

/**
 * For recordings: what a card says becomes as much that says nothing, so that it still reads; status words stay, and
 * tags and lengths of the records of a card. What is asked of cards is the same for all of them.
 */
export function icCardRedaction(): Redaction {
  /** Numbers of the commands that ask for a card's own number, whose answer has no tag: it may begin like one. */
  const numbersAsked = new Set<number>();
  return { input: answers(numbersAsked), output: commands(numbersAsked) };
}

function commands(numbersAsked: Set<number>): RedactedStream {
  const parse = pcscFrameParser();
  let askedForNumber = false;
  return {
    push(chunk) {
      for (const frame of parse(chunk.slice())) {
        if (frame?.kind !== 'transmit') continue;
        // What is left of an answer is still that answer.
        askedForNumber =
          asksForNumber(frame.command) || (askedForNumber && frame.command[1] === GET_RESPONSE);
        if (askedForNumber) numbersAsked.add(frame.id);
        else numbersAsked.delete(frame.id);
      }
      return [chunk.slice()];
    },
    end: () => [],
  };
}

/** GET RESPONSE (ISO/IEC 7816-4). */
const GET_RESPONSE = 0xc0;
/** Whatever length it expects. */
const asksForNumber = (command: Uint8Array): boolean =>
  GET_UID.subarray(0, 4).every((byte, at) => command[at] === byte);

function answers(numbersAsked: ReadonlySet<number>): RedactedStream {
  const parse = pcscFrameParser();
  return {
    push: (chunk) =>
      parse(chunk.slice()).flatMap((frame) => {
        if (frame === null) return [];
        if (frame.kind !== 'answer') return [encodePcscFrame(frame)];
        const bytes = numbersAsked.has(frame.id) ? blank(frame.bytes) : redacted(frame.bytes);
        return [encodePcscFrame({ ...frame, bytes })];
      }),
    // Half a frame is not kept.
    end: () => [],
  };
}

/** All but the status word. */
const blank = (answer: Uint8Array): Uint8Array =>
  answer.slice().fill(FILLER, 0, Math.max(0, answer.length - 2));

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
