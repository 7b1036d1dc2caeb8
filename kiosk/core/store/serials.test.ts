import { manualClock } from '@huimin/drivers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeTestAuthority } from '../documents/testing/index.ts';
import { ForgetfulFiles } from './fixtures/forgetful-files.ts';
import { endorsement, help, optionsFor, random } from './fixtures/store.ts';
import { endOfContent } from './frame.ts';
import { FRAMES_AT } from './header.ts';
import { keyFileHolder } from './key.ts';
import { soleUser } from './lock.ts';
import { openStoreIn } from './open.ts';
import { SERIALS_GIVEN_UP, withoutDoubtful, withoutSerial } from './state.ts';
import type { JournalStore } from './store.ts';

const folder = '/data';
const clock = manualClock(Date.parse('2026-11-22T00:00:00Z'));
const SECTOR = 512;
/** No compaction but those of a start: the end is then always that of the same file. */
const bounds = { records: 1e9, bytes: 1e9 };

async function open(files: ForgetfulFiles): Promise<JournalStore> {
  const keyHolder = keyFileHolder('/data/key', random, files);
  const options = { ...optionsFor(folder), keyHolder, clock, compaction: bounds };
  const opened = await openStoreIn(files, { ...options, spare: { step: 8192, reserve: 256 } }, soleUser);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

const segment = (files: ForgetfulFiles): Buffer => {
  const name = files.list(folder).find((each) => /^journal-\d+\.hmj$/.test(each));
  return files.content(`${folder}/${name}`);
};

async function take(store: JournalStore): Promise<number> {
  const taken = await store.takeNumber();
  if (!taken.ok) throw new Error(taken.error);
  return taken.value;
}

/** A disk with a store that has been given numbers in two blocks. */
async function enrolled(): Promise<ForgetfulFiles> {
  const files = new ForgetfulFiles();
  const store = await open(files);
  await store.endorse({ ...endorsement, numbers: { from: 1, to: 60 } });
  await store.endorse({ ...endorsement, numbers: { from: 501, to: 2000 } });
  // The state of the disk as it was enrolled is what no disk forgets.
  await store.compact();
  await store.close();
  return files;
}

interface Life {
  /** What it does; at most so many numbers as are given up. */
  readonly does: readonly ('number' | 'event')[];
  readonly orderly: boolean;
  /** From which sector border of what was written the disk forgets, in thousandths. */
  readonly forgets: number;
  /** What stands there then: nothing, or what stood there before this life. */
  readonly leaves: 'zeros' | 'before' | 'everything';
}

const life: fc.Arbitrary<Life> = fc.record({
  does: fc
    .array(fc.constantFrom('number' as const, 'event' as const), { maxLength: 14 })
    .filter((does) => does.filter((what) => what === 'number').length <= SERIALS_GIVEN_UP),
  orderly: fc.boolean(),
  forgets: fc.integer({ min: 0, max: 1000 }),
  leaves: fc.constantFrom('zeros' as const, 'before' as const, 'everything' as const),
});

test('whatever a disk forgets at the end of a life, or of many in a row, no serial is given twice', async () => {
  const begun = await enrolled();
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 6 }), async (lives) => {
      let files = begun.afterCut('everything');
      const given: number[] = [];
      for (const { does, orderly, forgets, leaves } of lives) {
        const store = await open(files);
        const before = Buffer.from(segment(files));
        const from = endOfContent(before);
        for (const what of does)
          if (what === 'number') given.push(await take(store));
          else await store.commit({ events: [help] });
        if (orderly) await store.close();
        files = files.afterCut('everything');
        if (leaves === 'everything') continue;
        const now = segment(files);
        const to = endOfContent(now);
        const border = Math.ceil((from + ((to - from) * forgets) / 1000) / SECTOR) * SECTOR;
        now.fill(0, border);
        if (leaves === 'before') before.copy(now, from, from, Math.min(before.length, border));
        if (leaves === 'before') now.fill(0, before.length);
      }
      const last = await open(files);
      given.push(await take(last));
      await last.close();
      expect(given).toEqual([...new Set(given)]);
    }),
    { numRuns: 60 },
  );
}, 90_000);

test('zeroed from every sector border there is, a journal gives each serial once', async () => {
  const files = await enrolled();
  const store = await open(files);
  const after: { readonly end: number; readonly given: number }[] = [];
  for (let given = 0; given < 20; given++) {
    after.push({ end: endOfContent(segment(files)), given });
    await take(store);
    await store.commit({ events: [help] });
  }
  const last = 20;
  await store.close();
  const closed = files.afterCut('everything');
  const whole = segment(closed);
  let borders = 0;
  for (let border = FRAMES_AT + SECTOR; border < endOfContent(whole); border += SECTOR) {
    const known = after.findLast(({ end }) => end <= border)?.given ?? 0;
    if (last - known > SERIALS_GIVEN_UP) continue;
    borders++;
    const next = closed.afterCut('everything');
    segment(next).fill(0, border);
    const again = await open(next);
    expect(await take(again), `zeros from ${border}`).toBeGreaterThan(last);
    await again.close();
  }
  expect(borders).toBeGreaterThan(3);
});

test('an orderly stop costs no number, also one after which nothing is written', async () => {
  const files = await enrolled();
  for (const expected of [1, 2, 3]) {
    const store = await open(files);
    expect(await take(store)).toBe(expected);
    await store.close();
    await (await open(files)).close();
    const size = endOfContent(segment(files));
    await (await open(files)).close();
    expect(endOfContent(segment(files))).toBe(size);
  }
});

test('a stop that was not orderly costs a few numbers if it gave any, and is said', async () => {
  const files = await enrolled();
  const idle = await open(files);
  expect(idle.numbersLeft()).toBe(1560);
  const afterIdle = await open(files.afterCut('everything'));
  expect(afterIdle.numbersLeft()).toBe(1560);
  expect(await take(afterIdle)).toBe(1);
  const killed = files.afterCut('everything');
  const busy = await open(killed);
  expect(await take(busy)).toBe(1);
  const said: string[] = [];
  const again = killed.afterCut('everything');
  const opened = await openStoreIn(
    again,
    {
      ...optionsFor(folder),
      keyHolder: keyFileHolder('/data/key', random, again),
      clock,
      onNotice: (sentence) => said.push(sentence),
    },
    soleUser,
  );
  if (!opened.ok) throw new Error(opened.error);
  expect([said.join(), await take(opened.value)]).toEqual([
    expect.stringContaining('8 certificate numbers'),
    10,
  ]);
  await opened.value.close();
});

test('a disk that takes no mark gives no number', async () => {
  const files = await enrolled();
  const store = await open(files);
  files.readOnly = true;
  expect((await store.takeNumber()).ok).toBe(false);
  files.readOnly = false;
  expect(await take(store)).toBe(1);
});

test('what is given up goes on into the next block, and stays given up', () => {
  const blocks = [
    { from: 498, to: 500 },
    { from: 501, to: 1000 },
  ];
  expect(withoutDoubtful(blocks, null)).toEqual([{ from: 506, to: 1000 }]);
  expect(withoutDoubtful(blocks, 499)).toEqual([{ from: 508, to: 1000 }]);
  expect(withoutDoubtful(blocks, 2000)).toEqual([]);
  expect(withoutDoubtful([], 5)).toEqual([]);
  expect(withoutSerial(blocks, 506)).toEqual([{ from: 507, to: 1000 }]);
  expect(withoutSerial(blocks, 498)).toEqual([{ from: 499, to: 500 }, blocks[1]]);
  expect(withoutSerial(blocks, 3000)).toEqual(blocks);
});

test('another authority’s numbers are others: its whole block is used, and nothing is given from the one before', async () => {
  const files = await enrolled();
  const other = await makeTestAuthority('kiosk-test');
  const moved = {
    ...endorsement,
    kioskNumber: '0002',
    certificates: [...other.certificates],
    numbers: { from: 1, to: 40 },
  };
  let store = await open(files);
  for (let serial = 1; serial <= 50; serial++) expect(await take(store)).toBe(serial);
  await store.changeShares(() => ({
    events: [],
    records: [{ kind: 'share-book', book: '6f1f2c1e-7a0e-4f7e-9b5e-0c1d2e3f4a5b' }],
  }));
  const [, taken] = await Promise.all([store.endorse(moved), store.takeNumber()]);
  // The serial was asked for when the first one's word was good.
  expect(taken.ok).toBe(false);
  expect([store.numbersLeft(), store.shares]).toEqual([40, null]);
  await store.close();
  store = await open(files);
  expect(store.numbersLeft()).toBe(40);
  expect(await take(store)).toBe(1);
  await store.close();
  store = await open(files);
  expect(await take(store)).toBe(2);
  const [, none] = await Promise.all([store.withdraw(), store.takeNumber()]);
  expect([none.ok, store.endorsement, store.numbersLeft()]).toEqual([false, null, 0]);
  await store.close();
});
