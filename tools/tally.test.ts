import { expect, test } from 'vitest';
import { add, failuresIn, nothing, one, tallyLine, tallyReport } from './tally.ts';

const report = (counts: object, testResults: object[] = []) =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults,
    ...counts,
  });

test('the last line names what was skipped only when something was', () => {
  expect(tallyLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  expect(tallyLine({ passed: 12, failed: 1, skipped: 3 })).toBe('12 passed, 1 failed, 3 skipped');
  expect(tallyLine(add(add(nothing, one(true)), one(false)))).toBe('1 passed, 1 failed');
});

test("vitest's counts are taken over", () => {
  const counts = { numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 };
  expect(tallyReport(report(counts), false)).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

test('nothing that went wrong is lost: a file that did not load, an error beside the tests, no report', () => {
  const unloaded = { status: 'failed', assertionResults: [] };
  expect(tallyReport(report({ numPassedTests: 5 }, [unloaded]), false)).toMatchObject({
    passed: 5,
    failed: 1,
  });
  const failed = { status: 'failed', assertionResults: [{}] };
  expect(tallyReport(report({ numFailedTests: 1 }, [failed]), false)).toMatchObject({ failed: 1 });
  expect(tallyReport(report({ numPassedTests: 5 }), false)).toMatchObject({ passed: 5, failed: 1 });
  expect(tallyReport(report({ numPassedTests: 5 }), true)).toMatchObject({ passed: 5, failed: 0 });
  expect(tallyReport(undefined, true)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('what failed is named with the first line of why, a file that did not load included', () => {
  const passed = { fullName: 'good', status: 'passed', failureMessages: [] };
  const failed = { fullName: 'bad', status: 'failed', failureMessages: ['it was 3\n    at x.ts:1'] };
  const files = [
    { name: 'a.ts', status: 'failed', message: '', assertionResults: [passed, failed] },
    { name: 'b.ts', status: 'failed', message: 'no such module', assertionResults: [] },
    { name: 'c.ts', status: 'passed', message: '', assertionResults: [passed] },
  ];
  expect(failuresIn(report({}, files))).toEqual(['a.ts > bad: it was 3', 'b.ts: no such module']);
});
