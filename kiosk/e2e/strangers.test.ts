import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Snapshot, type ToCore, type ToScreen, toScreenSchema } from '../bridge/index.ts';
import { verifyAt } from './papers.ts';
import { type Running, startBackend, startCore } from './process.ts';

let folder: string;
let backend: Running;
let core: Running;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'strangers-'));
  backend = await startBackend(join(folder, 'backend'));
  core = await startCore({ data: join(folder, 'kiosk'), backend: backend.url });
});
afterAll(async () => {
  await core?.stop();
  await backend?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const origin = () => new URL(core.url).origin;
const cookie = async () => (await fetch(core.url)).headers.get('set-cookie')?.split(';')[0] ?? '';

function dial(headers: Readonly<Record<string, string>>): WebSocket {
  const socket = new WebSocket(new URL('/bridge', core.url.replace(/^http/, 'ws')), { headers });
  // What goes wrong on it is seen by its close, or by what it refuses.
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  return socket;
}

/** The status the door is shut with; rejects when it opens. */
async function refusal(headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  const socket = dial(headers);
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('open', () => reject(new Error('the bridge was opened')));
  });
}

/** A page of ours at the bridge, and what it is told, in order. */
async function connect() {
  const socket = dial({ origin: origin(), cookie: await cookie() });
  const heard: ToScreen[] = [];
  let listening = (): void => undefined;
  socket.on('message', (data) => {
    heard.push(toScreenSchema.parse(JSON.parse(String(data))));
    listening();
  });
  const next = async (): Promise<ToScreen> => {
    while (heard.length === 0) await new Promise<void>((resolve) => (listening = resolve));
    return heard.shift() as ToScreen;
  };
  /** Passes over snapshots that other things have caused. */
  const told = async (type: ToScreen['type']): Promise<ToScreen> => {
    for (;;) {
      const message = await next();
      if (message.type === type) return message;
    }
  };
  const closed = once(socket, 'close').then(([code]: unknown[]) => code);
  await Promise.race([
    once(socket, 'open'),
    closed.then((code) => Promise.reject(new Error(`closed: ${code}`))),
  ]);
  return { socket, told, closed, send: (message: ToCore) => socket.send(JSON.stringify(message)) };
}

/** The first snapshot that is as wanted; others may come before it, for their own reasons. */
async function snapshot(
  page: Awaited<ReturnType<typeof connect>>,
  wanted: (snapshot: Snapshot) => boolean = () => true,
): Promise<Snapshot> {
  for (;;) {
    const message = await page.told('snapshot');
    if (message.type === 'snapshot' && wanted(message.snapshot)) return message.snapshot;
  }
}

/** The status of a request that says it is meant for `host`. */
async function asked(path: string, host: string): Promise<number | undefined> {
  const sent = request(new URL(path, core.url), { headers: { host } }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

test('the bridge opens for a page of this kiosk only', async () => {
  const ours = await cookie();
  const [name] = ours.split('=');
  // Cookies know no ports: the name keeps two kiosks on one machine apart.
  expect(ours).toMatch(/^kiosk-session-\d+=\S{20,}$/);
  expect(name).toBe(`kiosk-session-${new URL(origin()).port}`);
  expect(await refusal({ origin: origin() })).toBe(401);
  expect(await refusal({ origin: origin(), cookie: `${name}=` })).toBe(401);
  expect(await refusal({ origin: origin(), cookie: `${ours}A` })).toBe(401);
  expect(await refusal({ cookie: ours })).toBe(401);
  for (const other of ['https://example.org', 'null', origin().replace('127.0.0.1', 'localhost')])
    expect(await refusal({ origin: other, cookie: ours }), other).toBe(401);

  const page = await connect();
  expect(await page.told('welcome')).toMatchObject({ protocol: 1 });
  expect((await snapshot(page)).view).toEqual({ screen: 'welcome' });
});

test('a name that was made to point here is not served', async () => {
  const { port } = new URL(core.url);
  for (const path of ['/', '/bench', '/bench/api/people', '/voice/']) {
    expect(await asked(path, `kiosk.example.org:${port}`), path).toBe(421);
    expect(await asked(path, '127.0.0.1.example.org'), path).toBe(421);
  }
  expect(await asked('/', `127.0.0.1:${port}`)).toBe(200);
  expect(await asked('/', `localhost:${port}`)).toBe(200);
  const host = `kiosk.example.org:${port}`;
  expect(await refusal({ host, origin: `http://${host}`, cookie: await cookie() })).toBe(421);
});

test('nonsense is refused, one by one, and the kiosk goes on', async () => {
  const page = await connect();
  const nonsense: (string | Buffer)[] = [
    '',
    '{',
    'null',
    '[]',
    '{"type":"print"}',
    '{"type":"intent","page":0,"intent":{"do":"issue"}}',
    '{"type":"intent","page":-1,"intent":{"do":"start"}}',
    '{"type":"intent","page":0,"intent":{"do":"digit","digit":"12"}}',
    '{"type":"intent","page":0,"intent":{"do":"rate","rating":6}}',
    '{"type":"keys","keys":[{"key":"A","at":"now"}]}',
    JSON.stringify({ type: 'keys', keys: Array.from({ length: 201 }, () => ({ key: '1', at: 1 })) }),
    Buffer.from('{"type":"activity"}'),
  ];
  for (const message of nonsense) {
    page.socket.send(message);
    expect(await page.told('refused'), String(message)).toHaveProperty('reason');
  }

  // A press on a page that is no longer shown does nothing; one on the page that is shown does.
  const other = await connect();
  const { page: shown } = await snapshot(other);
  other.send({ type: 'intent', page: shown + 1, intent: { do: 'start' } });
  other.send({ type: 'intent', page: shown, intent: { do: 'confirm' } });
  other.send({ type: 'intent', page: shown, intent: { do: 'language', language: 'en' } });
  const latest = await snapshot(other, ({ settings }) => settings.language === 'en');
  expect(latest.view).toEqual({ screen: 'welcome' });
  other.send({ type: 'intent', page: shown, intent: { do: 'start' } });
  await snapshot(other, ({ view }) => view.screen === 'card');
});

test('who sends nothing but nonsense, or too much of it, is shown the door, and only they', async () => {
  const good = await connect();
  const { page: shown } = await snapshot(good);
  const stubborn = await connect();
  for (let times = 0; times < 30; times++) stubborn.socket.send('{}');
  expect(await stubborn.closed).toBe(1005);
  const flood = await connect();
  flood.socket.send('x'.repeat(1024 * 1024 + 1));
  expect(await flood.closed).toBe(1009);
  good.send({ type: 'intent', page: shown, intent: { do: 'contrast' } });
  await snapshot(good, ({ settings }) => settings.contrast === 'high');
  expect(core.errors()).toMatch(/^kiosk: the master key lies in the file \S+: [^\n]+\n$/);
});

test('a code that is not ours is told as that', async () => {
  for (const statement of ['https://example.org/pay?x=1', '0000', 'A'.repeat(400)])
    expect((await verifyAt(backend.url, { statement })).answer).toBe('not-ours');
});
