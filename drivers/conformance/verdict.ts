import { type CheckResult, failed, skipped } from './check.ts';

/** Ends a check from within, however deep; see {@link verdictOf}. */
export class Verdict extends Error {
  readonly result: CheckResult;

  constructor(result: CheckResult) {
    super(result.detail ?? '');
    this.result = result;
  }
}

export const fail = (detail: string): never => {
  throw new Verdict(failed(detail));
};

export const skip = (detail: string): never => {
  throw new Verdict(skipped(detail));
};

/** How a check went that may have been ended by a verdict; anything else that is thrown stays thrown. */
export async function verdictOf(run: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Verdict) return error.result;
    throw error;
  }
}
