import { randomBytes } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventBody, eventSchema } from '@huimin/backend/contract';
import { systemClock } from '@huimin/drivers';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyFileHolder, openStore, type Store } from './index.ts';
import { openJournal } from './journal.ts';

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
const canary = { idNumber: '999901194803120243', name: '王桂兰' };
const home = {
  residence: '荷花社区 12 幢 3 单元 501 室',
  community: '荷花社区',
  residentSince: '1986-09-01',
  status: 'registered' as const,
};
const endorsement = {
  kiosk: 'kiosk-test',
  kioskNumber: '0001',
  certificates: ['leaf', 'root'],
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2026-01-08T00:00:00Z',
  numbers: { from: 1, to: 3 },
  verifyAddress: 'http://127.0.0.1:8700/verify',
  serverTime: '2026-01-01T00:00:00Z',
};
const help: EventBody = { kind: 'help.requested', visit: null, screen: 'home' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(): Promise<Store> {
  const opened = await openStore({
    folder,
    kiosk: 'kiosk-test',
    keyHolder: keyFileHolder(join(folder, 'key'), random),
    clock: systemClock,
    random,
    createKeys: async () => ({
      identity: { pkcs8: 'identity', publicKey: 'public' },
      document: { pkcs8: 'document', spki: 'spki' },
    }),
    onDamage: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

test('events survive a restart, once, in order, chained and valid on the wire', async () => {
  const first = await open();
  await Promise.all([first.commit({ events: [help] }), first.commit({ events: [help, help] })]);
  await first.close();
  const second = await open();
  const events = await second.unsent(10);
  expect(events.map((event) => event.sequence)).toEqual([1, 2, 3]);
  for (const [index, event] of events.entries()) {
    expect(eventSchema.safeParse(event).success).toBe(true);
    expect(event.previous).toBe(events[index - 1]?.hash ?? '');
  }
  const [one, two, three] = events.map((event) => event.id);
  await second.answered([
    { id: one ?? '', outcome: 'accepted' },
    { id: two ?? '', outcome: 'rejected', reason: 'test' },
  ]);
  expect(second.counts()).toEqual({ waiting: 1, rejected: 1 });
  expect((await second.unsent(10)).map((event) => event.id)).toEqual([three]);
  await second.close();
});

test('numbers are taken once, also when asked for at the same time, and never after the block', async () => {
  const store = await open();
  expect((await store.takeNumber()).ok).toBe(false);
  await store.endorse(endorsement);
  const taken = await Promise.all([store.takeNumber(), store.takeNumber(), store.takeNumber()]);
  expect(taken.map((result) => (result.ok ? result.value : null))).toEqual([1, 2, 3]);
  expect((await store.takeNumber()).ok).toBe(false);
  expect(store.numbersLeft()).toBe(0);
  await store.close();
});

test('a second core is kept out of the folder', async () => {
  const store = await open();
  await expect(open()).rejects.toThrow(/in use by another kiosk/);
  await store.close();
});

test('a resident bundle opens with the card only, and nothing on the disk names anyone', async () => {
  const store = await open();
  await store.saveInbox({
    asOf: '2026-11-22T00:00:00Z',
    staff: [],
    residents: [
      {
        id: 'wang-guilan',
        ...canary,
        ...home,
      },
    ],
  });
  expect((await store.residentFor(canary))?.resident.residence).toBe('荷花社区 12 幢 3 单元 501 室');
  expect(await store.residentFor({ ...canary, name: '王桂香' })).toBeNull();
  expect(await store.residentFor({ ...canary, idNumber: '999901197110011152' })).toBeNull();
  await store.commit({
    events: [{ kind: 'visit.rated', visit: '00000000-0000-4000-8000-000000000001', rating: 5 }],
  });
  await store.close();
  const disk = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  for (const secret of [canary.name, canary.idNumber, '荷花社区 12', 'wang-guilan', 'visit.rated'])
    for (const encoding of ['utf8', 'utf16le'] as const)
      expect(disk.includes(Buffer.from(secret, encoding))).toBe(false);
});

test('the same delivery again costs a line, and renews its age', async () => {
  const store = await open();
  const inbox = { asOf: '2026-11-20T00:00:00Z', staff: [], residents: [{ id: 'r', ...canary, ...home }] };
  await store.saveInbox(inbox);
  const before = statSync(join(folder, 'journal.hmj')).size;
  await store.saveInbox({ ...inbox, asOf: '2026-11-22T00:00:00Z' });
  expect(statSync(join(folder, 'journal.hmj')).size - before).toBeLessThan(200);
  expect((await store.residentFor(canary))?.asOf).toBe('2026-11-22T00:00:00Z');
  await store.close();
  const again = await open();
  expect((await again.residentFor(canary))?.asOf).toBe('2026-11-22T00:00:00Z');
  await again.close();
});

test('what could not be read again is never written, and nothing else is lost with it', async () => {
  const store = await open();
  const poison: EventBody = { kind: 'help.requested', visit: null, screen: 'x'.repeat(500) };
  const [good, bad, alsoGood] = await Promise.all(
    [help, poison, help].map((event) => store.commit({ events: [event] })),
  );
  expect([good?.ok, bad?.ok, alsoGood?.ok]).toEqual([true, false, true]);
  await store.close();
  const again = await open();
  expect((await again.unsent(10)).map((event) => event.sequence)).toEqual([1, 2]);
  await again.close();
});

test('damage in the middle gives up the numbers of this enrolment; a torn end does not', async () => {
  const store = await open();
  await store.endorse(endorsement);
  await store.commit({ events: [help] });
  await store.close();
  const path = join(folder, 'journal.hmj');
  const whole = readFileSync(path);
  truncateSync(path, whole.length - 5);
  const torn = await open();
  expect(torn.numbersLeft()).toBe(3);
  await torn.close();
  const damaged = Buffer.from(whole);
  damaged[damaged.length - 40] = (damaged[damaged.length - 40] ?? 0) ^ 1;
  writeFileSync(path, damaged);
  const mended = await open();
  expect([mended.endorsement, mended.numbersLeft()]).toEqual([null, 0]);
  await mended.close();
});

test('a page that was sent when the power went is found again with the event it stands for', async () => {
  const store = await open();
  const ids = {
    entry: '00000000-0000-4000-8000-000000000002',
    visit: '00000000-0000-4000-8000-000000000003',
  };
  const page = { ...ids, document: 'certificate' as const, number: 'JZ-0001-000001', detail: '' };
  await store.commit({ print: { ...page, state: 'intent', issues: help } });
  await store.commit({ print: { ...page, state: 'sent' } });
  await store.close();
  const again = await open();
  expect(await again.openPrints()).toMatchObject([{ ...ids, state: 'sent', issues: help }]);
  await again.commit({ print: { ...page, state: 'confirmed' }, events: [help] });
  expect(await again.openPrints()).toEqual([]);
  await again.close();
});

const key = new Uint8Array(32).fill(7);
const frames = (values: readonly string[]) => values.map((value) => Buffer.from(value));

async function replay(path: string) {
  const seen: string[] = [];
  const opened = await openJournal({
    path,
    masterKey: key,
    random,
    onFrame: (_position, plaintext) => seen.push(Buffer.from(plaintext).toString()),
  });
  return { seen, opened };
}

test('cut at any byte, the journal keeps exactly the whole frames before the cut', async () => {
  const path = join(folder, 'journal');
  const values = ['one', 'two', 'three', 'four'];
  const written = await replay(path);
  if (!written.opened.ok) throw new Error(written.opened.error);
  const positions = await written.opened.value.journal.append(frames(values));
  await written.opened.value.journal.close();
  const whole = readFileSync(path);
  if (!positions.ok) throw new Error(positions.error);
  for (let cut = 32; cut <= whole.length; cut++) {
    writeFileSync(path, whole);
    truncateSync(path, cut);
    const { seen, opened } = await replay(path);
    const ends = [...positions.value.slice(1), whole.length];
    expect(seen).toEqual(values.filter((_, index) => (ends[index] ?? 0) <= cut));
    if (!opened.ok) throw new Error(opened.error);
    // And it goes on from there.
    expect((await opened.value.journal.append(frames(['next']))).ok).toBe(true);
    await opened.value.journal.close();
  }
});

test('a changed byte anywhere never yields a changed record', async () => {
  const path = join(folder, 'journal');
  const values = ['one', 'two', 'three'];
  const written = await replay(path);
  if (!written.opened.ok) throw new Error(written.opened.error);
  await written.opened.value.journal.append(frames(values));
  await written.opened.value.journal.close();
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ flip;
      writeFileSync(path, changed);
      const { seen, opened } = await replay(path);
      expect(values.slice(0, seen.length)).toEqual(seen);
      if (opened.ok) await opened.value.journal.close();
    }),
    { numRuns: 60 },
  );
});
