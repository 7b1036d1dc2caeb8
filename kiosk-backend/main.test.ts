import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { kioskPaths } from './contract/index.ts';
import { post, TestKiosk } from './testing/index.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'huimin-main-'));
const started = new Set<ChildProcess>();

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program as a person starts it. */
function start(...args: string[]) {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  started.add(child);
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said.err += chunk;
  });
  // Not 'close', which Node never emits after disconnect().
  const streamsEnded = [child.stdout, child.stderr].map((stream) => stream && finished(stream));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ended = Promise.all([exited, ...streamsEnded]).then(([code]) => ({ code, ...said }));
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const url = /^ready backend (http:\/\/127\.0\.0\.1:\d+\/)\n$/.exec(said.out)?.[1];
      if (url) resolve(url);
    });
    void ended.then(({ err }) => reject(new Error(err)));
  });
  ready.catch(() => undefined); // those that look at how it ended do not wait for this
  return { child, ready, ended };
}

// Starting takes about a second, and many times that on a busy machine.
describe('the backend as a process', { timeout: 90_000 }, () => {
  test('says once that it is ready, serves, and ends in order on a signal', async () => {
    const backend = start('--data', 'a', '--port', '0');
    const url = await backend.ready;
    expect((await fetch(`${url}readyz`)).status).toBe(200);
    backend.child.kill('SIGTERM');
    expect(await backend.ended).toEqual({ code: 0, out: `ready backend ${url}\n`, err: '' });
  });

  test('ends when the process that started it is gone', async () => {
    const backend = start('--data', 'a', '--port', '0');
    await backend.ready;
    backend.child.disconnect();
    expect((await backend.ended).code).toBe(0);
  });

  test('keeps what it knew: kiosk, endorsed and enrolled, before and after a restart', async () => {
    const first = start('--data', 'b', '--port', '0');
    const kiosk = await TestKiosk.enrolled(await first.ready, 'main-1');
    first.child.kill('SIGINT');
    await first.ended;
    const second = start('--data', 'b', '--port', '0');
    const later = Object.assign(kiosk, { url: await second.ready });
    expect((await later.send(kioskPaths.inbox, {})).status).toBe(200);
  });

  test('in production: no demo code, no demo people, no console; codes and revocations beside it', async () => {
    const options = ['--data', 'c', '--port', '0'];
    const backend = start(
      ...options,
      '--production',
      '--operator',
      '某市',
      '--public-address',
      'https://k.example/',
    );
    const url = await backend.ready;
    const kiosk = await TestKiosk.make(url, 'main-2');
    expect((await kiosk.enrol('demo')).status).toBe(401);
    const code = await start('code', 'main-2', '--community', '荷花社区', '--data', 'c').ended;
    expect(code).toMatchObject({ code: 0, err: '' });
    const [, enrolmentCode = ''] = /^ {2}enrolmentCode: (\S+)$/m.exec(code.out) ?? [];
    expect((await kiosk.enrol(enrolmentCode)).status).toBe(200);
    expect(kiosk.endorsement?.verifyAddress).toBe('https://k.example/verify');
    expect((await kiosk.send(kioskPaths.inbox, {})).json).toMatchObject({ residents: [], staff: [] });
    for (const path of ['console', 'api/console/summary']) expect((await fetch(url + path)).status).toBe(403);

    const number = kiosk.number(1);
    const statement = await kiosk.statement(number, { validUntil: 4_000_000_000 });
    await kiosk.sendEvents([kiosk.event(kiosk.issued(number, statement))]);
    const revoked = await start('revoke', number, '--reason', 'wrong person', '--data', 'c').ended;
    expect(revoked).toEqual({ code: 0, out: `${number} is revoked.\n`, err: '' });
    expect((await post(url, '/api/verify', { statement })).json.answer).toBe('revoked');
  });

  const mistakes: readonly (readonly [args: string, sentence: RegExp])[] = [
    ['--prot 1', /^Unknown option '--prot'/],
    ['--port many', /^--port wants a number/],
    ['--data a-file', /^The data folder a-file cannot be used/],
    ['--data a-file/b', /^The data folder a-file\/b cannot be used/],
    ['--host 0.0.0.0', /^Demo mode does not listen on 0\.0\.0\.0/],
    ['--production', /^--production wants --operator/],
    ['--production --operator X --host 0.0.0.0', /^Without TLS the backend does not listen on 0\.0\.0\.0/],
    ['--production --operator X --host 0.0.0.0 --tls', /^--production wants --public-address/],
    ['--production --operator X --behind-proxy', /^--production wants --public-address/],
    ['--behind-proxy', /^Demo mode is not for --behind-proxy/],
    ['--tls --behind-proxy', /^Choose one of --tls/],
    ['--tls-certificate a.pem', /^--tls-certificate FILE and --tls-key FILE go together/],
    ['--tls-certificate no.pem --tls-key no.key', /^no\.pem cannot be read\.\n$/],
    ['revoke-kiosk k-1', /^revoke-kiosk wants --reason/],
    [
      'revoke-kiosk nobody --reason lost --data c',
      /^No kiosk nobody was ever enrolled; a code for it is void now\.\n$/,
    ],
    ['code', /^code wants a kiosk id/],
    ['revoke JZ-0001-000001', /^revoke wants --reason/],
    ['backup saved --plain --data nowhere', /^There is no backend's database in nowhere\.\n$/],
    ['destroy', /^There is no command "destroy"/],
  ];
  test.each(mistakes)('says in one sentence what is wrong with: %s', async (args, sentence) => {
    writeFileSync(join(folder, 'a-file'), '');
    const { code, out, err } = await start(...args.split(' ')).ended;
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(sentence);
    expect(err.trimEnd()).not.toContain('\n');
  });

  test('says in one sentence that its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    const end = await start('--data', 'd', '--port', String(port)).ended;
    taken.close();
    expect(end).toEqual({
      code: 1,
      out: '',
      err: `Port ${port} is taken by another program; choose one with --port.\n`,
    });
  });
});
