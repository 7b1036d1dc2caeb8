import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { kioskPaths, type Telemetry } from '../contract/index.ts';
import { type Bench, post, TestKiosk } from '../testing/index.ts';
import { readTelemetry } from './telemetry.ts';

const fine: Telemetry = {
  run: randomUUID(),
  tick: 1,
  version: '0.1.0',
  uptimeSeconds: 7200,
  devices: [
    { name: 'receiptPrinter', state: 'online', paper: 'full' },
    { name: 'idCardReader', state: 'online', paper: null },
  ],
  disk: { free: 12_300_000_000, size: 64_000_000_000 },
  writable: true,
  keyHolder: 'key file',
  outbox: { waiting: 0, refused: 0, heads: [], stuckSince: null },
  lanes: [{ name: 'results', state: 'idle', failures: 0, reason: null, lastSuccess: null }],
  clock: { errorMs: 12, uncertaintyMs: 3 },
};

/** How kiosks are: the latest word of each. */
export function telemetrySuite(bench: Bench): void {
  const kept = async (kiosk: TestKiosk) => (await readTelemetry(bench.db)).get(kiosk.id);

  test('the latest counts; one that was overtaken on its way does not, a new start does', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'telling-1');
    expect(await kept(kiosk)).toBeUndefined();
    const tell = (more: Partial<Telemetry>, time = '2026-11-22T09:00:00.000Z') =>
      kiosk.send(kioskPaths.telemetry, { ...fine, ...more }, { time });
    expect(await tell({ tick: 5, version: 'five' })).toMatchObject({
      status: 200,
      json: { serverTime: '2026-11-22T09:00:00.000Z' },
    });
    expect(await kept(kiosk)).toMatchObject({ version: 'five', at: '2026-11-22T09:00:00.000Z' });
    expect((await tell({ tick: 4, version: 'four' })).status).toBe(200);
    expect(await kept(kiosk)).toMatchObject({ version: 'five' });
    await tell({ tick: 6, version: 'six' });
    expect(await kept(kiosk)).toMatchObject({ version: 'six' });
    await tell({ run: randomUUID(), tick: 1, version: 'again' });
    expect(await kept(kiosk)).toMatchObject({ version: 'again' });
    // Of the start before, signed before what is known was told, and held up until now.
    expect((await tell({ tick: 7, version: 'seven' }, '2026-11-22T08:59:00.000Z')).status).toBe(200);
    expect(await kept(kiosk)).toMatchObject({ version: 'again' });
  });

  test('is taken from enrolled kiosks alone, and only as described', async () => {
    expect((await post(bench.url, kioskPaths.telemetry, fine)).status).toBe(401);
    const kiosk = await TestKiosk.enrolled(bench.url, 'telling-2');
    const device = { name: 'x', state: 'online', paper: null };
    for (const wrong of [
      { ...fine, devices: Array(33).fill(device) },
      { ...fine, version: 'v'.repeat(41) },
      { ...fine, tick: -1 },
    ])
      expect(await kiosk.send(kioskPaths.telemetry, wrong)).toMatchObject({
        status: 400,
        json: { error: { kind: 'rejected' } },
      });
    expect(await kept(kiosk)).toBeUndefined();
  });

  test('the console shows what somebody has to look after', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'telling-3');
    await kiosk.send(kioskPaths.telemetry, {
      ...fine,
      devices: [{ name: 'receiptPrinter', state: 'userError', paper: 'out' }],
      outbox: {
        waiting: 31,
        refused: 1,
        heads: [{ sequence: 17, kind: 'help.requested', reason: '<b>why</b>' }],
        stuckSince: '2026-11-20T14:02:00.000Z',
      },
      clock: { errorMs: -3_600_000, uncertaintyMs: 20 },
    });
    const summary = await (await fetch(`${bench.url}api/console/summary`)).json();
    expect(summary.kiosks).toContainEqual(
      expect.objectContaining({
        id: 'telling-3',
        clockAhead: -3600,
        telemetry: expect.objectContaining({ outbox: expect.objectContaining({ waiting: 31 }) }),
      }),
    );
    const page = await (await fetch(`${bench.url}console`)).text();
    for (const seen of ['receiptPrinter: userError', 'receiptPrinter: out', '12.3', '2026-11-20 14:02:00'])
      expect(page).toContain(seen);
    expect(page).toContain('1: #17 help.requested: &#60;b&#62;why');
    // Without a network it cannot tell that it is stuck.
    bench.setNow('2026-11-22T09:20:00.000Z');
    const later = await (await fetch(`${bench.url}console`)).text();
    bench.setNow('2026-11-22T09:00:00.000Z');
    expect(later).toContain('2026-11-22 09:00:00 起没有消息 not heard since');
  });
}
