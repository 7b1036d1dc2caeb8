/** Commands and answers of ISO/IEC 7816-4, and what their status words mean. Pure: knows no reader. */

/** An answer without its status word. `data` may hold what stands on a card: wipe it when done. */
export interface CardAnswer {
  readonly data: Uint8Array;
  /** SW1 SW2 as one number, e.g. 0x9000. */
  readonly status: number;
}

/** Splits an answer; null when it is too short to be one. */
export const parseAnswer = (bytes: Uint8Array): CardAnswer | null => {
  const [sw1, sw2] = bytes.slice(-2);
  return sw1 === undefined || sw2 === undefined
    ? null
    : { data: bytes.slice(0, -2), status: (sw1 << 8) | sw2 };
};

export type StatusMeaning =
  | 'ok'
  /** `61xx`: so many bytes wait for GET RESPONSE (ISO/IEC 7816-3, T=0). */
  | 'more'
  /** `6Cxx`: ask again for exactly so many bytes. */
  | 'wrong-length'
  /** No such application, file or function: another kind of card. */
  | 'not-supported'
  | 'no-record'
  | 'not-allowed'
  | 'failed';

/** ISO/IEC 7816-4, table of status words. */
export function meaningOf(status: number): StatusMeaning {
  switch (status >> 8) {
    case 0x90:
      return status === 0x9000 ? 'ok' : 'failed';
    case 0x61:
      return 'more';
    case 0x6c:
      return 'wrong-length';
    // Warnings: the data is there, e.g. 6282 "end of file reached".
    case 0x62:
      return status === 0x6282 ? 'ok' : status === 0x6283 ? 'not-allowed' : 'failed';
    case 0x68:
    case 0x6d:
    case 0x6e:
      return 'not-supported';
    case 0x69:
      return 'not-allowed';
    case 0x6a:
      if (status === 0x6a83) return 'no-record';
      return status === 0x6a81 || status === 0x6a82 || status === 0x6a86 || status === 0x6a88
        ? 'not-supported'
        : 'failed';
    default:
      return 'failed';
  }
}

/** SELECT by application identifier. */
export const selectApplication = (aid: Uint8Array): Uint8Array =>
  Uint8Array.of(0x00, 0xa4, 0x04, 0x00, aid.length, ...aid);

/** SELECT an elementary file under the current one. */
export const selectFile = (id: number): Uint8Array =>
  Uint8Array.of(0x00, 0xa4, 0x02, 0x00, 0x02, id >> 8, id & 0xff);

/** READ RECORD by number, counted from 1. */
export const readRecord = (record: number): Uint8Array => Uint8Array.of(0x00, 0xb2, record, 0x04, 0x00);

export const getResponse = (length: number): Uint8Array => Uint8Array.of(0x00, 0xc0, 0x00, 0x00, length);

/** The same command with another expected length, which is its last byte. */
export const withLength = (command: Uint8Array, length: number): Uint8Array =>
  command.length === 4 ? Uint8Array.of(...command, length) : command.with(-1, length);

/** GET DATA, unique identifier of a contactless card (PC/SC part 3, 3.2.2.1.3). */
export const GET_UID = Uint8Array.of(0xff, 0xca, 0x00, 0x00, 0x00);

/** What a dialogue with a card gives: the value, or what the card refused. */
export type Dialogue<T> = Generator<Uint8Array, T, CardAnswer>;

/** The most GET RESPONSE for one command: a record has at most 256 bytes. */
const MOST_PARTS = 8;

/** One command with whatever T=0 needs around it. */
export function* exchange(command: Uint8Array): Dialogue<CardAnswer> {
  let answer = yield command;
  if (meaningOf(answer.status) === 'wrong-length') {
    answer.data.fill(0);
    answer = yield withLength(command, answer.status & 0xff);
  }
  const parts = [answer.data];
  for (let part = 0; part < MOST_PARTS && meaningOf(answer.status) === 'more'; part++) {
    answer = yield getResponse(answer.status & 0xff);
    parts.push(answer.data);
  }
  const data = Uint8Array.from(parts.flatMap((part) => [...part]));
  for (const part of parts) part.fill(0);
  return { data, status: answer.status };
}
