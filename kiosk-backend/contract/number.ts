/** Digits of a serial: one kiosk can issue 999,999 certificates. */
export const SERIAL_DIGITS = 6;

/** Kiosk numbers have four digits; 0000 is the last that is given. */
export const MOST_KIOSKS = 10_000;

/** A certificate number reads `<type>-<kiosk number>-<serial>`, e.g. `JZ-0007-000123`. */
export const formatNumber = (prefix: string, kioskNumber: string, serial: number): string =>
  `${prefix}-${kioskNumber}-${String(serial).padStart(SERIAL_DIGITS, '0')}`;

/** The serial in a certificate number of this kiosk; null when the number is not one of that kiosk's. */
export function serialIn(number: string, kioskNumber: string): number | null {
  const [, kiosk, serial] = /^[A-Z]+-(\d{4})-(\d{6})$/.exec(number) ?? [];
  return kiosk === kioskNumber ? Number(serial) : null;
}

/** How numbers are compared: what people type differently (case, spaces, dashes, full width) left out. */
export const normaliseNumber = (number: string): string =>
  number
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
