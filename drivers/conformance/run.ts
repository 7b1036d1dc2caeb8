import type { Check, CheckResult } from './check.ts';

/** One line of a report. */
export interface CheckReport {
  readonly id: string;
  readonly title: string;
  readonly outcome: CheckResult['outcome'];
  readonly detail?: string;
  /** How long it took, milliseconds. */
  readonly tookMs: number;
}

export interface ConformanceReport {
  /** What was checked, e.g. `ID card reader on serial /dev/ttyUSB0 115200`. */
  readonly subject: string;
  /** True when nothing failed and something passed: as far as was checked, see `complete`. */
  readonly conforms: boolean;
  /** True when nothing was skipped. */
  readonly complete: boolean;
  readonly checks: readonly CheckReport[];
}

export interface RunOptions<Context> {
  readonly subject: string;
  readonly checks: readonly Check<Context>[];
  readonly context: Context;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Told after each check. */
  readonly onCheck?: (report: CheckReport) => void;
}

/** Runs the checks one after the other; a device stands on a desk and does one thing at a time. */
export async function runChecks<Context>(options: RunOptions<Context>): Promise<ConformanceReport> {
  const { subject, checks, context, now, onCheck } = options;
  const reports: CheckReport[] = [];
  for (const { id, title, run } of checks) {
    const from = now();
    const result = await run(context).catch(
      (error: unknown): CheckResult => ({
        outcome: 'failed',
        detail: `it threw: ${error instanceof Error ? error.message : String(error)}`,
      }),
    );
    const report = { id, title, ...result, tookMs: Math.round(now() - from) };
    reports.push(report);
    onCheck?.(report);
  }
  const outcomes = reports.map(({ outcome }) => outcome);
  const conforms = !outcomes.includes('failed') && outcomes.includes('passed');
  return { subject, conforms, complete: !outcomes.includes('skipped'), checks: reports };
}

const MARKS = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' } as const;

/** One check as a line for a terminal. */
export const formatCheck = ({ outcome, title, detail, tookMs }: CheckReport): string =>
  `${MARKS[outcome]} ${title}${detail === undefined ? '' : ` (${detail})`}  ${tookMs} ms`;

/** The whole report as text for a technician. */
export function formatReport({ subject, conforms, complete, checks }: ConformanceReport): string {
  const count = (outcome: CheckResult['outcome']): number =>
    checks.filter((check) => check.outcome === outcome).length;
  const sum = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
  const verdict = !conforms
    ? 'It does not conform'
    : complete
      ? 'It conforms'
      : 'It conforms as far as it was checked';
  return [subject, ...checks.map(formatCheck), `${verdict}: ${sum}.`].join('\n');
}
