import { describe, expect, test } from 'vitest';
import { type GroupOptions, groupCommits, QueueFull } from './group.ts';

/** Groups whose commits end when the test says so. */
function held(change: Partial<GroupOptions<string, string>> = {}) {
  const committed: { readonly items: readonly string[]; readonly end: () => void }[] = [];
  const groups = groupCommits<string, string>({
    commit: (items) =>
      new Promise((resolve, reject) => {
        const bad = items.find((item) => item.startsWith('bad'));
        const end = () => (bad ? reject(new Error(bad)) : resolve(items.map((item) => `${item}!`)));
        committed.push({ items, end });
      }),
    weigh: (item) => item.length,
    mostWeight: 4,
    lanes: 1,
    mostWaiting: 100,
    isolates: () => true,
    ...change,
  });
  const settle = async () => {
    for (let ended = 0; ended < committed.length; ended++) {
      committed[ended]?.end();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { groups, committed, settle, items: () => committed.map(({ items }) => items) };
}

describe('commits in groups', () => {
  test('the first goes at once and alone; what comes meanwhile shares the next, in order', async () => {
    const { groups, settle, items } = held();
    const answers = ['a', 'b', 'c', 'd'].map((item) => groups.submit(item));
    expect(items()).toEqual([['a']]);
    await settle();
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!']);
    expect(items()).toEqual([['a'], ['b', 'c', 'd']]);
  });

  test('a group is bounded by weight, but the heaviest item passes alone', async () => {
    const { groups, settle, items } = held();
    const answers = ['a', 'bb', 'cc', 'd', 'eeeeee', 'f'].map((item) => groups.submit(item));
    await settle();
    await Promise.all(answers);
    expect(items()).toEqual([['a'], ['bb', 'cc'], ['d'], ['eeeeee'], ['f']]);
  });

  test('one that fails spoils its group, and then only itself', async () => {
    const { groups, settle } = held();
    const answers = ['a', 'b', 'bad', 'c'].map((item) => groups.submit(item));
    const settled = Promise.allSettled(answers);
    await settle();
    expect(
      (await settled).map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message)),
    ).toEqual(['a!', 'b!', 'bad', 'c!']);
  });

  test('where nothing can be written, nobody is tried alone', async () => {
    const { groups, settle, items } = held({ isolates: () => false });
    const answers = ['a', 'b', 'bad'].map((item) => groups.submit(item));
    const settled = Promise.allSettled(answers);
    await settle();
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(items()).toEqual([['a'], ['b', 'bad']]);
  });

  test('with two lanes two are on their way; too many are turned away', async () => {
    const { groups, settle, items } = held({ lanes: 2, mostWaiting: 1 });
    const answers = ['a', 'b', 'c', 'd'].map((item) => groups.submit(item));
    const settled = Promise.allSettled(answers);
    expect(items()).toEqual([['a'], ['b']]);
    await settle();
    const [, , , last] = await settled;
    expect(last?.status === 'rejected' && last.reason).toBeInstanceOf(QueueFull);
  });
});
