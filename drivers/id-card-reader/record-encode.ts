import type { IdCard, Sex } from './card.ts';
import { type Field, LAYOUTS, RECORD_BYTES, TYPE_FLAG } from './record-layout.ts';

const SEX_CODES: Record<Sex, string> = { unknown: '0', male: '1', female: '2', unspecified: '9' };

/**
 * The 256-byte text record a card's chip would hold: the inverse of `decodeRecord`, for simulators and tests.
 * Throws `RangeError` if a field does not fit.
 */
export function encodeRecord(card: IdCard): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES);
  const view = new DataView(record.buffer);
  for (let at = 0; at < RECORD_BYTES; at += 2) view.setUint16(at, 0x20, true);
  const put = (field: Field, text: string) => {
    if (text.length * 2 > field.bytes)
      throw new RangeError(`too long for its field: ${text.length} characters`);
    for (let i = 0; i < text.length; i++) view.setUint16(field.offset + i * 2, text.charCodeAt(i), true);
  };

  const dates = LAYOUTS[card.type];
  put(dates.sex, SEX_CODES[card.sex]);
  put(dates.birth, digits(card.birth));
  put(dates.validFrom, digits(card.validFrom));
  put(dates.validTo, card.validTo === null ? '长期' : digits(card.validTo));
  put(dates.number, card.number);

  switch (card.type) {
    case 'citizen': {
      const at = LAYOUTS[card.type];
      put(at.name, card.name);
      put(at.nation, card.nation.code);
      put(at.address, card.address);
      put(at.authority, card.authority);
      return record;
    }
    case 'hk-macao-taiwan': {
      const at = LAYOUTS[card.type];
      put(TYPE_FLAG, 'J');
      put(at.name, card.name);
      put(at.address, card.address);
      put(at.authority, card.authority);
      put(at.permitNumber, card.permitNumber);
      put(at.issueCount, twoDigits(card.issueCount));
      return record;
    }
    case 'foreigner-2017': {
      const at = LAYOUTS[card.type];
      put(TYPE_FLAG, 'I');
      put(at.englishName, card.englishName);
      put(at.chineseName, card.chineseName);
      put(at.nationality, card.nationality);
      put(at.authorityCode, card.authorityCode);
      put(at.version, card.version);
      return record;
    }
    case 'foreigner-2023': {
      const at = LAYOUTS[card.type];
      const firstPart = at.englishName1.bytes / 2;
      put(TYPE_FLAG, 'Y');
      put(at.chineseName, card.chineseName);
      put(at.englishName1, card.englishName.slice(0, firstPart));
      put(at.englishName2, card.englishName.slice(firstPart));
      put(at.nationality, card.nationality);
      put(at.renewalCount, twoDigits(card.renewalCount));
      return record;
    }
    default:
      return card satisfies never;
  }
}

const digits = (isoDate: string): string => isoDate.replaceAll('-', '');
const twoDigits = (count: number): string => String(count).padStart(2, '0');
