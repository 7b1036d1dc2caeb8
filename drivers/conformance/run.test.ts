import { expect, test } from 'vitest';
import { type Check, failed, formatReport, passed, runChecks, skipped } from './index.ts';

const check = (id: string, run: Check<number>['run']): Check<number> => ({ id, title: `it does ${id}`, run });
const steps = () => {
  let time = 0;
  return () => (time += 5);
};

test('checks run in order with their context, and a report says how each went', async () => {
  const seen: string[] = [];
  const report = await runChecks({
    subject: 'a thing',
    context: 7,
    now: steps(),
    checks: [
      check('one', async (context) => passed(`with ${context}`)),
      check('two', async () => skipped('nobody is there')),
    ],
    onCheck: ({ id, outcome }) => seen.push(`${id} ${outcome}`),
  });
  expect(seen).toEqual(['one passed', 'two skipped']);
  expect([report.conforms, report.complete]).toEqual([true, false]);
  expect(formatReport(report).split('\n')).toEqual([
    'a thing',
    'ok      it does one (with 7)  5 ms',
    'skipped it does two (nobody is there)  5 ms',
    'It conforms as far as it was checked: 1 passed, 0 failed, 1 skipped.',
  ]);
});

test('what passed everything conforms, without a reserve', async () => {
  const checks = [check('one', async () => passed())];
  const report = await runChecks({ subject: 'a thing', context: 0, now: steps(), checks });
  expect([report.conforms, report.complete]).toEqual([true, true]);
  expect(formatReport(report).split('\n').at(-1)).toBe('It conforms: 1 passed, 0 failed, 0 skipped.');
});

test('a check that fails or throws is told, and the others still run', async () => {
  const report = await runChecks({
    subject: 'a thing',
    context: 0,
    now: steps(),
    checks: [
      check('one', async () => failed('it is blue')),
      check('two', async () => {
        throw new Error('it fell over');
      }),
      check('three', async () => passed()),
    ],
  });
  expect(report.conforms).toBe(false);
  expect(report.checks.map(({ outcome, detail }) => [outcome, detail])).toEqual([
    ['failed', 'it is blue'],
    ['failed', 'it threw: it fell over'],
    ['passed', undefined],
  ]);
});

test('what was only skipped does not conform', async () => {
  const checks = [check('one', async () => skipped('no device'))];
  const report = await runChecks({ subject: 'a thing', context: 0, now: steps(), checks });
  expect(report.conforms).toBe(false);
});
