import type { IdCard } from './card.ts';

/** Where a field lies in the 256-byte text record: UTF-16LE, padded with spaces. */
export interface Field {
  readonly offset: number;
  readonly bytes: number;
}

export const RECORD_BYTES = 256;

/** Tells the kind of card. */
export const TYPE_FLAG: Field = { offset: 248, bytes: 2 };

export const TYPES: ReadonlyMap<string, IdCard['type']> = new Map([
  ['', 'citizen'],
  ['J', 'hk-macao-taiwan'],
  ['I', 'foreigner-2017'],
  ['Y', 'foreigner-2023'],
]);

const at = (offset: number, bytes: number): Field => ({ offset, bytes });

/** GA/T 467-2019 and its additions for the other three cards. */
export const LAYOUTS = {
  citizen: {
    name: at(0, 30),
    sex: at(30, 2),
    nation: at(32, 4),
    birth: at(36, 16),
    address: at(52, 70),
    number: at(122, 36),
    authority: at(158, 30),
    validFrom: at(188, 16),
    validTo: at(204, 16),
  },
  'hk-macao-taiwan': {
    name: at(0, 30),
    sex: at(30, 2),
    birth: at(36, 16),
    address: at(52, 70),
    number: at(122, 36),
    authority: at(158, 30),
    validFrom: at(188, 16),
    validTo: at(204, 16),
    permitNumber: at(220, 18),
    issueCount: at(238, 4),
  },
  'foreigner-2017': {
    englishName: at(0, 120),
    sex: at(120, 2),
    number: at(122, 30),
    nationality: at(152, 6),
    chineseName: at(158, 30),
    validFrom: at(188, 16),
    validTo: at(204, 16),
    birth: at(220, 16),
    version: at(236, 4),
    authorityCode: at(240, 8),
  },
  'foreigner-2023': {
    chineseName: at(0, 30),
    sex: at(30, 2),
    renewalCount: at(32, 4),
    birth: at(36, 16),
    englishName1: at(52, 70),
    number: at(122, 36),
    validFrom: at(188, 16),
    validTo: at(204, 16),
    englishName2: at(220, 22),
    nationality: at(242, 6),
  },
} as const satisfies Record<IdCard['type'], Record<string, Field>>;
