import { createHmac, randomBytes } from 'node:crypto';
import type { RedactedStream, Redaction } from '../recording/index.ts';
import type { IdCard } from './card.ts';
import { checkDigit } from './check-digit.ts';
import { joinPayload, LATEST_ADDRESS_BYTES, SAM_ID_BYTES, SW3, splitPayload } from './codec.ts';
import { encodeFrame, PREAMBLE } from './frame.ts';
import { decodeRecord } from './record.ts';
import { encodeRecord } from './record-encode.ts';
import { RECORD_BYTES } from './record-layout.ts';

/** Preamble and length. */
const HEADER = PREAMBLE.length + 2;
const STATUS_BYTES = 3;
const REQUEST_BYTES = 2;

/**
 * Makes recordings of a reader's SDT frames (above any framing: see `sdtTransport`) that hold nothing of a card:
 * records become those of invented people of the same type, addresses invented addresses, photos and fingerprints
 * zeros, whatever else a reply carries (numbers of cards and of security modules) zeros, checksums right again.
 *
 * It keeps what it knows to be harmless and replaces the rest: bytes that belong to no whole frame become zeros, apart
 * from the preamble and length of a frame that broke off, so that a replay breaks off there as well. The same card is
 * the same invented person throughout; the returned function is for one recording.
 */
export function idCardRedaction(): () => Redaction {
  const people = inventor();
  return () => ({
    input: redactedFrames((body) => redactReply(body, people)),
    output: redactedFrames((body) => withZerosFrom(body, REQUEST_BYTES)),
  });
}

/** Frames are held back until they are whole; `redact` gives a frame's new body, of the same length. */
function redactedFrames(redact: (body: Uint8Array) => Uint8Array): RedactedStream {
  let held = new Uint8Array(0);
  const keep = (bytes: Uint8Array<ArrayBuffer>): void => {
    held.fill(0);
    held = bytes;
  };
  return {
    push(chunk) {
      const bytes = Uint8Array.of(...held, ...chunk);
      const cleaned = new Uint8Array(bytes.length);
      let at = 0;
      while (at < bytes.length) {
        const rest = bytes.subarray(at);
        const size = measure(rest);
        if (size === 'more') {
          // A false preamble may announce what never comes; a whole frame behind it is not kept waiting.
          const inner = nextWholeFrame(rest);
          if (inner === null) break;
          cleaned.set(brokenOff(rest.subarray(0, inner)), at);
          at += inner;
        } else if (size === 'none') at += 1;
        else {
          cleaned.set(encodeFrame(redact(rest.slice(HEADER, size - 1))), at);
          at += size;
        }
      }
      keep(bytes.slice(at));
      bytes.fill(0);
      return at === 0 ? [] : [cleaned.subarray(0, at)];
    },
    end() {
      const rest = brokenOff(held);
      keep(new Uint8Array(0));
      return rest.length === 0 ? [] : [rest];
    },
  };
}

/** How long the whole frame is that begins here; `more` if it is not all here, `none` if none begins. */
function measure(bytes: Uint8Array): number | 'more' | 'none' {
  const begins = PREAMBLE.every((expected, i) => i >= bytes.length || bytes[i] === expected);
  if (!begins) return 'none';
  if (bytes.length < HEADER) return 'more';
  const size = HEADER + ((bytes[5] ?? 0) << 8) + (bytes[6] ?? 0);
  if (size < HEADER + REQUEST_BYTES + 1 || size > LONGEST_FRAME) return 'none';
  if (bytes.length < size) return 'more';
  const sum = bytes.subarray(PREAMBLE.length, size).reduce((total, byte) => total ^ byte, 0);
  return sum === 0 ? size : 'none';
}

/** As the driver's own parser sees it. */
const LONGEST_FRAME = HEADER + 2400;

function nextWholeFrame(bytes: Uint8Array): number | null {
  for (let at = 1; at < bytes.length; at++) {
    const size = measure(bytes.subarray(at));
    if (typeof size === 'number') return at;
  }
  return null;
}

/** Preamble and length of what began here, then zeros. */
function brokenOff(bytes: Uint8Array): Uint8Array {
  const cleaned = new Uint8Array(bytes.length);
  cleaned.set(bytes.subarray(0, HEADER));
  return cleaned;
}

const withZerosFrom = (body: Uint8Array, from: number): Uint8Array => body.slice().fill(0, from);

function redactReply(body: Uint8Array, people: Inventor): Uint8Array {
  const data = body.slice(STATUS_BYTES);
  const cleaned = withZerosFrom(body, STATUS_BYTES);
  if (body[2] === SW3.ok) cleaned.set(redactData(data, people), STATUS_BYTES);
  data.fill(0);
  body.fill(0);
  return cleaned;
}

function redactData(data: Uint8Array, people: Inventor): Uint8Array {
  if (data.length === LATEST_ADDRESS_BYTES) {
    return Buffer.from(people.addressFor(data).padEnd(data.length / 2), 'utf16le');
  }
  if (data.length <= SAM_ID_BYTES) return new Uint8Array(data.length);
  for (const withFingerprint of [true, false]) {
    const payload = splitPayload(data, withFingerprint);
    if (!payload.ok || payload.value.text.length !== RECORD_BYTES) continue;
    const { text, photo, fingerprint } = payload.value;
    const record = people.recordFor(text);
    for (const part of [text, photo, fingerprint]) part.fill(0);
    return joinPayload(record, photo, withFingerprint ? fingerprint : null);
  }
  return new Uint8Array(data.length);
}

interface Inventor {
  /** The record of an invented person with a card of the same type, and as wrong if this one is wrong. */
  recordFor(text: Uint8Array): Uint8Array;
  addressFor(data: Uint8Array): string;
}

/** The same bytes always give the same person; which bytes those were is not kept. */
function inventor(): Inventor {
  const key = randomBytes(32);
  const known = new Map<string, number>();
  const numberOf = (bytes: Uint8Array): number => {
    const mark = createHmac('sha256', key).update(bytes).digest('base64');
    const number = known.get(mark) ?? known.size;
    known.set(mark, number);
    return number;
  };
  return {
    recordFor(text) {
      const decoded = decodeRecord(text);
      if (decoded.ok) return encodeRecord(inventedCard(decoded.value.type, numberOf(text)));
      if (decoded.error.reason === 'bad-record') return new Uint8Array(text.length);
      const card = inventedCard('citizen', numberOf(text));
      const wrong = card.number.endsWith('0') ? '1' : '0';
      return encodeRecord({ ...card, number: card.number.slice(0, -1) + wrong });
    },
    addressFor: (data) => `虚构新址${numberOf(data)}号`,
  };
}

/** A person who does not exist: born before anybody alive, with names, places and codes that no card has. */
function inventedCard(type: IdCard['type'], index: number): IdCard {
  const serial = String(index % 1000).padStart(3, '0');
  const numbered = (first14: string): string => {
    const first17 = first14 + serial;
    return first17 + checkDigit(first17);
  };
  const common = {
    sex: 'unspecified',
    birth: '1850-01-01',
    validFrom: '1851-01-01',
    validTo: null,
  } as const;
  const home = { address: `虚构路${index}号`, authority: '虚构' };
  const foreigner = { name: `INVENTED ${index}`, englishName: `INVENTED ${index}`, chineseName: '' };
  switch (type) {
    case 'citizen':
      return {
        type,
        ...common,
        ...home,
        name: `虚构${index}`,
        number: numbered('00000018500101'),
        nation: { code: '97', name: '其他' },
      };
    case 'hk-macao-taiwan':
      return {
        type,
        ...common,
        ...home,
        name: `虚构${index}`,
        number: numbered('81000018500101'),
        permitNumber: 'X00000000',
        issueCount: 0,
      };
    case 'foreigner-2017':
      return {
        type,
        ...common,
        ...foreigner,
        number: `XXX000000000${serial}`,
        nationality: 'XXX',
        authorityCode: '0000',
        version: '00',
      };
    case 'foreigner-2023':
      return {
        type,
        ...common,
        ...foreigner,
        number: numbered('90000018500101'),
        nationality: 'XXX',
        renewalCount: 0,
      };
    default:
      return type satisfies never;
  }
}
