import fc from 'fast-check';
import type { CitizenCard, IdCard } from '../card.ts';
import { checkDigit } from '../check-digit.ts';
import { NATIONS } from '../nations.ts';

/** Cards of people who do not exist, for tests. Numbers are computed, never taken from anywhere. */

const withCheckDigit = (first17: string): string => first17 + checkDigit(first17);

/** A citizen whose name and number tell `index` apart. */
export function inventedCitizen(index: number): CitizenCard {
  return {
    type: 'citizen',
    name: `虚构${'甲乙丙丁戊己庚辛壬癸'.charAt(index % 10)}`,
    sex: index % 2 === 0 ? 'female' : 'male',
    nation: { code: '01', name: '汉' },
    birth: '1950-02-28',
    address: `虚构省虚构市虚构路${index}号`,
    number: withCheckDigit(`33010619500228${String(index % 1000).padStart(3, '0')}`),
    authority: '虚构市公安局',
    validFrom: '2015-06-01',
    validTo: null,
  };
}

const date = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));

/** Text as on a card: CJK, private-use and supplementary characters, inner spaces; `max` UTF-16 units, no outer spaces. */
const text = (max: number) =>
  fc
    .array(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((c) => String.fromCodePoint(c)),
        },
        fc.integer({ min: 0xe000, max: 0xf8ff }).map((c) => String.fromCodePoint(c)),
        fc.constantFrom('𠮷', '·', '号', ' ', '3', 'A'),
      ),
      { minLength: 1, maxLength: max },
    )
    .map((chars) => chars.join('').slice(0, max).trim() || '某');

const letters = (max: number) =>
  fc
    .array(fc.stringMatching(/^[A-Z]{1,9}$/), { minLength: 1, maxLength: 12 })
    .map((words) => words.join(' ').slice(0, max).trim());

const capitals = (length: number) => fc.stringMatching(new RegExp(`^[A-Z]{${length}}$`));
const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const number18 = (prefix: string) => digits(17 - prefix.length).map((rest) => withCheckDigit(prefix + rest));

const common = {
  sex: fc.constantFrom('male', 'female', 'unknown', 'unspecified'),
  birth: date,
  validFrom: date,
  validTo: fc.option(date, { nil: null }),
} as const;

const named = fc.record({ chineseName: fc.oneof(fc.constant(''), text(15)), englishName: letters(46) });

const citizen = fc.record({
  type: fc.constant('citizen'),
  name: text(15),
  ...common,
  nation: fc.constantFrom(...NATIONS).map(([code, name]) => ({ code, name })),
  address: text(35),
  number: number18('330106'),
  authority: text(15),
});

const hkMacaoTaiwan = fc.record({
  type: fc.constant('hk-macao-taiwan'),
  name: text(15),
  ...common,
  address: text(35),
  number: fc.constantFrom('810000', '820000', '830000').chain(number18),
  authority: text(15),
  permitNumber: fc.stringMatching(/^H[0-9]{8}$/),
  issueCount: fc.integer({ min: 0, max: 99 }),
});

const foreigner2017 = fc
  .record({
    type: fc.constant('foreigner-2017'),
    ...common,
    names: named,
    number: fc.tuple(capitals(3), digits(12)).map((parts) => parts.join('')),
    nationality: capitals(3),
    authorityCode: digits(4),
    version: digits(2),
  })
  .map(({ names, ...card }) => ({ ...card, ...names, name: names.chineseName || names.englishName }));

const foreigner2023 = fc
  .record({
    type: fc.constant('foreigner-2023'),
    ...common,
    names: named,
    number: number18('9'),
    nationality: capitals(3),
    renewalCount: fc.integer({ min: 0, max: 99 }),
  })
  .map(({ names, ...card }) => ({ ...card, ...names, name: names.chineseName || names.englishName }));

/** Any card of any of the four kinds. */
export const anyCard: fc.Arbitrary<IdCard> = fc.oneof(citizen, hkMacaoTaiwan, foreigner2017, foreigner2023);
