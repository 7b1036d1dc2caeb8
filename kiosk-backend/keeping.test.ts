import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { backupSuite } from './backup/backup.suite.ts';
import { severalSuite } from './several.suite.ts';
import { versionsSuite } from './storage/versions.suite.ts';
import { type Places, postgresHere, startPostgres } from './testing/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'huimin-keeping-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runSuites(places: Places): void {
  describe('versions', () => versionsSuite(places));
  describe('backups', () => backupSuite(places));
  describe('several backends', () => severalSuite(places));
}

const newFolder = (): string => mkdtempSync(join(folder, 'data-'));

describe('keeping on SQLite', { timeout: 90_000 }, () => {
  runSuites({ kind: 'sqlite', fresh: async () => ({ data: newFolder(), databaseUrl: undefined }) });
});

const absent = 'absent' in postgresHere ? postgresHere.absent : null;
describe.skipIf(absent !== null)(
  `keeping on PostgreSQL${absent ? ` (left out here: ${absent})` : ''}`,
  { timeout: 90_000 },
  () => {
    let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
    beforeAll(async () => {
      if ('bin' in postgresHere) postgres = await startPostgres(postgresHere.bin);
    }, 60_000);
    afterAll(() => postgres?.close(), 60_000);
    runSuites({
      kind: 'postgres',
      fresh: async () => ({ data: newFolder(), databaseUrl: await postgres?.newDatabase() }),
    });
  },
);
