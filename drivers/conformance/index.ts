export { type Check, type CheckResult, failed, type Hands, passed, skipped } from './check.ts';
export {
  type CheckReport,
  type ConformanceReport,
  formatCheck,
  formatReport,
  type RunOptions,
  runChecks,
} from './run.ts';
export {
  ONLINE_WITHIN_MS,
  type SupervisedContext,
  statusIs,
  supervisedChecks,
  whileOnline,
} from './supervised.ts';
export { fail, skip, verdictOf } from './verdict.ts';
