import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { revokeKiosk } from '../fleet/index.ts';
import { startBackend } from '../server.ts';
import { type Bench, help, TestKiosk } from '../testing/index.ts';
import { summarySchema } from './summary.ts';

/** The console as the demo shows it. */
export function consoleSuite(bench: Bench): void {
  const summary = async () =>
    summarySchema.parse(await (await fetch(`${bench.url}api/console/summary`)).json());

  test('shows kiosks, counts and the last word on each printed page, no names', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'console-1');
    const number = kiosk.number(1);
    const [settled, open] = [randomUUID(), randomUUID()];
    const print = (entry: string, state: 'unknown' | 'confirmed', detail: string) =>
      kiosk.event({
        kind: 'print.recorded',
        visit: randomUUID(),
        entry,
        document: 'certificate',
        number,
        state,
        detail,
      });
    await kiosk.sendEvents([
      kiosk.event(kiosk.issued(number, await kiosk.statement(number))),
      print(settled, 'unknown', 'first'),
      print(settled, 'confirmed', ''),
      print(open, 'unknown', '<b>jam</b>'),
      kiosk.event(help),
      kiosk.event(kiosk.issued(number, await kiosk.statement(number))),
      {},
    ]);
    const seen = await summary();
    expect(seen.kiosks).toMatchObject([
      { id: 'console-1', number: '0001', community: '荷花社区', events: 6, chainGaps: 0, refusals: 1 },
    ]);
    expect(seen.certificates).toMatchObject({ count: 1, offline: 0, latest: [{ number, holder: '王**' }] });
    expect(seen.events).toEqual([
      { kind: 'certificate.issued', accepted: 1, rejected: 1 },
      { kind: 'help.requested', accepted: 1, rejected: 0 },
      { kind: 'print.recorded', accepted: 3, rejected: 0 },
    ]);
    expect(seen.printProblems).toMatchObject([{ number, state: 'unknown', detail: '<b>jam</b>' }]);

    const page = await (await fetch(`${bench.url}console`)).text();
    expect(page).toContain('&#60;b&#62;jam');
    for (const text of [page, JSON.stringify(seen)]) {
      expect(text).not.toContain('王桂兰');
      expect(text).not.toContain('999901194803120243');
    }
  });

  test('shows which kiosks are not trusted any more, and since when', async () => {
    await TestKiosk.enrolled(bench.url, 'console-2');
    await TestKiosk.enrolled(bench.url, 'console-3');
    const at = new Date('2026-11-22T08:07:06.000Z');
    const wish = { kiosk: 'console-3', reason: 'stolen', since: at, by: { operator: 'test' } };
    await revokeKiosk(bench.db, wish, at);
    const { kiosks } = await summary();
    const revoked = Object.fromEntries(kiosks.map(({ id, revokedAt }) => [id, revokedAt]));
    expect(revoked).toMatchObject({ 'console-2': null, 'console-3': at.toISOString() });
    expect(await (await fetch(`${bench.url}console`)).text()).toContain('<td>2026-11-22 08:07:06</td>');
  });

  test('does not answer to a name that is not this machine', async () => {
    const { hostname, port } = new URL(bench.url);
    const statusFor = (headers: Record<string, string>) =>
      new Promise((resolve, reject) => {
        request({ hostname, port, path: '/console', headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await statusFor({ host: 'rebound.example:80' })).toBe(403);
    expect(await statusFor({ host: 'rebound.example', 'x-forwarded-host': 'localhost' })).toBe(403);
    for (const host of ['localhost:8700', '[::1]:8700', '127.0.0.1'])
      expect(await statusFor({ host })).toBe(200);
  });

  test('is not there for a proxy, through which anybody could look', async () => {
    const demo = { data: '', host: '127.0.0.1', port: 0, demo: true, operator: '某市' };
    await expect(startBackend({ ...demo, behindProxy: true })).rejects.toThrow(
      /^Demo mode is for this machine/,
    );
  });
}
