import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { checkAudit, lastEntries, recordAct } from '../audit/index.ts';
import { kioskPaths } from '../contract/index.ts';
import { newEnrolmentCode } from '../fleet/index.ts';
import { type Backend, startBackend } from '../server.ts';
import { openStorage, type Storage } from '../storage/index.ts';
import { help, type Place, type Places, post, TestKiosk } from '../testing/index.ts';
import { makeBackup, restoreBackup } from './index.ts';

const passphrase = 'correct horse battery staple';
const actor = { operator: 'zhou' };
const madeAt = new Date('2026-11-22T09:00:00.000Z');
const lostAt = new Date('2026-11-24T08:00:00.000Z');

const started = (place: Place, now: Date): Promise<Backend> =>
  startBackend({ ...place, host: '127.0.0.1', port: 0, demo: true, operator: '某市', now: () => now });

/** Copies of everything, and coming back from one. */
export function backupSuite(places: Places): void {
  const save = (db: Storage, place: Place, file: string, secret: string | null = passphrase) =>
    makeBackup(db, { ...place, file, passphrase: secret, actor, now: () => madeAt });
  const back = (place: Place, file: string, secret: string | null = passphrase) =>
    restoreBackup({ ...place, file, passphrase: secret, newKiosks: 50, actor, now: () => lostAt });

  test('what is lost after a backup is told as missing, and nothing is given twice', async () => {
    const place = await places.fresh();
    const file = join(place.data, 'backup');
    const before = await started(place, madeAt);
    const db = await openStorage(place);
    const kiosk = await TestKiosk.enrolled(before.url, 'backup-1');
    const statements = [await kiosk.statement(kiosk.number(1), { validUntil: 4_000_000_000 })];
    await kiosk.sendEvents([kiosk.event(kiosk.issued(kiosk.number(1), statements[0] ?? ''))]);
    await newEnrolmentCode(db, 'backup-3', '荷花社区', madeAt);
    const { auditHead, bytes } = await save(db, place, file);
    expect(statSync(file)).toMatchObject({ size: bytes });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).includes('999901194803120243')).toBe(false);

    // What happens after the backup is lost: an event, a block of numbers, a new kiosk.
    await kiosk.sendEvents([kiosk.event(help)]);
    await kiosk.send(kioskPaths.endorse, { documentKey: kiosk.documentKey, needsNumbers: true });
    const lost = await TestKiosk.enrolled(before.url, 'backup-2');
    const taken = await db.selectFrom('number_blocks').selectAll().execute();
    await before.close();
    await db.destroy();

    const elsewhere = await places.fresh();
    const { ahead, auditFlaw, madeAt: saved } = await back(elsewhere, file);
    expect({ auditFlaw, saved }).toEqual({ auditFlaw: null, saved: madeAt.toISOString() });
    expect(ahead).toMatchObject({ days: 2, serialsEach: 6000, kioskNumbers: 50, codes: 1 });
    const after = await started(elsewhere, lostAt);
    const restored = await openStorage(elsewhere);
    expect(await checkAudit(restored, auditHead)).toMatchObject({ broken: null, contained: true });
    expect((await lastEntries(restored, 1))[0]).toMatchObject({
      action: 'backup.restored',
      actor: 'operator:zhou',
    });

    Object.assign(kiosk, { url: after.url });
    const verified = await post(after.url, '/api/verify', { statement: statements[0] });
    expect(verified.json.answer).toBe('genuine');
    // A number of the block that was given after the backup is still this kiosk's.
    const late = kiosk.number(501);
    const events = [kiosk.event(kiosk.issued(late, await kiosk.statement(late)))];
    expect((await kiosk.sendEvents(events)).json.results).toEqual([
      { id: events[0]?.id, outcome: 'accepted' },
    ]);
    const gaps = await restored.selectFrom('chain_gaps').select(['sequence', 'problem']).execute();
    expect(gaps).toEqual([{ sequence: 3, problem: 'missing' }]);

    const { json } = await kiosk.send(kioskPaths.endorse, {
      documentKey: kiosk.documentKey,
      needsNumbers: true,
    });
    const highest = Math.max(...taken.filter((block) => block.kiosk === kiosk.id).map(({ last }) => last));
    expect(json.numbers.from).toBeGreaterThan(highest);
    const another = await TestKiosk.enrolled(after.url, 'backup-4');
    expect(another.endorsement?.kioskNumber).not.toBe(lost.endorsement?.kioskNumber);
    await after.close();
    await restored.destroy();
  });

  test('one that is not sealed comes back, too', async () => {
    const place = await places.fresh();
    const file = join(place.data, 'backup');
    const db = await openStorage(place);
    await db
      .transaction()
      .execute((trx) => recordAct(trx, { at: madeAt, actor, action: 'certificate.revoked' }));
    await db.updateTable('counters').set({ value: 9998 }).where('name', '=', 'kiosk-number').execute();
    await save(db, place, file, null);
    await db.destroy();
    const elsewhere = await places.fresh();
    expect(await back(elsewhere, file, null)).toMatchObject({
      madeAt: null,
      auditFlaw: null,
      ahead: { kioskNumbers: 2 }, // 9999 and 0000, the last of four digits
    });
    const restored = await openStorage(elsewhere);
    expect((await lastEntries(restored, 5)).map(({ action }) => action)).toEqual([
      'certificate.revoked',
      'backup.restored',
    ]);
    await restored.destroy();
  });

  test('nothing is overwritten, and a file that is not whole puts nothing anywhere', async () => {
    const place = await places.fresh();
    const file = join(place.data, 'backup');
    const db = await openStorage(place);
    await save(db, place, file);
    await expect(save(db, place, file)).rejects.toThrow(/is there already; a backup overwrites nothing/);
    await expect(back(place, file)).rejects.toThrow(/a restore overwrites nothing/);
    await db.destroy();

    const elsewhere = await places.fresh();
    const cut = join(place.data, 'cut');
    writeFileSync(cut, readFileSync(file).subarray(0, -1));
    await expect(back(elsewhere, cut)).rejects.toThrow(/does not open|was changed or cut short/);
    await expect(back(elsewhere, file, null)).rejects.toThrow(/is sealed; name its --passphrase-file/);
    await expect(back(elsewhere, join(place.data, 'absent'))).rejects.toThrow(/There is no file/);
    writeFileSync(join(place.data, 'other'), 'hello');
    await expect(back(elsewhere, join(place.data, 'other'))).rejects.toThrow(/is no backup/);
    // What a restore that was killed leaves is neither started on nor in the way, and a log of another is not taken.
    if (places.kind === 'postgres') {
      const client = new pg.Client({ connectionString: elsewhere.databaseUrl });
      await client.connect();
      await client.query('create table restoring ()');
      await client.end();
      await expect(openStorage(elsewhere)).rejects.toThrow(
        /was not finished: empty it, and restore again\.$/,
      );
    } else {
      const log = join(elsewhere.data, 'backend.sqlite-wal');
      writeFileSync(log, '');
      await expect(back(elsewhere, file)).rejects.toThrow(/a restore overwrites nothing/);
      rmSync(log);
      mkdirSync(join(elsewhere.data, 'restoring-4194305-cut')); // no system counts its processes that far
    }
    // It is empty still: a good one goes in.
    expect(await back(elsewhere, file)).toMatchObject({ auditFlaw: null });
    await (await openStorage(elsewhere)).destroy();
    expect(readdirSync(elsewhere.data).filter((name) => /^(restoring|snapshot)-/.test(name))).toEqual([]);
  });
}
