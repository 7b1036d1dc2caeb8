import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { benchAt } from './bench-client.ts';
import { eventually } from './papers.ts';
import { home } from './process.ts';
import { chromiumPath, launch, noBrowser, residentAt } from './screen.ts';

let folder: string;
const runners: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});
afterEach(() => {
  // Whoever was started by it ends by itself when it is gone; the tests above hold them to that.
  for (const runner of runners.splice(0)) runner.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** `npm start -- --headless --data … …` as npm runs it. */
async function npmStart(...args: string[]) {
  const [port = 0, backendPort = 0] = await freePorts(2);
  const where = ['--data', join(folder, 'data'), '--port', `${port}`, '--backend-port', `${backendPort}`];
  const entry = ['tools/run.mjs', 'kiosk/shell/start.ts', '--headless', ...where, ...args];
  const runner = spawn(process.execPath, entry, {
    cwd: home,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  runners.push(runner);
  const said = { out: '', err: '' };
  runner.stdout.on('data', (bytes: Buffer) => {
    said.out += bytes;
  });
  runner.stderr.on('data', (bytes: Buffer) => {
    said.err += bytes;
  });
  const ended = once(runner, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  const startedAt = performance.now();
  return {
    runner,
    ended,
    /** What it has written so far. */
    said,
    kiosk: `http://127.0.0.1:${port}/`,
    backend: `http://127.0.0.1:${backendPort}/`,
    /** Resolves with the seconds it took until the line was printed; rejects when all ended before. */
    ready: async (name: 'kiosk' | 'backend') => {
      const line = new RegExp(
        `^ready ${name} http://127\\.0\\.0\\.1:${name === 'kiosk' ? port : backendPort}/$`,
        'm',
      );
      const before = ended.then(({ code, err }) => {
        throw new Error(`ended with ${code} before the ${name} was ready: ${err}`);
      });
      before.catch(() => undefined);
      await Promise.race([before, eventually(`ready ${name}`, async () => line.test(said.out), 60_000)]);
      return (performance.now() - startedAt) / 1000;
    },
  };
}

/** The processes that belong to this test's data folder. */
const left = (): string[] =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder));
const nothingIsLeft = () => eventually('the end of every process', async () => left().length === 0);

const refused = (url: string) => expect(fetch(url), url).rejects.toThrow('fetch failed');

interface Summary {
  readonly kiosks: readonly { readonly id: string; readonly number: string; readonly lastContact: string }[];
}
const kiosksAt = async (backend: string) =>
  ((await (await fetch(new URL('api/console/summary', backend))).json()) as Summary).kiosks;

test('everything at once, Ctrl+C ends it, and the second start goes on where the first ended', async () => {
  const first = await npmStart();
  await first.ready('backend');
  const took = await first.ready('kiosk');
  for (const page of ['', 'bench', 'bench/api/people'])
    expect((await fetch(new URL(page, first.kiosk))).status, page).toBe(200);
  for (const page of ['verify', 'console', 'docs', 'healthz', 'readyz'])
    expect((await fetch(new URL(page, first.backend))).status, page).toBe(200);
  const enrolled = await eventually('enrolment', async () => (await kiosksAt(first.backend))[0] ?? null);

  first.runner.kill('SIGINT');
  expect(await first.ended).toMatchObject({ code: 0 });
  await Promise.all([refused(first.kiosk), refused(first.backend)]);
  expect(left()).toEqual([]);

  const second = await npmStart();
  const again = await second.ready('kiosk');
  console.log(`npm start: ${took.toFixed(1)} s the first time, ${again.toFixed(1)} s the second`);
  expect(again).toBeLessThan(Math.max(2 * took, 10));
  // The same kiosk with the same number, heard of again: it still has its keys.
  const heard = await eventually('a sign of the kiosk', async () => {
    const kiosks = await kiosksAt(second.backend);
    return kiosks[0]?.lastContact === enrolled.lastContact ? null : kiosks;
  });
  expect(heard).toEqual([expect.objectContaining({ id: enrolled.id, number: enrolled.number })]);
  second.runner.kill('SIGTERM');
  expect(await second.ended).toMatchObject({ code: 0, err: expect.not.stringContaining('enrolment') });
});

test('a configuration that is wrong: its sentences once, exit code 1, and what was started is ended', async () => {
  const config = join(folder, 'kiosk.yaml');
  writeFileSync(config, 'kiosk: kiosk-0001\ndevice:\n  absent: []\n');
  const started = await npmStart('--config', config);
  const { code, out, err } = await started.ended;
  expect(code).toBe(1);
  expect(out).toMatch(/^ready backend \S+\n$/);
  expect(err).toBe(`${config}, line 2: 'device' is not known here; did you mean 'devices'?\n`);
  await refused(started.backend);
  expect(left()).toEqual([]);
});

test('when the runner is killed, nothing goes on alone', async () => {
  const killed = await npmStart();
  await killed.ready('kiosk');
  killed.runner.kill('SIGKILL');
  await nothingIsLeft();
  await Promise.all([refused(killed.kiosk), refused(killed.backend)]);
});

test('a part that is killed starts again where it was, with one sentence', async () => {
  const started = await npmStart();
  await started.ready('kiosk');
  for (const [name, entry, page] of [
    ['backend', 'kiosk-backend/main.ts', new URL('readyz', started.backend)],
    ['kiosk', 'kiosk/core/main.ts', new URL(started.kiosk)],
  ] as const) {
    const pids = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
    const part = pids.find((line) => line.includes(folder) && line.includes(entry));
    process.kill(Number.parseInt(part ?? '', 10), 'SIGKILL');
    await eventually(`the end of the ${name}`, async () => started.said.err.includes(`The ${name} ended`));
    await eventually(`the ${name} again`, async () => {
      const answer = await fetch(page).catch(() => null);
      return answer?.status === 200;
    });
  }
  const lines = started.said.err.split('\n').filter((line) => line.includes('ended unexpectedly'));
  expect(lines).toEqual(
    ['backend', 'kiosk'].map(
      (name) => `The ${name} ended unexpectedly (signal SIGKILL); it starts again in 1 s.`,
    ),
  );
  started.runner.kill('SIGINT');
  expect(await started.ended).toMatchObject({ code: 0 });
  expect(left()).toEqual([]);
});

test('a configuration that names its backend is of a kiosk in the field: nothing is simulated there', async () => {
  const config = join(folder, 'kiosk.yaml');
  writeFileSync(config, 'kiosk: kiosk-0001\nbackend: { url: "http://127.0.0.1:9" }\n');
  const started = await npmStart('--config', config);
  await started.ready('kiosk');
  expect((await fetch(started.kiosk)).status).toBe(200);
  expect((await fetch(new URL('bench/api/people', started.kiosk))).status).toBe(404);
  await refused(started.backend);
  started.runner.kill('SIGINT');
  expect(await started.ended).toMatchObject({ code: 0, err: expect.not.stringContaining('simulated') });
});

/** How the tile of a certificate stands on a kiosk's home page; for somebody no registry knows. */
async function tileAt(kiosk: string, browser: Browser) {
  const page = await browser.newPage({ viewport: { width: 1080, height: 1920 } });
  await page.goto(kiosk);
  const { at, press } = residentAt(page);
  const bench = benchAt(kiosk);
  await bench.card('stranger');
  await at('consent');
  await press('agree');
  await at('verify');
  const known = page.waitForSelector('[data-say="say.verify.pin"]').then(() => true);
  await eventually('the staff', async () => {
    await bench.badge('staff-zhou');
    return Promise.race([known, new Promise<false>((done) => setTimeout(() => done(false), 500))]);
  });
  for (const digit of '2580') await press(`digit:${digit}`);
  await press('confirm');
  await at('home');
  const tile = page.locator('[data-action="service:residence-certificate"]');
  const state = await tile.locator('[data-state]').getAttribute('data-state');
  return { state, pressable: await tile.isEnabled() };
}

test.skipIf(chromiumPath === null)(
  `with --backend none a kiosk that was enrolled says what has to wait${chromiumPath === null ? ` (skipped: ${noBrowser})` : ''}`,
  async () => {
    const browser = await launch();
    onTestFinished(() => browser.close());
    const before = await npmStart();
    await before.ready('kiosk');
    expect(await tileAt(before.kiosk, browser)).toEqual({ state: 'now', pressable: true });
    before.runner.kill('SIGINT');
    await before.ended;

    const alone = await npmStart('--backend', 'none');
    await alone.ready('kiosk');
    await refused(alone.backend);
    expect(await tileAt(alone.kiosk, browser)).toEqual({ state: 'later', pressable: false });
    alone.runner.kill('SIGINT');
    expect(await alone.ended).toMatchObject({ code: 0 });
  },
);
