import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventBody, eventSchema } from '@huimin/backend/contract';
import { manualClock } from '@huimin/drivers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Book } from './book.ts';
import { nodeFiles } from './files.ts';
import { canary, deliver, endorsement, help, open as openIn, random } from './fixtures/store.ts';
import type { Store, StoreOptions } from './index.ts';
import { openJournal } from './journal.ts';
import { TAKEN_OVER } from './legacy.ts';
import { soleUser } from './lock.ts';
import { SPARE } from './segment.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (more: Partial<StoreOptions> = {}): Promise<Store> => openIn(folder, more);

/** The one segment, wherever compaction has got to. */
const segment = (): string =>
  join(folder, readdirSync(folder).find((name) => /^journal-\d+\.hmj$/.test(name)) ?? 'no segment');

/** Without the space that is made ready. */
function contentSize(): number {
  const bytes = readFileSync(segment());
  let size = bytes.length;
  while (bytes[size - 1] === 0) size--;
  return size;
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

test('what fails behind the disk takes nothing acknowledged with it, and the store takes nothing more', async () => {
  const failures: unknown[] = [];
  const heard: boolean[] = [];
  const store = await open({ onBroken: (cause) => failures.push(cause) });
  store.onWritable((writable) => heard.push(writable));
  const events = Array.from({ length: 300 }, (_, index) => ({ ...help, screen: `${index}` }));
  const apply = vi.spyOn(Book.prototype, 'apply').mockImplementationOnce(() => {
    throw new Error('no memory');
  });
  const settled = await Promise.allSettled(events.map((event) => store.commit({ events: [event] })));
  apply.mockRestore();
  expect(settled.filter(({ status }) => status === 'fulfilled')).toEqual([]);
  expect([failures.length, heard, store.writable]).toEqual([1, [false], false]);
  expect(await store.commit({ events: [help] })).toMatchObject({
    ok: false,
    error: expect.stringContaining('has failed'),
  });
  expect(await store.compact()).toMatchObject({ ok: false });
  await store.close();
  // The first group is on the disk, though nobody was told so.
  const again = await open();
  expect((await again.unsent(1000)).map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 256 }, (_, index) => index + 1),
  );
  await again.close();
});

test('a commit that is too long fails alone', async () => {
  const store = await open();
  await store.endorse(endorsement);
  const body: EventBody = {
    kind: 'certificate.issued',
    visit: '6f1f2c1e-7a0e-4f7e-9b5e-0c1d2e3f4a5b',
    number: 'JZ-0001-000001',
    type: 'residence-certificate',
    holder: { name: canary.name, idNumber: canary.idNumber },
    facts: Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`${index}`, 'x'.repeat(390)])),
    issuedAt: '2026-11-22T08:00:00.000Z',
    validUntil: '2026-12-22T08:00:00.000Z',
    statement: 'none',
    verification: { by: 'none' },
    offline: true,
  };
  const [before, long, after] = await Promise.all([
    store.commit({ events: [help] }),
    store.commit({ events: Array<EventBody>(90).fill(body) }),
    store.commit({ events: [help] }),
  ]);
  expect([before.ok, long, after.ok]).toEqual([
    true,
    { ok: false, error: 'more than one commit can hold' },
    true,
  ]);
  await store.close();
  const again = await open();
  expect((await again.unsent(10)).map(({ sequence }) => sequence)).toEqual([1, 2]);
  await again.close();
}, 90_000);

test('a second core is kept out of the folder', async () => {
  const store = await open();
  await expect(open()).rejects.toThrow(/in use by another kiosk/);
  await store.close();
});

test('a resident bundle opens with the card only, and nothing on the disk names anyone', async () => {
  const store = await open();
  await deliver(store, { asOf: new Date().toISOString() });
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
  const earlier = new Date(Date.now() - 3600_000).toISOString();
  const later = new Date().toISOString();
  await deliver(store, { asOf: earlier });
  const before = contentSize();
  expect(await store.saveInbox({ state: 'unchanged', asOf: later })).toEqual({ ok: true, value: undefined });
  expect(contentSize() - before).toBeLessThan(200);
  expect((await store.residentFor(canary))?.asOf).toBe(later);
  await store.close();
  const again = await open();
  expect((await again.residentFor(canary))?.asOf).toBe(later);
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

test('damage and an end that is cut off give up the numbers of this enrolment; an unfinished commit only a few', async () => {
  const store = await open();
  await store.endorse({ ...endorsement, numbers: { from: 1, to: 100 } });
  await store.commit({ events: [help] });
  await store.close();
  const path = segment();
  const whole = readFileSync(path);
  const end = contentSize();
  const damaged = Buffer.from(whole);
  damaged[end - 40] = (damaged[end - 40] ?? 0) ^ 1;
  const contents = {
    torn: Buffer.from(whole).fill(0, end - 5),
    'cut off': whole.subarray(0, end - 5),
    damaged,
  };
  for (const [how, content] of Object.entries(contents)) {
    for (const name of readdirSync(folder)) if (name.startsWith('journal')) rmSync(join(folder, name));
    writeFileSync(path, content);
    const said: string[] = [];
    const mended = await open({ onDamage: (sentence) => said.push(sentence) });
    expect(mended.numbersLeft(), how).toBe(how === 'torn' ? 92 : 0);
    expect(said.join(), how).not.toContain('nothing acknowledged');
    await mended.close();
  }
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

describe('compaction', () => {
  const page = (serial: number) => ({
    entry: `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`,
    visit: '00000000-0000-4000-8000-000000000003',
    document: 'certificate' as const,
    number: `JZ-0001-${serial}`,
    detail: '',
  });

  /** Everything a store can be asked. */
  const all = async (store: Store) => ({
    keys: store.keys,
    endorsement: store.endorsement,
    staff: store.staff,
    tip: store.tip,
    numbersLeft: store.numbersLeft(),
    unsent: await store.unsent(100_000),
    refused: await store.refused(1000),
    counts: store.counts(),
    resident: await store.residentFor(canary),
    openPrints: (await store.openPrints()).map(({ position: _, ...row }) => row),
    ledger: store.ledger(1000).map(({ position: _, ...row }) => row),
  });

  async function fill(store: Store): Promise<void> {
    await store.endorse(endorsement);
    await store.takeNumber();
    await deliver(store, {
      asOf: new Date().toISOString(),
      staff: [{ id: 'li', name: '李娜', role: 'staff', badge: 'B1', pinSalt: 'AA', pinHash: 'AA' }],
    });
    for (let i = 0; i < 100; i++) await store.commit({ events: [help, help] });
    const unsent = await store.unsent(150);
    await store.answered(
      unsent.map(({ id }, index) =>
        index % 50 === 7 ? { id, outcome: 'rejected', reason: 'why' } : { id, outcome: 'accepted' },
      ),
    );
    await store.commit({ print: { ...page(1), state: 'intent', issues: help } });
    await store.commit({ print: { ...page(2), state: 'intent', issues: help } });
    await store.commit({ print: { ...page(2), state: 'sent' } });
    await store.commit({ print: { ...page(3), state: 'confirmed', detail: 'done' } });
  }

  test('keeps all that is needed, lets go of the rest, and changes no answer', async () => {
    const store = await open();
    await fill(store);
    const before = await all(store);
    const size = contentSize();
    expect(await store.compact()).toEqual({ ok: true, value: undefined });
    expect(await all(store)).toEqual(before);
    expect(contentSize()).toBeLessThan(size / 2);
    await store.commit({ events: [help] });
    expect(store.tip.sequence).toBe(before.tip.sequence + 1);
    const after = await all(store);
    await store.close();
    const again = await open();
    expect(await all(again)).toEqual(after);
    await again.close();
  });

  test('comes by itself, and a restart finds the same', async () => {
    const store = await open({ compaction: { records: 20, bytes: 1e9 } });
    const first = segment();
    for (let i = 0; i < 50; i++) {
      await store.commit({ events: [help] });
      await store.answered([{ id: (await store.unsent(1))[0]?.id ?? '', outcome: 'accepted' }]);
    }
    await store.commit({ events: [help] });
    expect(segment()).not.toBe(first);
    const before = await all(store);
    expect(before.tip.sequence).toBe(51);
    await store.close();
    const again = await open();
    expect(await all(again)).toEqual(before);
    await again.close();
  });

  test('forgets settled pages beyond two thousand, and never an open one', async () => {
    const store = await open({ compaction: { records: 1e9, bytes: 1e9 } });
    await Promise.all([
      store.commit({ print: { ...page(0), state: 'sent' } }),
      ...Array.from({ length: 2010 }, (_, index) =>
        store.commit({ print: { ...page(index + 1), state: 'confirmed' } }),
      ),
    ]);
    await store.compact();
    const ledger = store.ledger(5000);
    expect(ledger.length).toBe(2001);
    expect(ledger.at(0)?.number).toBe('JZ-0001-2010');
    expect((await store.openPrints()).map(({ entry }) => entry)).toEqual([page(0).entry]);
    await store.close();
  });

  test('a record that can no longer be read is reported once, and stops nothing else', async () => {
    const said: string[] = [];
    const store = await open({ onDamage: (sentence) => said.push(sentence) });
    const ends: number[] = [];
    for (let i = 0; i < 4; i++) {
      await store.commit({ events: [help] });
      ends.push(contentSize());
    }
    const path = segment();
    const rotten = readFileSync(path);
    rotten.fill(0x55, (ends[0] ?? 0) + 60, (ends[0] ?? 0) + 70);
    writeFileSync(path, rotten);
    expect((await store.unsent(1)).map(({ sequence }) => sequence)).toEqual([1]);
    expect((await store.unsent(10)).map(({ sequence }) => sequence)).toEqual([1, 3, 4]);
    expect(await store.compact()).toEqual({ ok: true, value: undefined });
    expect((await store.unsent(10)).map(({ sequence }) => sequence)).toEqual([1, 3, 4]);
    expect([said.length, store.counts().waiting]).toEqual([1, 3]);
    expect(readFileSync(`${path}.damaged`)).toEqual(rotten);
    await store.close();
  });
});

test('what a later version wrote keeps this one from starting, and from changing anything', async () => {
  const store = await open();
  await store.commit({ events: [help] });
  await store.close();
  const opened = openJournal({
    folder,
    files: nodeFiles(),
    random,
    spare: SPARE,
    lock: soleUser,
    keys: { current: new Uint8Array(readFileSync(join(folder, 'key'))), others: [] },
    onFound: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error);
  const { journal } = opened.value;
  const known = JSON.stringify({ kind: 'number', serial: 1 });
  await journal.append(Buffer.from(`{"v":1,"records":[${known},{"kind":"from the future"}]}`));
  journal.close();
  const before = readFileSync(segment());
  await expect(open()).rejects.toThrow(/later version/);
  expect(readFileSync(segment())).toEqual(before);
});

test('a store that is closed refuses, and writes into no other file', async () => {
  const store = await open();
  await store.close();
  const other = join(folder, 'other');
  const fd = openSync(other, 'w+');
  expect((await store.commit({ events: [help] })).ok).toBe(false);
  expect((await store.compact()).ok).toBe(false);
  await store.close();
  closeSync(fd);
  expect(readFileSync(other).length).toBe(0);
});

test('a clock that jumps destroys nothing: what looks too old is not served, and is there again', async () => {
  const at = (time: string) => ({ clock: manualClock(Date.parse(time)) });
  const first = await open(at('2026-11-22T00:00:00Z'));
  await deliver(first, { asOf: '2026-11-22T00:00:00Z' });
  await first.close();
  for (const [time, served] of [
    ['2041-01-01T00:00:00Z', false],
    ['2006-01-01T00:00:00Z', true],
    ['2026-11-22T01:00:00Z', true],
  ] as const) {
    const store = await open(at(time));
    expect((await store.residentFor(canary)) !== null, time).toBe(served);
    await store.compact();
    await store.close();
  }
  const store = await open(at('2006-01-01T00:00:00Z'));
  await store.endorse({ ...endorsement, serverTime: '2027-06-01T00:00:00Z' });
  expect(await store.residentFor(canary)).toBeNull();
  await store.close();
});

describe('the first form of the journal', () => {
  const legacyKey = {
    name: 'fixed',
    warning: null,
    load: async () => ({ ok: true as const, value: { current: new Uint8Array(32).fill(7), others: [] } }),
    renew: async () => ({ ok: false as const, error: 'fixed' }),
    retire: async () => ({ ok: true as const, value: undefined }),
  };

  test('is taken over whole at the first start, and its bundles still open', async () => {
    cpSync(join(import.meta.dirname, 'fixtures/journal-1.hmj'), join(folder, 'journal.hmj'));
    const clock = manualClock(Date.parse('2026-11-23T00:00:00Z'));
    for (const start of ['first', 'second']) {
      const said: string[] = [];
      const store = await open({ keyHolder: legacyKey, clock, onDamage: (sentence) => said.push(sentence) });
      expect(said, start).toEqual([]);
      expect(store.keys).toEqual({
        identity: { pkcs8: 'identity', publicKey: 'public' },
        document: { pkcs8: 'document', spki: 'spki' },
      });
      // It never said whether it was closed in order, so that its last seven numbers may have been given.
      expect([store.numbersLeft(), store.tip.sequence, store.counts()]).toEqual([
        0,
        4,
        { waiting: 2, rejected: 1 },
      ]);
      expect(store.staff.map(({ name }) => name)).toEqual(['李娜']);
      expect(await store.residentFor(canary)).toEqual({ resident: canary, asOf: '2026-11-22T00:00:00Z' });
      expect(await store.openPrints()).toMatchObject([
        { state: 'sent', number: 'JZ-0001-000002', issues: help },
      ]);
      await store.close();
      expect(readdirSync(folder).filter((name) => name.endsWith('.hmj'))).toEqual([
        'journal-000001.hmj',
        'journal.hmj',
      ]);
      expect(readFileSync(join(folder, 'journal.hmj'))).toEqual(TAKEN_OVER);
    }
  });
});

describe('the master key', () => {
  test('is changed without a card, and the old one is gone', async () => {
    const store = await open();
    await deliver(store, { asOf: new Date().toISOString() });
    await store.commit({ events: [help] });
    const old = readFileSync(join(folder, 'key'));
    expect(await store.rotateKey()).toEqual({ ok: true, value: undefined });
    await store.commit({ events: [help] });
    expect((await store.residentFor(canary))?.resident).toEqual(canary);
    await store.close();
    expect(readFileSync(join(folder, 'key'))).not.toEqual(old);
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name)).includes(old)).toBe(false);
    const again = await open();
    expect((await again.residentFor(canary))?.resident).toEqual(canary);
    expect((await again.unsent(10)).map(({ sequence }) => sequence)).toEqual([1, 2]);
    await again.close();
    writeFileSync(join(folder, 'key'), old);
    await expect(open()).rejects.toThrow(/the key does not open/);
  });
});

test('what was set aside under the old key goes with it, and that is said', async () => {
  const store = await open();
  for (let i = 0; i < 3; i++) await store.commit({ events: [help] });
  await store.close();
  const bytes = readFileSync(segment());
  bytes[4096 + 200] = (bytes[4096 + 200] ?? 0) ^ 1;
  writeFileSync(segment(), bytes);
  const said: string[] = [];
  const mended = await open({ onNotice: (sentence) => said.push(sentence) });
  expect(readdirSync(folder)).toContain('journal-000001.hmj.damaged');
  expect(await mended.rotateKey()).toEqual({ ok: true, value: undefined });
  expect(readdirSync(folder)).not.toContain('journal-000001.hmj.damaged');
  expect(said.join()).toContain('journal-000001.hmj.damaged had been set aside under the old master key');
  await mended.close();
});

test('records that are too old are forgotten, on the disk too', async () => {
  const clock = manualClock(Date.parse('2026-11-22T00:00:00Z'));
  const store = await open({ clock, maxAgeHours: 48 });
  await deliver(store, { asOf: '2026-11-22T00:00:00Z' });
  await store.compact();
  const size = contentSize();
  await clock.advance(47 * 3600_000);
  expect((await store.residentFor(canary))?.resident).toEqual(canary);
  await clock.advance(2 * 3600_000);
  expect(await store.residentFor(canary)).toBeNull();
  expect(contentSize()).toBeLessThan(size);
  await deliver(store, { asOf: '2026-11-24T00:00:00Z' });
  expect((await store.residentFor(canary))?.resident).toEqual(canary);
  await store.close();
});

test('a key file is said to be one, once a start', async () => {
  const said: string[] = [];
  const store = await open({ onNotice: (sentence) => said.push(sentence) });
  expect(said).toEqual([expect.stringContaining('the master key lies in the file')]);
  await store.close();
});

describe('damage', () => {
  test('is said in words, with the events it swallowed; the rest is kept, and the file beside it', async () => {
    const store = await open();
    await store.endorse(endorsement);
    const ends: number[] = [];
    for (let i = 0; i < 6; i++) {
      await store.commit({ events: [help] });
      ends.push(contentSize());
    }
    await store.close();
    const path = segment();
    const bytes = readFileSync(path);
    bytes.fill(0x55, (ends[1] ?? 0) + 60, (ends[3] ?? 0) - 60);
    writeFileSync(path, bytes);
    const said: string[] = [];
    const mended = await open({ onDamage: (sentence) => said.push(sentence) });
    expect(said).toEqual([
      `journal-000001.hmj: damaged from byte ${ends[1]} to ${ends[3]}: the frames 5 to 6 are missing, with the events 3 to 4; what stands before and after is kept; the file is kept, sealed as it is, as journal-000001.hmj.damaged`,
    ]);
    expect((await mended.unsent(10)).map(({ sequence }) => sequence)).toEqual([1, 2, 5, 6]);
    expect([mended.endorsement, mended.numbersLeft()]).toEqual([null, 0]);
    await mended.close();
    expect(readFileSync(`${path}.damaged`)).toEqual(bytes);
    const again = await open({ onDamage: (sentence) => said.push(sentence) });
    expect(said.length).toBe(1);
    expect([again.endorsement, again.tip.sequence]).toEqual([null, 6]);
    await again.close();
  });

  test('in a snapshot, whose end says again what matters most, gives up no numbers', async () => {
    const store = await open();
    await store.endorse(endorsement);
    const { keys } = store;
    await store.compact();
    await store.close();
    const path = segment();
    const bytes = readFileSync(path);
    bytes[4096 + 100] = (bytes[4096 + 100] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const said: string[] = [];
    const mended = await open({ onDamage: (sentence) => said.push(sentence) });
    expect(said.length).toBe(1);
    expect([mended.keys, mended.numbersLeft()]).toEqual([keys, 3]);
    await mended.close();
  });
});

test('no file that a store ever leaves behind names anyone', async () => {
  const seen = new Map<string, Buffer>();
  const look = (): void => {
    for (const name of readdirSync(folder))
      seen.set(`${name} ${seen.size}`, readFileSync(join(folder, name)));
  };
  const store = await open();
  await deliver(store, {
    asOf: new Date().toISOString(),
    staff: [{ id: 'li', name: '李娜', role: 'staff', badge: 'BADGE-77', pinSalt: 'AA', pinHash: 'AA' }],
  });
  const holder = { name: canary.name, idNumber: canary.idNumber };
  const visit = '00000000-0000-4000-8000-000000000001';
  const issues: EventBody = {
    kind: 'certificate.issued',
    visit,
    number: 'JZ-0001-000001',
    type: 'residence-certificate',
    holder,
    facts: { residence: canary.residence },
    issuedAt: '2026-11-22T09:00:00.000Z',
    validUntil: '2026-12-22T09:00:00.000Z',
    statement: 'A',
    verification: { by: 'none' },
    offline: true,
  };
  const page = {
    entry: visit,
    visit,
    document: 'certificate' as const,
    number: 'JZ-0001-000001',
    detail: '',
  };
  await store.commit({ print: { ...page, state: 'intent', issues }, events: [issues] });
  look();
  expect((await store.residentFor(canary))?.resident).toEqual(canary);
  await store.compact();
  look();
  await store.rotateKey();
  await store.commit({ print: { ...page, state: 'sent' } });
  await store.close();
  const bytes = readFileSync(segment());
  bytes[4096 + 200] = (bytes[4096 + 200] ?? 0) ^ 1;
  writeFileSync(segment(), bytes);
  // As a power cut leaves it in the middle of a compaction.
  writeFileSync(join(folder, 'journal-000009.hmj.new'), bytes.subarray(0, 9000));
  const again = await open();
  await again.close();
  look();
  expect([...seen.keys()].some((name) => name.includes('.damaged'))).toBe(true);
  for (const [name, content] of seen)
    for (const secret of [
      ...Object.values(canary).slice(0, 4),
      '荷花社区',
      '李娜',
      'BADGE-77',
      'certificate.issued',
    ])
      for (const encoding of ['utf8', 'utf16le', 'base64'] as const) {
        const needle =
          encoding === 'base64'
            ? Buffer.from(Buffer.from(secret).toString('base64'))
            : Buffer.from(secret, encoding);
        expect(content.includes(needle), `${name}: ${secret}`).toBe(false);
      }
});

test('the oldest event that waits, and one that was refused and is put back', async () => {
  const clock = manualClock(Date.parse('2026-11-22T00:00:00Z'));
  const store = await open({ clock });
  expect(store.oldestUnsent()).toBeNull();
  const from = clock.monotonic();
  await clock.advance(1000);
  await store.commit({ events: [help] });
  await clock.advance(1000);
  await store.commit({ events: [help] });
  expect(store.oldestUnsent()).toMatchObject({ at: '2026-11-22T00:00:01.000Z', monotonicMs: from + 1000 });
  const [first, second] = (await store.unsent(2)).map(({ id }) => id);
  await store.answered([{ id: first ?? '', outcome: 'rejected', reason: 'why' }]);
  expect(store.oldestUnsent()).toMatchObject({ at: '2026-11-22T00:00:02.000Z', monotonicMs: from + 2000 });
  expect(await store.putBack(second ?? '')).toEqual({ ok: true, value: false });
  expect(await store.putBack(first ?? '')).toEqual({ ok: true, value: true });
  expect(store.counts()).toEqual({ waiting: 2, rejected: 0 });
  await store.compact();
  await store.close();
  const again = await open({ clock });
  expect((await again.unsent(2)).map(({ id }) => id)).toEqual([first, second]);
  expect(again.oldestUnsent()).toMatchObject({ at: '2026-11-22T00:00:01.000Z', monotonicMs: null });
  await again.close();
});

test('a commit that cannot even be built is thrown to whoever asked for it, and to nobody else', async () => {
  const clock = manualClock(Date.parse('2026-11-22T00:00:00Z'));
  let stopped = false;
  const now = (): number => {
    if (stopped) throw new Error('the clock has stopped');
    return clock.now();
  };
  const store = await open({ clock: { ...clock, now } });
  await store.commit({ events: [help] });
  stopped = true;
  await expect(store.commit({ events: [help] })).rejects.toThrow('the clock has stopped');
  stopped = false;
  expect(await store.commit({ events: [help] })).toEqual({ ok: true, value: undefined });
  expect((await store.unsent(10)).map(({ sequence }) => sequence)).toEqual([1, 2]);
  await store.close();
});
