import { describe, expect, test } from 'vitest';
import { postgresHere, startPostgres } from '../testing/index.ts';
import { isGood, simulate, type Target } from './index.ts';

const run = (target: Target, faults: number) =>
  simulate({
    kiosks: 40,
    events: 20,
    concurrency: 40,
    faults,
    seed: 'test',
    target,
    say: () => undefined,
    onInterrupt: () => undefined,
  });

const absent = 'absent' in postgresHere ? postgresHere.absent : null;

describe('a reconnect storm', { timeout: 90_000 }, () => {
  test('loses and doubles nothing on SQLite, though every third answer is lost', async () => {
    const report = await run({ kind: 'sqlite' }, 0.3);
    expect(report).toMatchObject({ drained: 800, lost: 0, doubled: 0, chainBreaks: 0, refused: 0 });
    expect(report.answersLost).toBeGreaterThan(0);
    expect(report.retries).toBeGreaterThanOrEqual(report.answersLost);
    expect(isGood(report)).toBe(true);
  });

  test.skipIf(absent !== null)(
    `nor on PostgreSQL${absent ? ` (left out here: ${absent})` : ''}`,
    async () => {
      const postgres = await startPostgres('bin' in postgresHere ? postgresHere.bin : '');
      try {
        const report = await run({ kind: 'database', databaseUrl: await postgres.newDatabase() }, 0.3);
        expect(report).toMatchObject({ drained: 800, lost: 0, doubled: 0, chainBreaks: 0, refused: 0 });
        expect(report.answersLost).toBeGreaterThan(0);
      } finally {
        await postgres.close();
      }
    },
  );
});
