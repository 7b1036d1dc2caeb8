const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const DIGITS = '10X98765432';

/** The check digit of the first 17 digits of a citizen number, `0`-`9` or `X` (GB 11643-1999, ISO 7064 MOD 11-2). */
export function checkDigit(first17: string): string {
  if (!/^\d{17}$/.test(first17)) throw new RangeError('a check digit needs 17 digits');
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(first17[i]), 0);
  return DIGITS.charAt(sum % 11);
}

/** Whether an 18-character number ends in its right check digit. */
export const hasRightCheckDigit = (number: string): boolean =>
  /^\d{17}[\dX]$/.test(number) && checkDigit(number.slice(0, 17)) === number[17];
