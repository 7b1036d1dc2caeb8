import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditSuite } from './audit/audit.suite.ts';
import { consoleSuite } from './console/console.suite.ts';
import { errorResponseSchema } from './contract/index.ts';
import { fleetSuite } from './fleet/fleet.suite.ts';
import { telemetrySuite } from './fleet/telemetry.suite.ts';
import { carriedSuite } from './ingest/carried.suite.ts';
import { ingestSuite } from './ingest/ingest.suite.ts';
import { privacySuite } from './privacy/privacy.suite.ts';
import { registrySuite } from './registry/registry.suite.ts';
import { httpSuite } from './server.suite.ts';
import { type Backend, startBackend } from './server.ts';
import { sharesSuite } from './shares/shares.suite.ts';
import { openStorage, type Storage } from './storage/index.ts';
import { type Bench, help, postgresHere, startPostgres, TestKiosk } from './testing/index.ts';
import { verifySuite } from './verify/verify.suite.ts';

const suites: Readonly<Record<string, (bench: Bench) => void>> = {
  http: httpSuite,
  fleet: fleetSuite,
  telemetry: telemetrySuite,
  registry: registrySuite,
  ingest: ingestSuite,
  carried: carriedSuite,
  verify: verifySuite,
  console: consoleSuite,
  audit: auditSuite,
  privacy: privacySuite,
  shares: sharesSuite,
};

/** Runs every suite on a backend of its own over a database of its own. */
function runSuites(newDatabase: () => Promise<string | undefined>): void {
  for (const [name, suite] of Object.entries(suites)) {
    describe(name, () => {
      const data = mkdtempSync(join(tmpdir(), 'huimin-backend-'));
      let time = new Date('2026-11-22T09:00:00.000Z');
      let backend: Backend | undefined;
      let db: Storage | undefined;
      beforeAll(async () => {
        const databaseUrl = await newDatabase();
        backend = await startBackend({
          data,
          databaseUrl,
          host: '127.0.0.1',
          port: 0,
          demo: true,
          operator: '示范市社区服务',
          // A suite enrols more kiosks than one address may, as fast as the machine is.
          enrolmentsAMinute: 10_000,
          now: () => time,
        });
        db = await openStorage({ data, databaseUrl });
      }, 60_000);
      afterAll(async () => {
        await backend?.close();
        await db?.destroy();
        rmSync(data, { recursive: true, force: true });
      });
      suite({
        get url() {
          return backend?.url ?? '';
        },
        get db() {
          if (!db) throw new Error('Only within a test');
          return db;
        },
        setNow: (iso) => {
          time = new Date(iso);
        },
      });
    });
  }
}

describe('the API on SQLite', () => runSuites(async () => undefined));

const absent = 'absent' in postgresHere ? postgresHere.absent : null;
describe.skipIf(absent !== null)(
  `the API on PostgreSQL${absent ? ` (left out here: ${absent})` : ''}`,
  () => {
    let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
    beforeAll(async () => {
      if ('bin' in postgresHere) postgres = await startPostgres(postgresHere.bin);
    }, 60_000);
    afterAll(() => postgres?.close());
    runSuites(async () => postgres?.newDatabase());

    test('is alive but not ready while the database is away, and asks kiosks to try again', async () => {
      const away = await startPostgres('bin' in postgresHere ? postgresHere.bin : '');
      const databaseUrl = await away.newDatabase();
      const backend = await startBackend({
        data: '',
        databaseUrl,
        host: '127.0.0.1',
        port: 0,
        demo: true,
        operator: '示范市社区服务',
      });
      expect((await fetch(`${backend.url}readyz`)).status).toBe(200);
      const kiosk = await TestKiosk.enrolled(backend.url, 'away-1');
      await away.close();
      const ready = await fetch(`${backend.url}readyz`);
      expect(ready.status).toBe(503);
      expect(errorResponseSchema.parse(await ready.json()).error.code).toBe('not-ready');
      expect((await fetch(`${backend.url}healthz`)).status).toBe(200);
      const { status, json } = await kiosk.sendEvents([kiosk.event(help)]);
      expect(status).toBe(500);
      expect(errorResponseSchema.parse(json).error.kind).toBe('retryable');
      expect(JSON.stringify(json)).not.toContain('ECONNREFUSED');
      await backend.close();
    }, 60_000);
  },
);
