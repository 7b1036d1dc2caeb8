import { type LookedUp, manualClock, ok } from '@huimin/drivers';
import { expect, test } from 'vitest';
import type { Commit } from '../store/index.ts';
import { settleOpenPrints } from './settle.ts';

const help = { kind: 'help.requested', visit: 'visit-1', screen: 'paper' } as const;

/** What is committed of one certificate that a stop left open, when the printer says this of its job. */
async function settled(found: LookedUp, state: 'intent' | 'sent'): Promise<Commit[]> {
  const page = {
    entry: 'entry-1',
    visit: 'visit-1',
    document: 'certificate' as const,
    number: 'HM-1',
    state,
    issues: help,
  };
  const commits: Commit[] = [];
  await settleOpenPrints(
    {
      live: new Set(),
      clock: manualClock(),
      wake: () => undefined,
      store: {
        openPrints: async () => [page],
        commit: async (change) => {
          commits.push(change);
          return ok(undefined);
        },
      },
      certificatePrinter: { lookup: async (entry) => (entry === page.entry ? ok(found) : ok('absent')) },
    },
    new AbortController().signal,
  );
  return commits;
}

test.each([
  ['delivered', 'sent', 'confirmed'],
  ['failed', 'sent', 'failed'],
  ['unknown', 'sent', 'unknown'],
  ['unknown', 'intent', 'unknown'],
  ['absent', 'sent', 'unknown'],
  ['absent', 'intent', 'failed'],
] as const)('the printer says %s of a page that was %s: %s', async (found, was, becomes) => {
  const commits = await settled(found, was);
  expect(commits).toMatchObject([{ print: { entry: 'entry-1', state: becomes } }]);
  const kinds = commits.flatMap(({ events = [] }) => events.map(({ kind }) => kind));
  expect(kinds).toEqual([...(becomes === 'failed' ? [] : ['help.requested']), 'print.recorded']);
});
