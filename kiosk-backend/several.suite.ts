import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkAudit } from './audit/index.ts';
import { kioskPaths } from './contract/index.ts';
import { newEnrolmentCode } from './fleet/index.ts';
import { openStorage } from './storage/index.ts';
import { type Answer, help, type Place, type Places, TestKiosk } from './testing/index.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A backend as an operator starts it, in a process of its own. */
function start({ data, databaseUrl }: Place): {
  readonly child: ChildProcess;
  readonly ready: Promise<string>;
} {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [main, '--data', data, '--port', '0'], {
    env: databaseUrl ? { ...env, DATABASE_URL: databaseUrl } : env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  const ready = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += chunk;
        const url = /^ready backend (\S+)$/m.exec(said)?.[1];
        if (url) resolve(url);
      });
    }
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
  return { child, ready };
}

/** Ends it; answers its exit code. */
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve(child.exitCode);
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });

const outcomes = ({ json }: Answer): string[] =>
  json.results.map(({ outcome, reason }: { outcome: string; reason?: string }) => reason ?? outcome);

/** Two processes before one database, which nobody set up before. */
export function severalSuite(places: Places): void {
  test('two processes that start at once serve the same kiosks, and double nothing', async () => {
    const place = await places.fresh();
    const backends = [start(place), start(place)];
    try {
      const [one = '', two = ''] = await Promise.all(backends.map(({ ready }) => ready));
      const db = await openStorage(place);
      expect(await db.selectFrom('authority').select('id').execute()).toEqual([{ id: 1 }]);

      // One code, many kiosks that claim to be the one it is for, at both at once.
      const code = await newEnrolmentCode(db, 'race-1', '荷花社区', new Date());
      const rivals = await Promise.all([one, two, one, two].map((url) => TestKiosk.make(url, 'race-1')));
      const enrolled = await Promise.all(rivals.map((rival) => rival.enrol(code)));
      expect(enrolled.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
      const kiosk = rivals.find(({ endorsement }) => endorsement !== null);
      if (!kiosk) throw new Error('none enrolled');
      const sisters = await Promise.all(
        ['race-2', 'race-3', 'race-4', 'race-5'].map((id, index) =>
          TestKiosk.enrolled(index % 2 ? one : two, id),
        ),
      );
      const kioskNumbers = [kiosk, ...sisters].map(({ endorsement }) => endorsement?.kioskNumber);
      expect(new Set(kioskNumbers).size).toBe(5);
      const roots = [kiosk, ...sisters].map(({ endorsement }) => endorsement?.certificates.at(-1));
      expect(new Set(roots).size).toBe(1);

      const sendTo = (url: string, send: (to: TestKiosk) => Promise<Answer>): Promise<Answer> =>
        send(Object.assign(Object.create(Object.getPrototypeOf(kiosk)), kiosk, { url }));

      // The same events to both at once, some of them twice.
      const number = kiosk.number(1);
      const events = [
        kiosk.event(kiosk.issued(number, await kiosk.statement(number))),
        ...Array.from({ length: 15 }, () => kiosk.event(help)),
        kiosk.event({ kind: 'visit.rated', visit: randomUUID(), rating: 5 }),
      ];
      const answers = await Promise.all(
        [one, two, one, two].map((url, index) =>
          sendTo(url, (to) => to.sendEvents(index < 2 ? events : events.toReversed())),
        ),
      );
      const all = answers.flatMap(outcomes);
      expect(all.filter((outcome) => outcome === 'accepted')).toHaveLength(events.length);
      expect(all.filter((outcome) => outcome === 'duplicate')).toHaveLength(3 * events.length);
      const stored = await db
        .selectFrom('events')
        .select('id')
        .where('kiosk', '=', kiosk.id)
        .orderBy('sequence')
        .execute();
      expect(stored.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      expect(await db.selectFrom('chain_gaps').selectAll().execute()).toEqual([]);

      // Blocks of numbers never overlap.
      const wish = { documentKey: kiosk.documentKey, needsNumbers: true };
      const given = await Promise.all(
        [one, two, one, two, one, two].map((url) => sendTo(url, (to) => to.send(kioskPaths.endorse, wish))),
      );
      const blocks = given.map(({ json }) => json.numbers).sort((a, b) => a.from - b.from);
      blocks.forEach((block, index) => {
        if (index > 0) expect(block.from).toBe(blocks[index - 1].to + 1);
      });

      // One request, captured and sent to both.
      const nonce = 'A'.repeat(22);
      const time = new Date().toISOString();
      const twice = await Promise.all(
        [one, two].map((url) => sendTo(url, (to) => to.send(kioskPaths.inbox, {}, { nonce, time }))),
      );
      expect(twice.map(({ status }) => status).sort()).toEqual([200, 409]);

      const verdict = await checkAudit(db);
      expect(verdict).toMatchObject({ broken: null });
      await db.destroy();
      expect(await Promise.all(backends.map(({ child }) => ended(child)))).toEqual([0, 0]);
    } finally {
      for (const { child } of backends) child.kill('SIGKILL');
    }
  });
}
