import { codeOfUsage, usageOfCode } from './usages.ts';

/** A key that went down or up. */
export interface KeyChange {
  readonly code: string;
  readonly down: boolean;
}

/** Boot keyboard report: modifiers, reserved, six usages (HID 1.11, appendix B.1). */
const REPORT_BYTES = 8;
const FIRST_KEY = 2;
const FIRST_MODIFIER = 0xe0;
/** Usages 1 to 3: too many keys at once, or a failed test; they say nothing about keys. */
const LAST_ERROR = 3;

/** Finds out what went down and up from one report to the next. */
export interface BootKeyboard {
  /** Reports that are too short, or none of ours, or that tell an error change nothing. */
  push(report: Uint8Array): KeyChange[];
}

export function bootKeyboard(reportId?: number): BootKeyboard {
  let held: ReadonlySet<number> = new Set();
  return {
    push(report) {
      if (reportId !== undefined && report[0] !== reportId) return [];
      const body = report.subarray(reportId === undefined ? 0 : 1);
      if (body.length < REPORT_BYTES) return [];
      const keys = body.subarray(FIRST_KEY, REPORT_BYTES);
      if (keys.some((usage) => usage > 0 && usage <= LAST_ERROR)) return [];
      const modifiers = Array.from({ length: 8 }, (_, bit) => bit)
        .filter((bit) => ((body[0] ?? 0) >> bit) & 1)
        .map((bit) => FIRST_MODIFIER + bit);
      const now = new Set([...modifiers, ...keys].filter((usage) => usage !== 0));
      const before = held;
      held = now;
      return [
        ...changes(
          [...before].filter((usage) => !now.has(usage)),
          false,
        ),
        ...changes(
          [...now].filter((usage) => !before.has(usage)),
          true,
        ),
      ];
    },
  };
}

const changes = (usages: readonly number[], down: boolean): KeyChange[] =>
  usages.flatMap((usage) => {
    const code = codeOfUsage(usage);
    return code === null ? [] : [{ code, down }];
  });

/** The report of a keyboard with these keys held; for the simulator. More than six are too many (usage 1). */
export function encodeBootReport(codes: Iterable<string>, reportId?: number): Uint8Array {
  const body = new Uint8Array(REPORT_BYTES);
  let at = FIRST_KEY;
  for (const code of codes) {
    const usage = usageOfCode(code) ?? 0;
    if (usage >= FIRST_MODIFIER) body[0] = (body[0] ?? 0) | (1 << (usage - FIRST_MODIFIER));
    else if (at === REPORT_BYTES) body.fill(1, FIRST_KEY);
    else body[at++] = usage;
  }
  return reportId === undefined ? body : Uint8Array.of(reportId, ...body);
}
