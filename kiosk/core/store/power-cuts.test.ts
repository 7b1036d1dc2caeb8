import { manualClock } from '@huimin/drivers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ForgetfulFiles, PowerCut, refusal, type Survival } from './fixtures/forgetful-files.ts';
import { canary, deliver, endorsement, optionsFor, random } from './fixtures/store.ts';
import { keyFileHolder } from './key.ts';
import { soleUser } from './lock.ts';
import { openStoreIn } from './open.ts';
import type { JournalStore } from './store.ts';

const folder = '/data';
const clock = manualClock(Date.parse('2026-11-22T00:00:00Z'));

async function open(files: ForgetfulFiles): Promise<JournalStore | string> {
  const opened = await openStoreIn(
    files,
    {
      ...optionsFor(folder),
      keyHolder: keyFileHolder('/data/key', random, files),
      clock,
      compaction: { records: 12, bytes: 1e9 },
      spare: { step: 1024, reserve: 256 },
    },
    soleUser,
  );
  return opened.ok ? opened.value : opened.error;
}

/** What the kiosk was told, over all its lives. */
interface Told {
  /** Events whose commit was acknowledged, by their text, in order. */
  readonly events: string[];
  /** Events of commits that were under way when the power went: they may be there, or not. */
  readonly perhaps: Set<string>;
  /** Events the backend answered, and whether the store acknowledged that. */
  readonly answered: Map<string, boolean>;
  readonly numbers: number[];
  endorsed: boolean;
}

type Step =
  | { readonly do: 'commit'; readonly events: number; readonly together: number }
  | { readonly do: 'number' | 'compact' | 'rotate' | 'endorse' }
  | { readonly do: 'restart' }
  | { readonly do: 'answer'; readonly count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      events: fc.integer({ min: 1, max: 3 }),
      together: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('answer' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('number' as const, 'compact' as const, 'rotate' as const, 'endorse' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

let label = 0;

function onlyPowerCut(cause: unknown): void {
  if (!(cause instanceof PowerCut)) throw cause;
}

async function take(store: JournalStore, what: Exclude<Step, { do: 'restart' }>, told: Told): Promise<void> {
  switch (what.do) {
    case 'commit': {
      const commits = Array.from({ length: what.together }, () =>
        Array.from({ length: what.events }, () => `event-${label++}`),
      );
      const results = await Promise.all(
        commits.map((labels) =>
          store.commit({ events: labels.map((screen) => ({ kind: 'help.requested', visit: null, screen })) }),
        ),
      );
      for (const [index, labels] of commits.entries())
        if (results[index]?.ok) told.events.push(...labels);
        else for (const each of labels) told.perhaps.add(each);
      return;
    }
    case 'answer': {
      const events = await store.unsent(what.count);
      for (const event of events)
        if (!told.answered.has(textOf(event))) told.answered.set(textOf(event), false);
      const kept = await store.answered(events.map(({ id }) => ({ id, outcome: 'accepted' as const })));
      if (kept.ok) for (const event of events) told.answered.set(textOf(event), true);
      return;
    }
    case 'number': {
      const taken = await store.takeNumber();
      if (taken.ok) told.numbers.push(taken.value);
      return;
    }
    case 'endorse':
      if (!told.endorsed)
        told.endorsed = (await store.endorse({ ...endorsement, numbers: { from: 1, to: 500 } })).ok;
      return;
    case 'compact':
      await store.compact();
      return;
    case 'rotate':
      await store.rotateKey();
      return;
    default:
      what satisfies never;
  }
}

const textOf = (event: { body: { kind: string; screen?: string } }): string => event.body.screen ?? '';

/** Everything that was acknowledged is there, once, in order; nothing half-written is. */
async function check(store: JournalStore, told: Told): Promise<void> {
  const events = await store.unsent(100_000);
  const texts = events.map(textOf);
  expect(new Set(texts).size).toBe(texts.length);
  for (const text of texts) {
    expect(told.answered.get(text)).not.toBe(true);
    expect(told.events.includes(text) || told.perhaps.has(text), text).toBe(true);
  }
  const acknowledged = told.events.filter((text) => !told.answered.has(text));
  expect(texts.filter((text) => acknowledged.includes(text))).toEqual(acknowledged);
  for (const [index, event] of events.entries()) {
    const before = events[index - 1];
    if (before !== undefined) expect(event.sequence).toBeGreaterThan(before.sequence);
    if (before !== undefined && before.sequence + 1 === event.sequence)
      expect(event.previous).toBe(before.hash);
  }
  const last = Math.max(0, ...told.numbers);
  expect(new Set(told.numbers).size).toBe(told.numbers.length);
  if (told.endorsed) expect(500 - store.numbersLeft()).toBeGreaterThanOrEqual(last);
}

const chance = (seed: number): Survival => {
  let state = seed;
  return (share) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * share);
  };
};

test('commits, compactions and changes of the key, cut again and again on a disk that forgets, reorders and tears', async () => {
  const life = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 14 }),
    fuse: fc.oneof(fc.integer({ min: 1, max: 30_000 }), fc.constant(Number.POSITIVE_INFINITY)),
    survival: fc.oneof(
      fc.constant<Survival>('everything'),
      fc.constant<Survival>('nothing'),
      fc.nat().map((seed) => chance(seed)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
      const told: Told = {
        events: [],
        perhaps: new Set(),
        answered: new Map(),
        numbers: [],
        endorsed: false,
      };
      let files = new ForgetfulFiles();
      for (const { steps, fuse, survival } of lives) {
        files.fuse = fuse;
        let store = await open(files);
        for (const what of steps) {
          if (typeof store === 'string') break;
          // What is read after the cut throws, as the process is no more.
          if (what.do !== 'restart') await take(store, what, told).catch(onlyPowerCut);
          else {
            await store.close();
            store = await open(files);
          }
        }
        if (typeof store !== 'string') await store.close();
        files = files.afterCut(survival);
        const next = await open(files);
        if (typeof next === 'string') throw new Error(next);
        await check(next, told);
        await next.close();
      }
    }),
    { numRuns: 30 },
  );
}, 180_000);

test('a change of the key, cut at every step and at bytes all along, opens with what is on the disk', async () => {
  const whole = await lived(Number.POSITIVE_INFINITY);
  expect(whole.spent).toBeGreaterThan(8192);
  for (let fuse = 1; fuse < whole.spent; fuse += whole.dull.has(fuse) ? 397 : 41) {
    const files = await lived(fuse);
    for (const survival of ['everything', 'nothing', chance(fuse)] as const) {
      const store = await open(files.afterCut(survival));
      if (typeof store === 'string') throw new Error(`fuse ${fuse}: ${store}`);
      const texts = (await store.unsent(10)).map(textOf);
      await store.close();
      if (files.told) expect(texts, `fuse ${fuse}`).toEqual(['before']);
    }
  }
}, 180_000);

/** A store with one event that changes its key; dies at the fuse. */
async function lived(fuse: number): Promise<ForgetfulFiles & { told?: boolean }> {
  const files: ForgetfulFiles & { told?: boolean } = new ForgetfulFiles();
  files.fuse = fuse;
  const store = await open(files);
  if (typeof store === 'string') return files;
  const kept = await store.commit({ events: [{ kind: 'help.requested', visit: null, screen: 'before' }] });
  files.told = kept.ok;
  await store.rotateKey();
  await store.close();
  return files;
}

test('a disk that fills up under a store: nothing is lost, and it goes on by itself', async () => {
  const files = new ForgetfulFiles();
  const ours = manualClock(Date.parse('2026-11-22T00:00:00Z'));
  const opened = await openStoreIn(
    files,
    {
      ...optionsFor(folder),
      keyHolder: keyFileHolder('/data/key', random, files),
      clock: ours,
      spare: { step: 4096, reserve: 2048 },
      compaction: { records: 8, bytes: 1e9 },
    },
    soleUser,
  );
  if (!opened.ok) throw new Error(opened.error);
  const store = opened.value;
  const heard: boolean[] = [];
  store.onWritable((writable) => heard.push(writable));
  files.capacity = files
    .list(folder)
    .reduce((sum, name) => sum + files.content(`${folder}/${name}`).length, 0);
  let kept = 0;
  let keptInReserve = 0;
  for (let i = 0; i < 40; i++) {
    const result = await store.commit({ events: [{ kind: 'help.requested', visit: null, screen: 'home' }] });
    if (!result.ok) continue;
    kept++;
    if (!store.writable) keptInReserve++;
  }
  expect(kept).toBeLessThan(40);
  expect(keptInReserve).toBeGreaterThan(1);
  expect([store.writable, heard]).toEqual([false, [false]]);
  expect((await store.unsent(100)).length).toBe(kept);
  files.capacity = Number.POSITIVE_INFINITY;
  await ours.advance(5000);
  await expect.poll(() => store.writable).toBe(true);
  expect(heard).toEqual([false, true]);
  expect((await store.commit({ events: [{ kind: 'help.requested', visit: null, screen: 'home' }] })).ok).toBe(
    true,
  );
  await store.close();
  const again = await open(files.afterCut('nothing'));
  if (typeof again === 'string') throw new Error(again);
  expect((await again.unsent(100)).map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: kept + 1 }, (_, index) => index + 1),
  );
  await again.close();
});

test('a read-only disk: the store opens, serves what it has, says so, and writes nothing', async () => {
  const files = new ForgetfulFiles();
  const first = await open(files);
  if (typeof first === 'string') throw new Error(first);
  await first.commit({ events: [{ kind: 'help.requested', visit: null, screen: 'home' }] });
  await deliver(first, { asOf: '2026-11-22T00:00:00Z' });
  await first.close();
  files.readOnly = true;
  const store = await open(files);
  if (typeof store === 'string') throw new Error(store);
  expect(store.writable).toBe(false);
  expect((await store.residentFor(canary))?.resident).toEqual(canary);
  expect((await store.unsent(10)).length).toBe(1);
  expect((await store.commit({ events: [] })).ok).toBe(true);
  expect((await store.takeNumber()).ok).toBe(false);
  expect((await store.endorse(endorsement)).ok).toBe(false);
  await store.close();
});

test('a record that the disk cannot read costs itself, and a snapshot that cannot be written costs nothing', async () => {
  const files = new ForgetfulFiles();
  const { open: openFile, create } = files;
  const read: number[] = [];
  let unreadable: number | undefined;
  files.open = (path) => {
    const file = openFile.call(files, path);
    return {
      ...file,
      read: (length, position) => {
        if (position === unreadable) throw refusal('EIO');
        read.push(position);
        return file.read(length, position);
      },
    };
  };
  const store = await open(files);
  if (typeof store === 'string') throw new Error(store);
  const sequences = async (from: JournalStore): Promise<number[]> =>
    (await from.unsent(10)).map(({ sequence }) => sequence);
  for (let i = 0; i < 4; i++)
    await store.commit({ events: [{ kind: 'help.requested', visit: null, screen: 'home' }] });
  expect(await sequences(store)).toEqual([1, 2, 3, 4]);
  files.create = (path) => ({
    ...create.call(files, path),
    write: () => Promise.reject(refusal('EIO')),
  });
  expect(await store.compact()).toEqual({ ok: false, error: 'EIO: simulated' });
  expect(await sequences(store)).toEqual([1, 2, 3, 4]);
  Object.assign(files, { create });
  unreadable = read.at(-3);
  expect(await sequences(store)).toEqual([1, 3, 4]);
  expect(await store.compact()).toEqual({ ok: true, value: undefined });
  await store.commit({ events: [{ kind: 'help.requested', visit: null, screen: 'home' }] });
  expect(await sequences(store)).toEqual([1, 3, 4, 5]);
  await store.close();
  const again = await open(files.afterCut('nothing'));
  if (typeof again === 'string') throw new Error(again);
  expect(await sequences(again)).toEqual([1, 3, 4, 5]);
  await again.close();
});
