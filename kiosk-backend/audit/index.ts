/** Who did what: a chain of entries that only grows, and that a command checks. */
export { checkAudit, entries, lastEntries, type Verdict } from './check.ts';
export type { Entry } from './entry.ts';
export { type Act, type Action, type Actor, recordAct, recordActs } from './record.ts';
export { type Recorder, startRecorder } from './recorder.ts';
