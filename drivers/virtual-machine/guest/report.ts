import type { CheckResult } from './check.ts';

/** The name of the virtual serial port that the guest reports by; whole lines of text, towards the host only. */
export const REPORT_PORT = 'report';

/** What the guest tells the host, one JSON object a line. */
export type GuestReport =
  | { readonly kind: 'up'; readonly seconds: number }
  | { readonly kind: 'result'; readonly result: CheckResult }
  /** An exception nobody caught, told for whoever reads the log. */
  | { readonly kind: 'trouble'; readonly text: string }
  | { readonly kind: 'end' };
