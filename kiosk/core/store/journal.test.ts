import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ForgetfulFiles, PowerCut, type Survival } from './fixtures/forgetful-files.ts';
import { FRAMES_AT } from './header.ts';
import { type Finding, type Journal, openJournal } from './journal.ts';
import type { MasterKeys } from './key.ts';
import { TAKEN_OVER } from './legacy.ts';
import { type FolderLock, soleUser } from './lock.ts';

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
const keys = { current: new Uint8Array(32).fill(7), others: [] };
const folder = '/data';
const SEGMENT = '/data/journal-000001.hmj';
/** Little space, so that every byte of it can be cut. */
const spare = { step: 256, reserve: 64 };

interface Opened {
  readonly journal: Journal;
  readonly frames: readonly string[];
  readonly findings: readonly Finding[];
}

function open(files: ForgetfulFiles, with_: MasterKeys = keys, lock = soleUser): Opened {
  const frames: string[] = [];
  const opened = openJournal({
    folder,
    files,
    keys: with_,
    random,
    spare,
    lock,
    onFound: (found) => {
      if (found.kind === 'frame') frames.push(found.plaintext.toString());
    },
  });
  if (!opened.ok) throw new Error(opened.error);
  return { ...opened.value, frames };
}

async function append(journal: Journal, text: string): Promise<number> {
  const appended = await journal.append(Buffer.from(text));
  if (!appended.ok) throw new Error(appended.error);
  return appended.value;
}

async function begin(journal: Journal, frames: readonly string[], key = keys.current): Promise<void> {
  const begun = await journal.rewrite(
    key,
    frames.map((frame) => Buffer.from(frame)),
    () => undefined,
  );
  if (!begun.ok) throw new Error(begun.error);
}

/** A journal of these frames, the first of them as its snapshot, and where each of the others stands. */
async function written(values: readonly string[]) {
  const files = new ForgetfulFiles();
  const { journal } = open(files);
  await begin(journal, values.slice(0, 1));
  const positions: number[] = [];
  for (const value of values.slice(1)) positions.push(await append(journal, value));
  return { files, journal, positions, end: journal.bytes };
}

/** Deterministic chance, so that a failure can be seen again. */
function chance(seed: number): (share: number) => number {
  let state = seed;
  return (share) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * share);
  };
}

/** What a process that is killed leaves, what a disk that loses its power leaves, and now and then the least there is. */
function survivals(fuse: number): readonly Survival[] {
  if (fuse % 8 === 0) return ['everything', chance(fuse), 'nothing'];
  return fuse % 2 === 0 ? ['everything', chance(fuse)] : ['everything'];
}

describe('power cuts', () => {
  /** Commits, compacts, commits, changes the key and compacts, commits; `told` is what was acknowledged, in order. */
  async function life(files: ForgetfulFiles, told: string[]): Promise<void> {
    const { journal, frames } = open(files);
    const all = [...frames];
    const commit = async (text: string): Promise<void> => {
      await append(journal, text);
      all.push(text);
      told.push(text);
    };
    await begin(journal, all);
    await commit('one');
    await commit('x'.repeat(540));
    await commit('two');
    await begin(journal, all);
    await commit('three');
    await begin(journal, all);
    await commit('four');
    await commit('five');
  }

  test('at every byte and every step of commits and compactions, nothing acknowledged is lost, doubled or out of order', async () => {
    const whole = new ForgetfulFiles();
    await life(whole, []);
    expect(whole.spent).toBeGreaterThan(3 * FRAMES_AT);
    const everything = ['one', 'x'.repeat(540), 'two', 'three', 'four', 'five'];
    for (let fuse = 1; fuse <= whole.spent; fuse++) {
      if (whole.dull.has(fuse) && fuse % 64 > 0) continue;
      const files = new ForgetfulFiles();
      files.fuse = fuse;
      const told: string[] = [];
      // A cut reaches the writer as an error or as a throw: either way it acknowledges no more.
      await life(files, told).catch((cause: unknown) => cause);
      for (const survival of survivals(fuse)) {
        const next = files.afterCut(survival);
        const { frames, findings, journal } = open(next);
        // A disk that wrote its sectors in another order can have lost the head, which tells how long a frame is.
        const headless = (finding: Finding): boolean =>
          typeof survival === 'function' && finding.kind === 'hole' && finding.missing.to === null;
        const wrong = findings.filter((finding) => finding.kind !== 'torn' && !headless(finding));
        // And it goes on from there.
        if (journal.outdated) await begin(journal, frames);
        await append(journal, 'next');
        const after = open(next.afterCut('nothing')).frames;
        // One more than was acknowledged may be there: the commit under way.
        const more = frames.length - told.length;
        if (more === 0 || more === 1)
          expect({ wrong, frames, after }, `fuse ${fuse}`).toEqual({
            wrong: [],
            frames: everything.slice(0, frames.length),
            after: [...frames, 'next'],
          });
        else expect.fail(`fuse ${fuse}: ${told.length} acknowledged, ${frames.length} there`);
      }
    }
  }, 180_000);

  test('a cut says so to whoever commits', async () => {
    const { files, journal } = await written(['state']);
    files.fuse = files.spent + 3;
    expect((await journal.append(Buffer.from('late'))).ok).toBe(false);
    expect(() => files.list(folder)).toThrow(PowerCut);
  });
});

describe('damage', () => {
  const values = ['state', 'one', 'two', 'three', 'four', 'five'];

  test('any changed byte costs at most the frame it stands in, and is found, located and set aside', async () => {
    const { files, positions, end } = await written(values);
    const original = Buffer.from(files.content(SEGMENT));
    const starts = [FRAMES_AT, ...positions, end];
    for (let at = 0; at < end; at++) {
      // Between the two copies of the header, and behind them, is nothing to be damaged.
      if (at % 32 > 0 && at < FRAMES_AT && original[at] === 0 && original[at + 1] === 0) continue;
      const hurt = new ForgetfulFiles();
      const bytes = Buffer.from(original);
      bytes[at] = (bytes[at] ?? 0) ^ (1 + (at % 255));
      hurt.put(SEGMENT, bytes);
      const { frames, findings, journal } = open(hurt);
      const victim = starts.findIndex((start, index) => at >= start && at < (starts[index + 1] ?? start));
      const without = values.filter((_, index) => index !== victim);
      // Space in the header and the last marks of a frame say nothing.
      if (findings.length === 0) {
        expect(frames).toEqual(values);
        continue;
      }
      if (victim < 0) {
        expect(findings).toEqual([{ kind: 'header-copy', file: 'journal-000001.hmj' }]);
        expect(frames).toEqual(values);
      } else {
        expect(frames).toEqual(without);
        expect(findings).toMatchObject([{ kind: 'hole', from: starts[victim] }]);
      }
      await begin(journal, frames);
      expect(hurt.content(`${SEGMENT}.damaged`).subarray(0, end)).toEqual(bytes.subarray(0, end));
      expect(open(hurt).frames).toEqual(frames);
      expect(open(hurt).findings).toEqual([]);
    }
  }, 180_000);

  test('the number of frames that are missing is known, and those after them are kept', async () => {
    const { files, positions } = await written(values);
    const bytes = files.content(SEGMENT);
    const [, from = 0, , to = 0] = positions;
    bytes.fill(0xaa, from, to);
    const { frames, findings } = open(files);
    expect(frames).toEqual(['state', 'one', 'four', 'five']);
    expect(findings).toEqual([
      { kind: 'hole', file: 'journal-000001.hmj', from, to, missing: { from: 2, to: 3 } },
    ]);
  });

  test('whoever has the disk and no key cannot take out, swap, repeat or bring in frames unnoticed', async () => {
    const { files, positions, end } = await written(values);
    const original = Buffer.from(files.content(SEGMENT));
    const other = await written(['state', 'foreign', 'other']);
    const foreign = other.files.content(SEGMENT).subarray(other.positions[0], other.end);
    const starts = [...positions, end];
    const frame = (index: number): Buffer => original.subarray(starts[index], starts[index + 1]);
    const head = original.subarray(0, starts[0]);
    const [one, two, three, four, five] = [0, 1, 2, 3, 4].map(frame) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const forged = {
      'taken out': [one, three, four, five],
      swapped: [one, three, two, four, five],
      repeated: [one, two, two, three, four, five],
      'brought in': [one, foreign, two, three, four, five],
      'moved to the end': [one, two, three, five, four],
    };
    for (const [how, parts] of Object.entries(forged)) {
      const hurt = new ForgetfulFiles();
      hurt.put(SEGMENT, Buffer.concat([head, ...parts, Buffer.alloc(300)]));
      const { frames, findings } = open(hurt);
      expect(findings.length, how).toBeGreaterThan(0);
      expect(new Set(frames).size, how).toBe(frames.length);
      expect(
        values.filter((value) => frames.includes(value)),
        how,
      ).toEqual(frames);
    }
  });

  test('a frame written over by an older one of the same place is noticed by the frame after it', async () => {
    const { files, journal, end } = await written(['state', 'one']);
    await append(journal, 'older');
    const stale = Buffer.from(files.content(SEGMENT).subarray(end, journal.bytes));
    const again = new ForgetfulFiles();
    const cut = Buffer.from(files.content(SEGMENT));
    cut.fill(0, end);
    again.put(SEGMENT, cut);
    const second = open(again).journal;
    await append(second, 'newer');
    await append(second, 'last');
    again.content(SEGMENT).set(stale, end);
    const { frames, findings } = open(again);
    expect(frames).toEqual(['state', 'one', 'older', 'last']);
    expect(findings).toMatchObject([{ kind: 'hole', missing: { from: 3, to: 2 } }]);
  });

  test('at the end is an unfinished commit only if it is part of one frame with space behind it', async () => {
    const { files, positions, end } = await written(values);
    const original = Buffer.from(files.content(SEGMENT));
    const [last = 0, before = 0] = positions.toReversed();
    const kinds = (change: (bytes: Buffer) => Buffer): readonly string[] => {
      const hurt = new ForgetfulFiles();
      hurt.put(SEGMENT, change(Buffer.from(original)));
      return open(hurt).findings.map(({ kind }) => kind);
    };
    expect(kinds((bytes) => bytes.fill(0, end - 5))).toEqual(['torn']);
    expect(kinds((bytes) => bytes.fill(0, last + 2))).toEqual(['torn']);
    for (const cut of [end, end - 5, last + 2, last])
      expect(kinds((bytes) => bytes.subarray(0, cut))).toEqual(['hole']);
    expect(kinds((bytes) => bytes.fill(0, last, last + 20))).toEqual(['hole']);
    expect(kinds((bytes) => bytes.fill(0, before + 50, before + 55).fill(0, end - 9))).toEqual(['hole']);
  });

  test('the bytes of an unfinished commit are kept beside', async () => {
    const { files, positions, end } = await written(values);
    const last = positions.at(-1) ?? 0;
    files.content(SEGMENT).fill(0, end - 5);
    const unfinished = Buffer.from(files.content(SEGMENT).subarray(last, end - 5));
    const { journal, findings } = open(files);
    await journal.probe();
    expect(findings.map((finding) => journal.keptAs(finding))).toEqual(['journal-000001.hmj.torn']);
    expect(files.content(`${SEGMENT}.torn`)).toEqual(unfinished);
  });

  test('that was set aside stays aside when the power goes then', async () => {
    const { files } = await written(values);
    const hurt = files.content(SEGMENT);
    hurt[FRAMES_AT + 70] = (hurt[FRAMES_AT + 70] ?? 0) ^ 1;
    const { journal, frames } = open(files);
    await begin(journal, frames);
    const next = files.afterCut('nothing');
    expect(next.list(folder).toSorted().slice(0, 2)).toEqual([
      'journal-000001.hmj.damaged',
      'journal-000002.hmj',
    ]);
    expect(open(next).findings).toEqual([]);
  });

  test('a segment that cannot be opened at all is set aside', async () => {
    const { files } = await written(values);
    const bytes = files.content(SEGMENT);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    bytes[2048 + 21] = (bytes[2048 + 21] ?? 0) ^ 1;
    const { frames, findings, journal } = open(files);
    expect([frames, findings]).toEqual([[], [{ kind: 'unreadable', file: 'journal-000001.hmj' }]]);
    await begin(journal, ['new']);
    expect(files.list(folder).toSorted()).toEqual([
      'journal-000001.hmj.damaged',
      'journal-000002.hmj',
      'journal.hmj',
    ]);
  });

  test('a wrong key, and a later version, are no damage: nothing is touched', async () => {
    const { files } = await written(values);
    const before = Buffer.from(files.content(SEGMENT));
    const wrong = { current: new Uint8Array(32).fill(8), others: [] };
    expect(() => open(files, wrong)).toThrow(/the key does not open/);
    expect(files.content(SEGMENT)).toEqual(before);
    for (const at of [0, 2048]) files.content(SEGMENT).write('HMJ3', at);
    for (const key of [wrong, keys]) expect(() => open(files, key)).toThrow(/later version/);
    expect(files.list(folder)).toEqual(['journal-000001.hmj', 'journal.hmj']);
  });
});

describe('the first form', () => {
  const original = readFileSync(join(import.meta.dirname, 'fixtures/journal-1.hmj'));
  const LEGACY = '/data/journal.hmj';

  test('is read, cut at any byte, and written anew', async () => {
    const all = new ForgetfulFiles();
    all.put(LEGACY, original);
    const { frames: whole } = open(all);
    expect(whole.length).toBeGreaterThan(9);
    for (let cut = 0; cut <= original.length; cut++) {
      const files = new ForgetfulFiles();
      files.put(LEGACY, original.subarray(0, cut));
      const { frames, journal, findings } = open(files);
      expect(frames).toEqual(whole.slice(0, frames.length));
      expect(findings.filter(({ kind }) => kind !== 'torn')).toEqual([]);
      if (cut % 16 > 0) continue;
      await begin(journal, frames);
      expect(files.list(folder)).toContain('journal-000001.hmj');
      expect(files.content(LEGACY)).toEqual(TAKEN_OVER);
      expect(open(files).frames).toEqual(frames);
    }
  }, 180_000);

  test('keeps what stands before and after damage', async () => {
    const all = new ForgetfulFiles();
    all.put(LEGACY, original);
    const { frames: whole } = open(all);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 32, max: original.length - 1 }), async (at) => {
        const files = new ForgetfulFiles();
        const bytes = Buffer.from(original);
        bytes[at] = (bytes[at] ?? 0) ^ 0x40;
        files.put(LEGACY, bytes);
        const { frames, findings } = open(files);
        expect(findings.length).toBe(1);
        expect(whole.filter((frame) => frames.includes(frame))).toEqual(frames);
      }),
    );
  });
});

describe('an earlier version that ran in between', () => {
  const LEGACY = '/data/journal.hmj';
  const original = readFileSync(join(import.meta.dirname, 'fixtures/journal-1.hmj'));

  test('has its journal set aside and reported, never taken away', async () => {
    const { files } = await written(['state', 'one']);
    files.put(LEGACY, original);
    const { journal, findings, frames } = open(files);
    expect([frames, findings]).toEqual([['state', 'one'], [{ kind: 'foreign', file: 'journal.hmj' }]]);
    await journal.probe();
    expect(files.content(`${LEGACY}.damaged`)).toEqual(original);
    expect(files.content(LEGACY)).toEqual(TAKEN_OVER);
    expect(open(files).findings).toEqual([]);
  });

  test('is told from a change of the form that was cut before its end', async () => {
    const files = new ForgetfulFiles();
    files.put(LEGACY, original);
    const { journal, frames } = open(files);
    await begin(journal, frames);
    files.put(LEGACY, original);
    const again = open(files);
    expect(again.findings).toEqual([]);
    await again.journal.probe();
    expect(files.content(LEGACY)).toEqual(TAKEN_OVER);
    const added = Buffer.concat([original, Buffer.from([0, 0, 0, 40]), random(40)]);
    files.put(LEGACY, added);
    expect(open(files).findings).toEqual([{ kind: 'foreign', file: 'journal.hmj' }]);
  });

  test('a journal of the first form is opened by whichever key opens it, however small it is', () => {
    const files = new ForgetfulFiles();
    files.put(LEGACY, original.subarray(0, 1500));
    const wrong = new Uint8Array(32).fill(8);
    expect(open(files, { current: wrong, others: [keys.current] }).frames.length).toBeGreaterThan(0);
    expect(() => open(files, { current: wrong, others: [] })).toThrow(/the key does not open/);
  });
});

describe('a folder opened without its lock', () => {
  const lockThat = (lock: { held: boolean; may: boolean }): FolderLock => ({
    get held() {
      return lock.held;
    },
    acquire: () => {
      lock.held = lock.may;
      return lock.held;
    },
    release: () => {
      lock.held = false;
    },
  });

  test('is not written before it has the lock, and never over what another wrote meanwhile', async () => {
    for (const meanwhile of [false, true]) {
      const { files, journal: other } = await written(['state', 'one']);
      const lock = { held: false, may: false };
      const { journal } = open(files, keys, lockThat(lock));
      const before = files.spent;
      expect([journal.claim(), await journal.probe()]).toEqual([false, 'none']);
      expect((await journal.append(Buffer.from('mine'))).ok).toBe(false);
      expect((await journal.rewrite(keys.current, [], () => undefined)).ok).toBe(false);
      expect(files.spent).toBe(before);
      if (meanwhile) await append(other, 'theirs');
      lock.may = true;
      expect([journal.claim(), lock.held]).toEqual([!meanwhile, !meanwhile]);
      expect((await journal.append(Buffer.from('mine'))).ok).toBe(!meanwhile);
      expect(open(files).frames).toEqual(['state', 'one', meanwhile ? 'theirs' : 'mine']);
    }
  });

  test('a segment never takes the name of another one', async () => {
    const { files, journal } = await written(['state']);
    const theirs = Buffer.from('theirs');
    files.put('/data/journal-000002.hmj', theirs);
    expect((await journal.rewrite(keys.current, [], () => undefined)).ok).toBe(false);
    expect(files.content('/data/journal-000002.hmj')).toEqual(theirs);
  });
});

describe('a disk that refuses', () => {
  test('takes the last commits into its reserve, says so, and takes more when there is space again', async () => {
    const { files, journal } = await written(['state']);
    files.capacity = files.used;
    const kept: string[] = ['state'];
    let refused = 0;
    for (let i = 0; i < 20; i++) {
      const text = `commit ${i}`;
      if ((await journal.append(Buffer.from(text))).ok) kept.push(text);
      else refused++;
    }
    expect([refused > 0, kept.length > 1, journal.room]).toEqual([true, true, 'none']);
    expect((await journal.rewrite(keys.current, [Buffer.from('new')], () => undefined)).ok).toBe(false);
    expect(files.list(folder)).toEqual(['journal-000001.hmj', 'journal.hmj']);
    files.capacity = Number.POSITIVE_INFINITY;
    expect(await journal.probe()).toBe('ample');
    await append(journal, 'after');
    expect(open(files.afterCut('nothing')).frames).toEqual([...kept, 'after']);
  });

  test('a reserve that is being used is told apart from a disk that refuses', async () => {
    const { files, journal } = await written(['state']);
    await append(journal, 'a');
    files.capacity = files.used;
    await append(journal, 'b'.repeat(80));
    expect(journal.room).toBe('reserve');
  });

  test('a name that could not be made safe stops all writing until there is a newer segment', async () => {
    const { files, journal } = await written(['state', 'one']);
    const { syncFolder, remove } = files;
    const failing = (): never => {
      throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' });
    };
    files.syncFolder = failing;
    files.remove = failing;
    expect((await journal.rewrite(keys.current, [Buffer.from('state')], () => undefined)).ok).toBe(false);
    expect((await journal.append(Buffer.from('lost'))).ok).toBe(false);
    expect(journal.outdated).toBe(true);
    Object.assign(files, { syncFolder, remove });
    await begin(journal, ['state', 'one']);
    await append(journal, 'two');
    expect(open(files.afterCut('everything')).frames).toEqual(['state', 'one', 'two']);
    expect(open(files.afterCut('nothing')).frames).toEqual(['state', 'one', 'two']);
  });
});
