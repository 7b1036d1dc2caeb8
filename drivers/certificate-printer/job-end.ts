/** Whether paper came out of a job that ended without success: decided once, for whoever asks. Pure. */

import type { JobReport } from './print-service.ts';

/** Some printers say zero of every job; one that has counted a sheet of any job is believed to count. */
export const countsSheets = (jobs: readonly JobReport[]): boolean =>
  jobs.some(({ sheets }) => sheets !== undefined && sheets > 0);

/**
 * Whether it is proven that no sheet came out: the printer says that it never began the job, or it counts sheets and
 * has counted none. What is not told proves nothing.
 */
export const isProvenEmpty = ({ sheets, begun }: JobReport, counts: boolean): boolean => {
  if (sheets !== undefined && sheets > 0) return false;
  return begun === false || (sheets === 0 && counts);
};
