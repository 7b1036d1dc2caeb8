import type { IdCard } from '../id-card-reader/index.ts';

/**
 * What may be shown of a person's data when nobody asked for it: enough for a technician to see that a device reads,
 * too little to know whom it read. Every field is masked by name, so that a new one is hidden until somebody decides
 * otherwise; nothing but the shown part and a fixed filling enters the result.
 */

const HIDDEN = '***';

/** The first `count` characters, but never more than half of what there is. */
const start = (text: string, count: number): string => {
  const characters = [...text];
  return characters.slice(0, Math.min(count, Math.floor(characters.length / 2))).join('');
};

/** The surname's first character. Names of one character are hidden altogether. */
export const maskName = (name: string): string => (name === '' ? '' : `${start(name, 1)}*`);

/** The first four and the last two characters of a long number, the first two of a shorter one. */
export function maskNumber(number: string): string {
  if (number === '') return '';
  const long = [...number].length >= 12;
  return long ? `${number.slice(0, 4)}${HIDDEN}${number.slice(-2)}` : `${start(number, 2)}${HIDDEN}`;
}

/** The first six characters: province and city, seldom more. */
export const maskAddress = (address: string): string =>
  address === '' ? '' : `${start(address, 6)}${HIDDEN}`;

/** A scanned code may say anything about anybody: its first four characters. */
export const maskCode = (code: string): string => (code === '' ? '' : `${start(code, 4)}${HIDDEN}`);

const MASKED_DATE = '****-**-**';

type Shown = (value: string) => string;
const names: Readonly<Record<string, Shown>> = {
  type: (value) => value,
  name: maskName,
  englishName: maskName,
  chineseName: maskName,
  number: maskNumber,
  permitNumber: maskNumber,
  uid: maskNumber,
  address: maskAddress,
  latestAddress: maskAddress,
  birth: () => MASKED_DATE,
  validFrom: () => MASKED_DATE,
  validTo: () => MASKED_DATE,
};

/** A record of a person as plain fields, each masked by the rule of its name; what has no rule is hidden. */
export function maskFields(record: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      const shown = names[name];
      if (shown === undefined) return [name, HIDDEN];
      // null is 长期, without end; that too is the person's.
      return [name, shown(typeof value === 'string' ? value : '?')];
    }),
  );
}

export const maskCard = (card: IdCard): Readonly<Record<string, string>> => maskFields(card);
