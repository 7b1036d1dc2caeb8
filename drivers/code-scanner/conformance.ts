import {
  type Check,
  type CheckResult,
  failed,
  passed,
  type SupervisedContext,
  skipped,
  supervisedChecks,
  whileOnline,
} from '../conformance/index.ts';
import type { CodeScanner, CodeScannerEvent } from './scanner.ts';

/** `scan`: hold the code of `expected` (or any) before the window, once. */
export interface CodeScannerContext extends SupervisedContext<CodeScanner, 'scan'> {
  /** What the code says, where it is known. */
  readonly expected?: string;
}

/** A person at a desk has this long to hold a code before the window. */
const PATIENCE_MS = 30_000;
/** Long enough for a code that is told twice to be told twice. */
const ECHO_MS = 300;

export const codeScannerChecks: readonly Check<CodeScannerContext>[] = [
  ...supervisedChecks,
  {
    id: 'reads-a-code',
    title: 'a code that is held before it is read, as it is',
    run: (context) =>
      whileOnline(context, async (scanner): Promise<CheckResult> => {
        const abort = new AbortController();
        const reading = scanner.read({ timeoutMs: PATIENCE_MS, signal: abort.signal });
        const scanned = await context.hands('scan');
        if (!scanned) abort.abort();
        const read = await reading;
        if (!scanned) return skipped('nobody held a code before it');
        if (!read.ok) return failed(`it ended with ${read.error.reason}`);
        if (context.expected !== undefined && read.value.text !== context.expected) {
          return failed('it read something else than the code says');
        }
        if (scanner.capabilities.symbology && read.value.symbology === null) {
          return failed('it does not tell the symbology though it should');
        }
        return passed(`${read.value.text.length} characters`);
      }),
  },
  {
    id: 'once',
    title: 'a code that is held before it once is told once',
    run: (context) =>
      whileOnline(context, async (scanner): Promise<CheckResult> => {
        const events: CodeScannerEvent[] = [];
        scanner.onEvent((event) => events.push(event));
        const reading = scanner.read({ timeoutMs: PATIENCE_MS });
        if (!(await context.hands('scan'))) return skipped('nobody held a code before it');
        await reading;
        await scanner.read({ timeoutMs: ECHO_MS });
        return events.length === 1 ? passed() : failed(`it was told ${events.length} times`);
      }),
  },
  {
    id: 'ends-in-time',
    title: 'waiting for a code ends in time and when it is canceled',
    run: (context) =>
      whileOnline(context, async (scanner): Promise<CheckResult> => {
        const late = await scanner.read({ timeoutMs: 50 });
        if (late.ok) return skipped('a code came meanwhile');
        if (late.error.reason !== 'timed-out') return failed(`too late is told as ${late.error.reason}`);
        const abort = new AbortController();
        const reading = scanner.read({ signal: abort.signal });
        abort.abort();
        const ended = await reading;
        if (ended.ok || ended.error.reason !== 'canceled') return failed('canceling did not end it');
        return passed();
      }),
  },
];
