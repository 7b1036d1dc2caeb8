import { cardReaderChecks } from './card-reader-checks.ts';
import type { GuestCheck } from './check.ts';
import { gpioChecks } from './gpio-checks.ts';
import { hidChecks } from './hid-checks.ts';
import { listingChecks } from './listing-checks.ts';
import { printerChecks } from './printer-checks.ts';
import { scannerChecks } from './scanner-checks.ts';
import { serialChecks } from './serial-checks.ts';

/** In the order in which they run. */
export const checks: readonly GuestCheck[] = [
  ...hidChecks,
  ...printerChecks,
  ...cardReaderChecks,
  ...serialChecks,
  ...scannerChecks,
  ...gpioChecks,
  ...listingChecks,
];
