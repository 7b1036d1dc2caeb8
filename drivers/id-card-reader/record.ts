import { err, ok, type Result } from '../device.ts';
import type { IdCard, Sex } from './card.ts';
import { hasRightCheckDigit } from './check-digit.ts';
import { NATIONS } from './nations.ts';
import { type Field, LAYOUTS, RECORD_BYTES, TYPE_FLAG, TYPES } from './record-layout.ts';

/** Why a text record is not a card. Names the field, never its content. */
export interface RecordError {
  readonly reason: 'check-digit' | 'bad-record';
  readonly detail: string;
}

/**
 * The card in a 256-byte text record. Trailing spaces are padding and are trimmed; everything else is kept as
 * written, private-use characters included. Refused: control characters, dates that do not exist, codes outside their
 * standard, a citizen-style number (18 characters) whose check digit is wrong.
 */
export function decodeRecord(record: Uint8Array): Result<IdCard, RecordError> {
  if (record.length !== RECORD_BYTES) return err(bad(`a record of ${record.length} bytes`));
  try {
    return ok(decode(record));
  } catch (error) {
    if (error instanceof Refusal) return err(error.why);
    throw error;
  }
}

/** The address in the reply to "latest address"; null if it is blank. Refused: control characters. */
export function decodeLatestAddress(data: Uint8Array): Result<string | null, RecordError> {
  const text = rawText(data, 0, data.length - (data.length % 2));
  if (CONTROL.test(text)) return err(bad('control characters in the latest address'));
  return ok(text.replace(/ +$/, '') || null);
}

const bad = (detail: string): RecordError => ({ reason: 'bad-record', detail });

/** Carries a refused field out of `decode`; never leaves this file. */
class Refusal extends Error {
  readonly why: RecordError;
  constructor(why: RecordError) {
    super(why.detail);
    this.why = why;
  }
}

function refuse(what: string): never {
  throw new Refusal(bad(what));
}

function decode(record: Uint8Array): IdCard {
  const text = new TextDecoder('utf-16le', { ignoreBOM: true }).decode(record);
  if (CONTROL.test(text)) refuse('control characters in the record');
  const raw = ({ offset, bytes }: Field) => rawText(record, offset, bytes);
  const get = (field: Field) => raw(field).replace(/ +$/, '');

  const type = TYPES.get(get(TYPE_FLAG)) ?? refuse('an unknown card type');
  switch (type) {
    case 'citizen': {
      const at = LAYOUTS[type];
      const code = get(at.nation);
      const nation = { code, name: NATIONS.get(code) ?? refuse('an unknown nation') };
      const common = commonFields(get(at.name), at, get);
      const number = checked(get(at.number));
      return { type, ...common, number, nation, address: get(at.address), authority: get(at.authority) };
    }
    case 'hk-macao-taiwan': {
      const at = LAYOUTS[type];
      return {
        type,
        ...commonFields(get(at.name), at, get),
        number: checked(get(at.number)),
        address: get(at.address),
        authority: get(at.authority),
        permitNumber: get(at.permitNumber),
        issueCount: count(get(at.issueCount), 'issue count'),
      };
    }
    case 'foreigner-2017': {
      const at = LAYOUTS[type];
      const englishName = get(at.englishName);
      const chineseName = get(at.chineseName);
      const number = get(at.number);
      if (!/^[A-Z0-9]{15}$/.test(number)) refuse('a number that is not 15 letters and digits');
      return {
        type,
        ...commonFields(chineseName || englishName, at, get),
        number,
        englishName,
        chineseName,
        nationality: country(get(at.nationality)),
        authorityCode: get(at.authorityCode),
        version: get(at.version),
      };
    }
    case 'foreigner-2023': {
      const at = LAYOUTS[type];
      const chineseName = get(at.chineseName);
      // One name over two fields: padding between them stands for at most one space.
      const rest = get(at.englishName2);
      const englishName =
        rest === '' ? get(at.englishName1) : raw(at.englishName1).replace(/ +$/, ' ') + rest;
      return {
        type,
        ...commonFields(chineseName || englishName, at, get),
        number: checked(get(at.number)),
        englishName,
        chineseName,
        nationality: country(get(at.nationality)),
        renewalCount: count(get(at.renewalCount), 'renewal count'),
      };
    }
    default:
      return type satisfies never;
  }
}

/** C0 controls, DEL and C1 controls: commands to a printer, never part of a name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

function rawText(record: Uint8Array, offset: number, bytes: number): string {
  const view = new DataView(record.buffer, record.byteOffset + offset, bytes);
  let text = '';
  // By code unit, so that nothing is replaced: half of a surrogate pair stays what it is.
  for (let at = 0; at < bytes; at += 2) text += String.fromCharCode(view.getUint16(at, true));
  return text;
}

interface CommonLayout {
  readonly sex: Field;
  readonly birth: Field;
  readonly validFrom: Field;
  readonly validTo: Field;
}

function commonFields(name: string, at: CommonLayout, get: (field: Field) => string) {
  if (name === '') refuse('no name');
  const validTo = get(at.validTo);
  return {
    name,
    sex: SEXES.get(get(at.sex)) ?? refuse('an unknown sex'),
    birth: date(get(at.birth), 'birth'),
    validFrom: date(get(at.validFrom), 'valid from'),
    validTo: validTo === '长期' ? null : date(validTo, 'valid to'),
  };
}

const SEXES: ReadonlyMap<string, Sex> = new Map([
  ['0', 'unknown'],
  ['1', 'male'],
  ['2', 'female'],
  ['9', 'unspecified'],
]);

/** `YYYYMMDD` to `YYYY-MM-DD`. */
function date(digits: string, field: string): string {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(digits) ?? refuse(`not a date: ${field}`);
  const iso = `${year}-${month}-${day}`;
  const time = Date.parse(`${iso}T00:00:00Z`);
  // Date.parse carries the 30th of February over into March.
  const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso);
  return exists ? iso : refuse(`not a date: ${field}`);
}

function checked(number: string): string {
  if (!/^\d{17}[\dX]$/.test(number)) refuse('a number that is not 18 digits');
  if (!hasRightCheckDigit(number)) {
    throw new Refusal({ reason: 'check-digit', detail: 'the number does not match its check digit' });
  }
  return number;
}

const count = (digits: string, field: string): number =>
  /^\d{1,2}$/.test(digits) ? Number(digits) : refuse(`not a count: ${field}`);

const country = (code: string): string => (/^[A-Z]{3}$/.test(code) ? code : refuse('not a country code'));
