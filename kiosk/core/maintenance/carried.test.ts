// What a kiosk could not send, carried by hand: both command lines, a real data folder and a real backend's database.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  endorsementSchema,
  eventsResponseSchema,
  kioskPaths,
  requestSigningText,
  signatureHeaders,
} from '@huimin/backend/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKioskKeys } from '../keys.ts';
import { canary, help, open, random } from '../store/fixtures/store.ts';
import { keyFileHolder, type Store } from '../store/index.ts';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'carried-'));
const [data, backendData, stick] = ['kiosk', 'backend', 'stick'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
const { DATABASE_URL: _, ...env } = process.env;
const programs = {
  kiosk: join(import.meta.dirname, 'cli.ts'),
  backend: join(root, 'kiosk-backend/main.ts'),
} as const;

/** A command as a person types it. */
function typed(program: keyof typeof programs, ...args: string[]) {
  const at = program === 'kiosk' ? data : backendData;
  const { status, stdout, stderr } = spawnSync(process.execPath, [programs[program], ...args, '--data', at], {
    encoding: 'utf8',
    env,
    cwd: folder,
  });
  return { code: status, out: stdout.trimEnd(), err: stderr.trimEnd() };
}

/** A backend that runs until `stop`. */
async function backend(): Promise<{ url: string; stop(): Promise<void> }> {
  const child: ChildProcess = spawn(
    process.execPath,
    [programs.backend, '--data', backendData, '--port', '0', '--sealing', 'sm'],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (chunk) => {
      said += chunk;
      const [, address] = /^ready backend (\S+)$/m.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
    void ended.then(() => reject(new Error(`the backend ended: ${said}`)));
  });
  return {
    url,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

const openStore = () =>
  open(data, { keyHolder: keyFileHolder(join(data, 'kiosk.key'), random), createKeys: createKioskKeys });

/** A request as this kiosk signs it. */
async function send(store: Store, url: string, path: string, body: unknown): Promise<unknown> {
  const text = JSON.stringify(body);
  const time = new Date().toISOString();
  const nonce = randomBytes(16).toString('base64url');
  const bodyHash = createHash('sha256').update(text).digest('hex');
  const signed = requestSigningText({ method: 'POST', path, bodyHash, time, nonce });
  const der = Buffer.from(store.keys.identity.pkcs8, 'base64url');
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [signatureHeaders.kiosk]: 'kiosk-test',
      [signatureHeaders.time]: time,
      [signatureHeaders.nonce]: nonce,
      [signatureHeaders.signature]: sign(null, Buffer.from(signed), key).toString('base64url'),
    },
    body: text,
  });
  expect(response.status).toBe(200);
  return response.json();
}

const EVENTS = 150;

beforeAll(async () => {
  for (const each of [data, stick]) mkdirSync(each);
  const { url, stop } = await backend();
  const store = await openStore();
  const answer = await send(store, url, kioskPaths.enrol, {
    kiosk: 'kiosk-test',
    code: 'demo',
    identityKey: store.keys.identity.publicKey,
    documentKey: store.keys.document.spki,
  });
  await store.endorse(endorsementSchema.parse(answer));
  await stop();
  // The network stays away; what the kiosk does meanwhile:
  await store.commit({ events: Array.from({ length: EVENTS - 1 }, () => help) });
  await store.commit({
    events: [
      {
        kind: 'certificate.issued',
        visit: '01890a5d-ac96-774b-bcce-b302099a8057',
        number: 'JZ-0001-009999',
        type: 'residence-certificate',
        holder: { name: canary.name, idNumber: canary.idNumber },
        facts: { residence: canary.residence },
        issuedAt: '2026-11-22T09:00:00.000Z',
        validUntil: '2026-12-22T09:00:00.000Z',
        statement: 'A',
        verification: { by: 'none' },
        offline: true,
      },
    ],
  });
  await store.close();
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('from the kiosk to the backend and back: exactly once, whichever way it goes', {
  timeout: 180_000,
}, async () => {
  expect(typed('kiosk', 'status').out).toMatch(
    /^150 waiting, the oldest since \S+ by .*\n0 refused .*\nenrolled as/,
  );
  const exported = typed('kiosk', 'export', '--to', stick);
  const path = join(stick, 'huimin-kiosk-test-1-150.hmx');
  expect(exported.out).toBe(
    `150 events (numbers 1 to 150) are in ${path}; the kiosk keeps them until they are answered.`,
  );
  expect(exported.err).toMatch(/on the same disk as the kiosk/);
  expect(readdirSync(stick)).toEqual(['huimin-kiosk-test-1-150.hmx']);
  const bytes = readFileSync(path);
  for (const words of [canary.name, canary.idNumber, canary.residence])
    expect(bytes.includes(Buffer.from(words))).toBe(false);

  expect(typed('backend', 'take-in', path)).toEqual({
    code: 0,
    out: `${path}, of kiosk-test: 149 accepted, 0 duplicate, 1 rejected.\nIts answers, to be carried back: ${join(stick, 'huimin-kiosk-test-1-150.ack.hmx')}`,
    err: '',
  });

  // The network comes back before the answers are carried back.
  const { url, stop } = await backend();
  const store = await openStore();
  expect(store.counts()).toEqual({ waiting: EVENTS, rejected: 0 });
  const sent = await send(store, url, kioskPaths.events, { events: await store.unsent(EVENTS) });
  const outcomes = eventsResponseSchema.parse(sent).results.map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(EVENTS - 1);
  // A kiosk that runs has its data folder for itself.
  expect(typed('kiosk', 'export', '--to', stick)).toEqual({
    code: 1,
    out: '',
    err: `${data} cannot be used: the data folder is in use by another kiosk. Stop the kiosk first if it runs.`,
  });
  await store.close();
  await stop();

  const ack = join(stick, 'huimin-kiosk-test-1-150.ack.hmx');
  expect(typed('kiosk', 'acknowledge', ack)).toEqual({
    code: 0,
    out: '149 events were taken in by the backend, 1 refused; 0 still wait.',
    err: '',
  });
  const status = typed('kiosk', 'status');
  expect(status.out).toMatch(
    /^0 waiting\n1 refused by the backend\n {2}number 150, certificate\.issued, of \S+: \S+/,
  );
  expect(status.out).not.toContain(canary.name);
  expect(typed('kiosk', 'rotate-key')).toMatchObject({ code: 0, err: '' });
  const again = { code: 0, out: '1 refused events wait to be sent again.', err: '' };
  expect(typed('kiosk', 'put-back')).toEqual(again);
  expect(typed('kiosk', 'status').out).toMatch(/^1 waiting, .*\n0 refused by the backend\n/);
});

const inNamespace = (script: string) =>
  spawnSync(
    'unshare',
    ['--map-root-user', '--mount', 'sh', '-ec', script, 'sh', process.execPath, programs.kiosk, stick, data],
    { encoding: 'utf8', env, timeout: 90_000 },
  );
const MOUNT = 'mount -t tmpfs -o size=16k tmpfs "$3"';
const possible = spawnSync('unshare', ['--map-root-user', '--mount', 'true']).status === 0;
if (!possible) console.warn('a full stick is left out: no file system can be mounted in a namespace here');

test.skipIf(!possible)(
  'a stick that is full or write-protected says so in one sentence',
  { timeout: 90_000 },
  async () => {
    const store = await openStore();
    await store.commit({ events: Array.from({ length: EVENTS }, () => help) });
    await store.close();
    const attempt = '"$1" "$2" export --to "$3" --data "$4" 2>&1 || echo "exit $?"; ls -A "$3"';
    const { stdout, stderr } = inNamespace(
      `${MOUNT}; ${attempt}; mount -o remount,ro tmpfs "$3"; ${attempt}`,
    );
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      `Nothing was written: there is not enough room in ${stick}. Nothing is lost: the kiosk keeps it.`,
      'exit 1',
      `Nothing was written: ${stick} may not be written (EROFS), as with a stick that is write-protected. Nothing is lost: the kiosk keeps it.`,
      'exit 1',
      '',
    ]);
  },
);

describe('what is typed wrong is said in one line', () => {
  writeFileSync(join(folder, 'a-file'), 'x');
  test.each([
    ['kiosk', ['export'], /^export wants --to DIR/],
    ['kiosk', ['dance'], /^There is no command "dance"\./],
    ['kiosk', ['status', '--config', 'none.yaml'], /^none\.yaml: cannot be read \(ENOENT\)/],
    ['backend', ['take-in'], /^take-in wants files/],
    ['backend', ['take-in', join(folder, 'none')], /none cannot be read \(ENOENT\)\.$/],
    [
      'backend',
      ['take-in', join(folder, 'a-file')],
      /a-file cannot be taken in: it is not a file of a kiosk\.$/,
    ],
  ] as const)('%s %s', { timeout: 90_000 }, (program, args, sentence) => {
    const { code, out, err } = typed(program, ...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(sentence);
  });
});
