import { type CommandError, commandError, err, ok, type Result } from '../device.ts';
import { hasRightCheckDigit } from '../id-card-reader/index.ts';
import {
  type CardAnswer,
  type Dialogue,
  exchange,
  meaningOf,
  readRecord,
  selectApplication,
  selectFile,
} from './apdu.ts';
import { masked } from './masked.ts';

/** What a social-security card says about its holder and itself without a PIN (files EF06 and EF05). */
export interface SocialSecurityHolder {
  /** 社会保障号码: the citizen's number, its check digit is right. */
  readonly number: string;
  readonly name: string;
  /** GB/T 2261.1: `1` male, `2` female, `9` not told; null here and below: not on the card, or not readable. */
  readonly sex: string | null;
  /** GB/T 3304, two digits. */
  readonly nation: string | null;
  /** YYYYMMDD */
  readonly birth: string | null;
  /** GB/T 2260, six digits. */
  readonly birthplace: string | null;
  readonly card: {
    /** 卡号 */
    readonly number: string | null;
    /** YYYYMMDD, here and below. */
    readonly issuedOn: string | null;
    readonly validUntil: string | null;
  };
}

/** `sx1.sh.社会保障`, the social-security system environment (社会保障卡规范, application identifier of the SSSE). */
const SSSE = Uint8Array.from(Buffer.from('7378312e73682ec9e7bbe1b1a3d5cf', 'hex'));
const ISSUER_FILE = 0xef05;
const HOLDER_FILE = 0xef06;

/** Tags of the records (社会保障卡文件结构和数据项 V2.0). */
export const TAG = {
  issuedOn: 0x05,
  validUntil: 0x06,
  cardNumber: 0x07,
  number: 0x08,
  name: 0x09,
  sex: 0x0a,
  nation: 0x0b,
  birthplace: 0x0c,
  birth: 0x0d,
} as const;

const ISSUER_TAGS = [1, 2, 3, 4, TAG.issuedOn, TAG.validUntil, TAG.cardNumber] as const;
const HOLDER_TAGS = [TAG.number, TAG.name, TAG.sex, TAG.nation, TAG.birthplace, TAG.birth] as const;

/** Asks a card for its holder. Reasons: `not-a-social-card`, `card-refused`, `card-failed`, `bad-record`. */
export function* readHolderDialogue(): Dialogue<Result<SocialSecurityHolder, CommandError>> {
  const selected = yield* exchange(selectApplication(SSSE));
  if (meaningOf(selected.status) !== 'ok') return err(refusal(selected));
  const records = new Map<number, Uint8Array>();
  try {
    // A card may come without an issuer file; its holder is what counts.
    const issuer = yield* exchange(selectFile(ISSUER_FILE));
    if (meaningOf(issuer.status) === 'ok') yield* readRecords(ISSUER_TAGS, records);
    const holder = yield* exchange(selectFile(HOLDER_FILE));
    if (meaningOf(holder.status) !== 'ok') return err(refusal(holder));
    const failure = yield* readRecords(HOLDER_TAGS, records);
    const decoded = decodeHolder(records);
    if (decoded) return ok(decoded);
    return err(
      failure
        ? refusal(failure)
        : commandError('hardwareError', 'bad-record', 'the card holds no valid record'),
    );
  } finally {
    for (const record of records.values()) record.fill(0);
  }
}

/**
 * Reads the records of the selected file. Cards number them from 1, some by their tags; a record that says its own tag
 * is believed. The last answer that was neither a record nor a missing one, or null.
 */
function* readRecords(tags: readonly number[], into: Map<number, Uint8Array>): Dialogue<CardAnswer | null> {
  const [firstTag = 1] = tags;
  let byTag = false;
  let failure: CardAnswer | null = null;
  for (const [index, tag] of tags.entries()) {
    let answer = yield* exchange(readRecord(byTag ? tag : index + 1));
    if (index === 0 && firstTag !== 1 && !isRecord(answer)) {
      byTag = true;
      answer = yield* exchange(readRecord(tag));
    }
    if (isRecord(answer)) {
      const [told = 0, length = 0] = answer.data;
      const wrapped = answer.data.length === length + 2 && tags.includes(told);
      into.set(wrapped ? told : tag, wrapped ? answer.data.slice(2) : answer.data.slice());
      answer.data.fill(0);
    } else if (meaningOf(answer.status) !== 'no-record') failure = answer;
  }
  return failure;
}

const isRecord = (answer: CardAnswer): boolean => meaningOf(answer.status) === 'ok' && answer.data.length > 0;

function refusal({ status }: CardAnswer): CommandError {
  const told = `the card answered ${status.toString(16).padStart(4, '0')}`;
  switch (meaningOf(status)) {
    case 'not-supported':
      return commandError('invalidData', 'not-a-social-card', told);
    case 'not-allowed':
    case 'no-record':
      return commandError('commandErrorCode', 'card-refused', told);
    default:
      return commandError('hardwareError', 'card-failed', told);
  }
}

/** The holder, or null when number or name are not what they have to be. Other items that are not are left out. */
export function decodeHolder(records: ReadonlyMap<number, Uint8Array>): SocialSecurityHolder | null {
  const item = <T>(tag: number, decode: (bytes: Uint8Array) => T | null): T | null => {
    const bytes = records.get(tag);
    return bytes === undefined ? null : decode(bytes);
  };
  const number = item(TAG.number, textOf);
  const name = item(TAG.name, textOf);
  if (number === null || name === null || name === '') return null;
  if (!/^\d{17}[\dX]$/.test(number) || !hasRightCheckDigit(number)) return null;
  const holder: SocialSecurityHolder = {
    number,
    name,
    sex: item(TAG.sex, (bytes) => digitsOf(bytes, 1)),
    nation: item(TAG.nation, (bytes) => digitsOf(bytes, 2)),
    birth: item(TAG.birth, dateOf),
    birthplace: item(TAG.birthplace, (bytes) => digitsOf(bytes, 6)),
    card: {
      number: item(TAG.cardNumber, textOf),
      issuedOn: item(TAG.issuedOn, dateOf),
      validUntil: item(TAG.validUntil, dateOf),
    },
  };
  return masked(holder, 'SocialSecurityHolder(masked)');
}

/** GB18030 without its padding (zeros; some issuers use spaces or FF); null when it is no text. */
function textOf(bytes: Uint8Array): string | null {
  let end = bytes.length;
  while (end > 0 && [0x00, 0x20, 0xff].includes(bytes[end - 1] ?? -1)) end--;
  try {
    const text = new TextDecoder('gb18030', { fatal: true }).decode(bytes.subarray(0, end)).trim();
    return /\p{Cc}/u.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** Exactly so many digits: packed two in a byte (format CN), or as characters (format AN). */
function digitsOf(bytes: Uint8Array, count: number): string | null {
  const packed = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const characters = String.fromCharCode(...bytes);
  const isDigits = (text: string) => text.length === count && /^\d+$/.test(text);
  if (isDigits(characters)) return characters;
  if (isDigits(packed)) return packed;
  return count === 1 && /^0\d$/.test(packed) ? packed.slice(1) : null;
}

/** A day that can be, as YYYYMMDD. */
function dateOf(bytes: Uint8Array): string | null {
  const digits = digitsOf(bytes, 8);
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(digits ?? '') ?? [];
  if (digits === null || year === undefined) return null;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.toISOString().startsWith(`${year}-${month}-${day}`) ? digits : null;
}
