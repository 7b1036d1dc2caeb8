import { expect, test } from 'vitest';
import { type Asked, createSearch, SEARCH_BUDGET_MS } from './search.ts';
import { manualClock } from './transport/index.ts';

interface Place {
  readonly port: string;
  readonly speed: number;
}

const GOES_ON = { ok: false, error: 'the search goes on' };
const NOBODY = { ok: false, error: 'nobody answers' };

/** Each place takes half a second to be asked, and is silent unless told otherwise. */
function bench(ports: readonly string[], speeds: readonly number[] = [1, 2]) {
  const clock = manualClock();
  let there = ports;
  const log: string[] = [];
  const outcomes = new Map<string, Asked>();
  let atOnce = 0;
  let most = 0;
  const search = createSearch<Place>({
    clock,
    places: async () => there.flatMap((port) => speeds.map((speed) => ({ port, speed }))),
    portOf: ({ port }) => port,
    async ask({ port, speed }) {
      log.push(`${port}${speed}`);
      most = Math.max(most, ++atOnce);
      await new Promise<void>((resolve) => clock.after(500, resolve));
      atOnce -= 1;
      return outcomes.get(`${port}${speed}`) ?? outcomes.get(port) ?? 'silent';
    },
    nobody: 'nobody answers',
  });
  const find = async () => {
    const finding = search.find();
    await clock.advance(SEARCH_BUDGET_MS);
    return finding;
  };
  /** What was asked since the last time. */
  const asked = () => log.splice(0);
  const plug = (...next: string[]) => {
    there = next;
  };
  return { clock, search, outcomes, find, asked, plug, most: () => most };
}

test('goes on where it stopped, until every place was asked once', async () => {
  const { find, asked, most } = bench(['a', 'b', 'c', 'd', 'e']);
  expect(await find()).toEqual(GOES_ON);
  expect(asked()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2']);
  expect(await find()).toEqual(NOBODY);
  expect(asked()).toEqual(['e1', 'e2']);
  expect(most()).toBe(1);
});

test('calls that overlap share one search, and a place that takes too long is waited for', async () => {
  const { clock, search, outcomes, most } = bench(['a'], [1]);
  outcomes.set('a1', 'there');
  const both = [search.find(), search.find()];
  await clock.advance(500);
  expect(await Promise.all(both)).toEqual([
    { ok: true, value: { port: 'a', speed: 1 } },
    { ok: true, value: { port: 'a', speed: 1 } },
  ]);
  expect(most()).toBe(1);
});

test('looks where the device was first; what cannot be opened is not tried at other speeds', async () => {
  const { find, asked, outcomes, search } = bench(['a', 'b', 'c']);
  outcomes.set('a', 'not-opened');
  outcomes.set('c2', 'there');
  expect(await find()).toEqual({ ok: true, value: { port: 'c', speed: 2 } });
  expect(asked()).toEqual(['a1', 'b1', 'b2', 'c1', 'c2']);
  expect(await find()).toMatchObject({ ok: true });
  expect(asked()).toEqual(['c2']);
  outcomes.set('c2', 'silent');
  expect(await find()).toEqual(NOBODY);
  expect(asked()).toEqual(['c2', 'a1', 'b1', 'b2', 'c1']);
  expect(search.last).toEqual({ port: 'c', speed: 2 });
});

test('places asked in vain are left in peace, longer each time; a new one is asked at once', async () => {
  const { clock, find, asked, plug } = bench(['a'], [1]);
  const pauses: number[] = [];
  let before = 0;
  while (pauses.length < 7) {
    await find();
    if (asked().length === 0) continue;
    pauses.push(clock.monotonic() - before);
    before = clock.monotonic();
  }
  for (const [n, pause] of pauses.slice(1).entries()) {
    const peace = Math.min(60_000, 5_000 * 2 ** n);
    expect(pause).toBeGreaterThanOrEqual(peace);
    expect(pause).toBeLessThanOrEqual(peace + 2 * SEARCH_BUDGET_MS);
  }
  plug('a', 'b');
  expect(await find()).toEqual(NOBODY);
  expect(asked()).toEqual(['b1']);
  plug('b');
  await find();
  plug('a', 'b');
  await find();
  expect(asked()).toEqual(['a1']);
});

test('ended, it asks nobody any more', async () => {
  const { clock, search, asked } = bench(['a', 'b', 'c']);
  const finding = search.find();
  await clock.advance(600);
  search.stop();
  await clock.advance(10_000);
  expect(await finding).toEqual({ ok: false, error: 'the search was ended' });
  expect(await search.find()).toEqual({ ok: false, error: 'the search was ended' });
  expect(asked()).toEqual(['a1', 'a2']);
});
