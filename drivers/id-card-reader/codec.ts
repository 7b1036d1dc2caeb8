import { err, ok, type Result } from '../device.ts';
import { encodeFrame } from './frame.ts';

/** Requests of GA/T 467-2019, each as command byte and parameter byte. */
export const COMMANDS = {
  resetSam: [0x10, 0xff],
  samStatus: [0x11, 0xff],
  samId: [0x12, 0xff],
  findCard: [0x20, 0x01],
  selectCard: [0x20, 0x02],
  readCard: [0x30, 0x01],
  readLatestAddress: [0x30, 0x03],
  readCardWithFingerprint: [0x30, 0x10],
  /** The parameter is the speed: an index into `BAUD_RATES`. */
  setBaudRate: [0x60, 0x00],
} as const satisfies Record<string, readonly [number, number]>;

export type CommandName = keyof typeof COMMANDS;

/** Speeds of the `60 nn` request, by parameter. */
export const BAUD_RATES = [115200, 57600, 38400, 19200, 9600] as const;

/** A speed a reader can be set to, bits per second. */
export type BaudRate = (typeof BAUD_RATES)[number];

/** Third status byte (SW3) of a reply. The first two are not reliable on failures and are ignored. */
export const SW3 = {
  ok: 0x90,
  itemAbsent: 0x91,
  cardFound: 0x9f,
  requestChecksum: 0x10,
  requestLength: 0x11,
  badCommand: 0x21,
  notPermitted: 0x23,
  unknownError: 0x24,
  cardAuthentication: 0x31,
  samAuthentication: 0x32,
  verification: 0x33,
  noCardFoundYet: 0x34,
  unrecognisedCard: 0x40,
  readFailed: 0x41,
  randomNumber: 0x47,
  writeFailed: 0x50,
  samSelfTest: 0x60,
  samNotAuthorised: 0x66,
  findFailed: 0x80,
  selectFailed: 0x81,
} as const;

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [SW3.ok, 'success'],
  [SW3.itemAbsent, 'the card does not hold this item'],
  [SW3.cardFound, 'card found'],
  [SW3.requestChecksum, 'the request had a wrong checksum'],
  [SW3.requestLength, 'the request had a wrong length'],
  [SW3.badCommand, 'unknown command or parameter'],
  [SW3.notPermitted, 'not permitted'],
  [SW3.unknownError, 'unknown error'],
  [SW3.cardAuthentication, 'the security module could not authenticate the card'],
  [SW3.samAuthentication, 'the card could not authenticate the security module'],
  [SW3.verification, 'the information could not be verified'],
  [SW3.noCardFoundYet, 'no card has been found yet'],
  [SW3.unrecognisedCard, 'unrecognised type of card'],
  [SW3.readFailed, 'reading the card failed'],
  [SW3.randomNumber, 'the random number failed'],
  [SW3.writeFailed, 'writing the card failed'],
  [SW3.samSelfTest, 'the security module failed its self-test'],
  [SW3.samNotAuthorised, 'the security module is not authorised'],
  [SW3.findFailed, 'no card in the field'],
  [SW3.selectFailed, 'the card could not be selected'],
]);

/** What a third status byte means, in words. */
export const meaningOf = (sw3: number): string =>
  MEANINGS.get(sw3) ?? `undocumented status ${sw3.toString(16).padStart(2, '0')}`;

export function encodeRequest(
  command: number,
  parameter: number,
  data: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return encodeFrame(Uint8Array.of(command, parameter, ...data));
}

/** A reply; `data` is what follows the three status bytes. */
export interface Reply {
  readonly sw3: number;
  readonly data: Uint8Array;
}

/** The body of a reply frame; null if it is too short to be one. */
export function decodeReply(body: Uint8Array): Reply | null {
  const sw3 = body[2];
  return sw3 === undefined ? null : { sw3, data: body.subarray(3) };
}

export const encodeReply = (sw3: number, data: Uint8Array = new Uint8Array(0)): Uint8Array =>
  encodeFrame(Uint8Array.of(0, 0, sw3, ...data));

export const SAM_ID_BYTES = 16;

/**
 * The number of a security module as makers print it, e.g. `05.03-20210101-0000012345-0000054321`: two 16-bit and three
 * 32-bit numbers, little endian, as `%02d.%02d-%d-%010d-%010d`. Throws `RangeError` unless it is given 16 bytes.
 */
export function formatSamId(data: Uint8Array): string {
  if (data.length !== SAM_ID_BYTES) throw new RangeError('the number of a security module has 16 bytes');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [maker, kind] = [0, 2].map((at) => String(view.getUint16(at, true)).padStart(2, '0'));
  const [date, ...rest] = [4, 8, 12].map((at) => String(view.getUint32(at, true)));
  return [`${maker}.${kind}`, date, ...rest.map((part) => part.padStart(10, '0'))].join('-');
}

/** The bytes of an address added to a card after it was issued: 35 characters of UTF-16LE, padded with spaces. */
export const LATEST_ADDRESS_BYTES = 70;

/** The parts of a read reply. Photo and fingerprint are opaque and may be empty. */
export interface CardPayload {
  readonly text: Uint8Array;
  readonly photo: Uint8Array;
  readonly fingerprint: Uint8Array;
}

/** Splits the data of a read reply by the lengths it carries; the error is one sentence. */
export function splitPayload(data: Uint8Array, withFingerprint: boolean): Result<CardPayload, string> {
  const header = withFingerprint ? 6 : 4;
  if (data.length < header) return err('the reply is shorter than its own header');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const textEnd = header + view.getUint16(0);
  const photoEnd = textEnd + view.getUint16(2);
  const end = photoEnd + (withFingerprint ? view.getUint16(4) : 0);
  if (end !== data.length) return err('the lengths in the reply do not add up');
  return ok({
    text: data.slice(header, textEnd),
    photo: data.slice(textEnd, photoEnd),
    fingerprint: data.slice(photoEnd, end),
  });
}

/** The inverse of `splitPayload`; without a fingerprint field if `fingerprint` is null. */
export function joinPayload(text: Uint8Array, photo: Uint8Array, fingerprint: Uint8Array | null): Uint8Array {
  const lengths = [text.length, photo.length, ...(fingerprint ? [fingerprint.length] : [])];
  const header = lengths.flatMap((length) => [length >> 8, length & 0xff]);
  return Uint8Array.of(...header, ...text, ...photo, ...(fingerprint ?? []));
}
