import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONGEST_CODE } from './code.ts';
import { createKeyboardWedge, openCodeScanner, simulateScan, type WedgeEvent } from './index.ts';

type Keys = readonly (readonly [key: string, at: number])[];

function feedAll(wedge: { feed(key: string, at: number): WedgeEvent | null }, keys: Keys): WedgeEvent[] {
  return keys.flatMap(([key, at]) => wedge.feed(key, at) ?? []);
}

const scan = (code: string, start: number): Keys =>
  simulateScan(code, start).map(({ key, atMs }) => [key, atMs]);
/** Keys with the pauses before them. */
const paced = (keys: readonly string[], gaps: readonly number[]): Keys => {
  let at = 0;
  return keys.map((key, i) => {
    at += gaps[i] ?? 0;
    return [key, at];
  });
};
const code = (text: string, symbology: string | null = null) => ({ kind: 'code', code: { text, symbology } });
const typedKeys = (events: readonly WedgeEvent[]) =>
  events.flatMap((event) => (event.kind === 'typed' ? event.keys : []));

describe('a scanner', () => {
  test('any code of four characters or more is told whole, at any pace of scanners, with Enter or Tab', () => {
    const anyCode = fc.stringMatching(/^[ -~]{4,120}$/);
    fc.assert(
      fc.property(
        anyCode,
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        fc.boolean(),
        (text, jitter, tab) => {
          const keys = [...text, tab ? 'Tab' : 'Enter'];
          // A pace of 20 ms with nothing but one and the same key is a key that is held.
          fc.pre(new Set(text).size > 1 || Math.max(...jitter) < 20);
          const gaps = keys.map((_, i) => jitter[i % jitter.length] ?? 1);
          expect(feedAll(createKeyboardWedge(), paced(keys, gaps))).toEqual([code(text)]);
        },
      ),
    );
  });

  test('right after typing is told apart; Shift and its like do not matter', () => {
    const burst = scan('CERT-1', 400).flatMap(([key, at]): [string, number][] => [
      ['Shift', at],
      [key, at],
    ]);
    const events = feedAll(createKeyboardWedge(), [['a', 0], ['b', 200], ...burst]);
    expect(events).toEqual([{ kind: 'typed', keys: ['a'] }, { kind: 'typed', keys: ['b'] }, code('CERT-1')]);
  });

  test('in the middle of typing is told apart, wherever it comes', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{1,10}$/),
        fc.nat(10),
        fc.integer({ min: 36, max: 300 }),
        (word, where, gap) => {
          const at = Math.min(where, word.length);
          const before = paced([...word.slice(0, at)], Array(at).fill(gap));
          const start = (before.at(-1)?.[1] ?? 0) + gap;
          const burst = scan('0123-ABC', start);
          const end = burst.at(-1)?.[1] ?? 0;
          const after: Keys = [...word.slice(at), 'Enter'].map((key, i) => [key, end + (i + 1) * gap]);
          const events = feedAll(createKeyboardWedge(), [...before, ...burst, ...after]);
          expect(events.filter(({ kind }) => kind === 'code')).toEqual([code('0123-ABC')]);
          expect(typedKeys(events).join('')).toBe(`${word}Enter`);
        },
      ),
    );
  });

  test('with a prefix: only bursts with it are codes, and it is taken off; the AIM identifier after it is told', () => {
    const wedge = createKeyboardWedge({ prefix: '~#', aimId: true });
    expect(feedAll(wedge, scan('~#]Q1hello', 0))).toEqual([code('hello', ']Q1')]);
    expect(feedAll(wedge, scan('~#plain', 1000))).toEqual([code('plain')]);
    expect(feedAll(wedge, scan('hello', 2000))).toEqual([{ kind: 'typed', keys: [...'hello', 'Enter'] }]);
  });

  test('of keys that an input method took is rejected, never told with letters missing', () => {
    const keys = scan('CERT-1', 0).map(([key, at], i) => [i === 2 ? 'Process' : key, at] as const);
    expect(feedAll(createKeyboardWedge(), keys)).toEqual([{ kind: 'rejected', reason: 'input-method' }]);
    expect(feedAll(createKeyboardWedge(), scan('CERT-1', 0))).toEqual([code('CERT-1')]);
  });

  test('whose keys an input method made wide is read as it is meant', () => {
    expect(feedAll(createKeyboardWedge(), scan('ＣＥＲＴ－１', 0))).toEqual([code('CERT-1')]);
  });

  test('that never ends gives no code, not its tail either', () => {
    const events = feedAll(createKeyboardWedge(), scan('x1'.repeat(LONGEST_CODE), 0));
    expect(events.map(({ kind }) => kind)).toEqual(['typed', 'rejected']);
    const wedge = createKeyboardWedge();
    feedAll(wedge, scan('x1'.repeat(LONGEST_CODE), 0));
    expect(feedAll(wedge, scan('next', 1e6))).toEqual([code('next')]);
  });
});

describe('a person', () => {
  /** Fast but human: mostly 60 ms and more, sometimes two or three keys rolled over each other. */
  const gap = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 60, max: 400 }) },
    { weight: 1, arbitrary: fc.integer({ min: 3, max: 35 }) },
  );
  const rolls = (gaps: readonly number[]) =>
    gaps.some((_, i) => i >= 4 && gaps.slice(i - 3, i + 1).every((g) => g <= 35));

  test('typing is never a scan, and no key of it is lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...'abcABC123'), gap), { maxLength: 60 }),
        gap,
        (keys, last) => {
          const typed = [...keys.map(([key]) => key), 'Enter'];
          const gaps = [...keys.map(([, pause]) => pause), last];
          fc.pre(!rolls(gaps));
          const wedge = createKeyboardWedge();
          const events = feedAll(wedge, paced(typed, gaps));
          expect(events.every(({ kind }) => kind === 'typed')).toBe(true);
          expect(typedKeys(events)).toEqual(typed);
          expect(wedge.flush()).toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });

  test('typing out a code by hand, at 90 words a minute, is typing', () => {
    const text = [...'CERT-2026-000123', 'Enter'];
    const events = feedAll(createKeyboardWedge(), paced(text, Array(text.length).fill(133)));
    expect(typedKeys(events)).toEqual(text);
  });

  test('holding a key down and pressing Enter is typing', () => {
    for (const repeatMs of [20, 25, 30, 33, 35]) {
      const keys = [...'1'.repeat(40), 'Enter'];
      const events = feedAll(createKeyboardWedge(), paced(keys, Array(keys.length).fill(repeatMs)));
      expect(typedKeys(events), `${repeatMs} ms`).toEqual(keys);
    }
  });

  test('rolling two fingers and hitting Enter is typing; what is left undecided is too', () => {
    const wedge = createKeyboardWedge();
    expect(feedAll(wedge, scan('ab', 1000))).toEqual([{ kind: 'typed', keys: ['a', 'b', 'Enter'] }]);
    feedAll(wedge, [
      ['x', 5000],
      ['y', 5010],
    ]);
    expect(wedge.flush()).toEqual({ kind: 'typed', keys: ['x', 'y'] });
    expect(wedge.flush()).toBeNull();
  });
});

test('as a device: codes are told until nobody listens, and end a read', async () => {
  const scanner = openCodeScanner({ protocol: 'keyboard-wedge' });
  const codes: string[] = [];
  const events: string[] = [];
  const stop = scanner.onCode((text) => codes.push(text));
  scanner.onEvent(({ name }) => events.push(name));
  const reading = scanner.read();
  feedAll(scanner, scan('first', 0));
  stop();
  feedAll(scanner, scan('second', 1000));
  expect(await reading).toEqual({ ok: true, value: { text: 'first', symbology: null } });
  expect(codes).toEqual(['first']);
  expect(events).toEqual(['CodeScanned', 'CodeScanned']);
  expect(scanner.status).toEqual({ device: 'online' });
  const cut = scanner.read();
  await scanner.close();
  expect(await cut).toMatchObject({ ok: false, error: { reason: 'canceled' } });
});
