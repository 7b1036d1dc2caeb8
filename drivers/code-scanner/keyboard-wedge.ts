import { codeOf, type Decoded, LONGEST_CODE } from './code.ts';

/** What the keys turned out to be. */
export type WedgeEvent =
  /** A scanner's burst, ended by Enter or Tab, which are not part of the code. */
  | Decoded
  /** Keys a person typed, in order; Enter and Tab among them if they pressed them. */
  | { readonly kind: 'typed'; readonly keys: readonly string[] };

export interface KeyboardWedge {
  /**
   * Takes one key (`KeyboardEvent.key`) and when it was pressed, milliseconds on any steady clock. null: not decided
   * yet, or a modifier. Keys still undecided when nothing follows are given by `flush`.
   */
  feed(key: string, atMs: number): WedgeEvent | null;
  /** Gives up on a burst that has not ended: its keys were typed. Call it when no key followed in time. */
  flush(): WedgeEvent | null;
}

export interface KeyboardWedgeOptions {
  /** Two keys further apart than this were typed by a person; scanners send one every 1 to 20 ms. */
  readonly maxInterKeyMs?: number;
  /** Shorter bursts are typing: somebody rolled two fingers and hit Enter. */
  readonly minLength?: number;
  /** What the scanner sends first; a burst without it is typing. */
  readonly prefix?: string;
  /** The AIM identifier stands before the code. */
  readonly aimId?: boolean;
}

/** A key held down repeats about every 33 ms: as fast as a slow scanner, but always the same key. */
const FASTEST_REPEAT_MS = 20;

const SUFFIXES: readonly string[] = ['Enter', 'Tab'];
/** What a page is told instead of the key while an input method is at work (UI Events, `key` values). */
const SWALLOWED: readonly string[] = ['Process', 'Unidentified', 'Dead'];

/** Tells a code scanner that acts as a keyboard from a person at the same keyboard, by the pace of the keys. */
export function createKeyboardWedge(options: KeyboardWedgeOptions = {}): KeyboardWedge {
  const { maxInterKeyMs = 35, minLength = 4, prefix = '', aimId = false } = options;
  let keys: string[] = [];
  let firstAt = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  /** The burst has lost its beginning: it was longer than any code. */
  let overlong = false;

  const take = (next: readonly string[]): readonly string[] => {
    const before = keys.filter((key) => !SWALLOWED.includes(key));
    keys = [...next];
    overlong = false;
    return before;
  };
  const typed = (before: readonly string[]): WedgeEvent | null =>
    before.length > 0 ? { kind: 'typed', keys: before } : null;

  /** The keys of a burst that came at a scanner's pace, or null: they were typed. */
  const scanned = (endedAt: number): Decoded | null => {
    if (overlong) return { kind: 'rejected', reason: 'too-long' };
    if (keys.length < minLength + prefix.length) return null;
    const held = keys.every((key) => key === keys[0]);
    if (held && (endedAt - firstAt) / keys.length >= FASTEST_REPEAT_MS) return null;
    if (keys.some((key) => SWALLOWED.includes(key))) return { kind: 'rejected', reason: 'input-method' };
    const text = keys.join('').replace(FULL_WIDTH, halfWidth);
    return text.startsWith(prefix) ? codeOf(text.slice(prefix.length), aimId) : null;
  };

  return {
    feed(key, atMs) {
      const isSuffix = SUFFIXES.includes(key);
      if (!isSuffix && !isCharacter(key) && !SWALLOWED.includes(key)) return null;
      const inBurst = (keys.length > 0 || overlong) && atMs - lastAt <= maxInterKeyMs;
      lastAt = atMs;
      if (isSuffix) {
        const decoded = inBurst ? scanned(atMs) : null;
        const before = take([]);
        return decoded ?? { kind: 'typed', keys: [...before, key] };
      }
      if (!inBurst) {
        firstAt = atMs;
        return typed(take([key]));
      }
      if (overlong) return null;
      if (keys.length >= LONGEST_CODE) {
        const before = take([]);
        overlong = true;
        return typed(before);
      }
      keys.push(key);
      return null;
    },
    flush: () => typed(take([])),
  };
}

/** Shift, F1, ArrowLeft and their like have names; characters are one character, not a control. */
const isCharacter = (key: string): boolean => [...key].length === 1 && !/^\p{Cc}$/u.test(key);

/** An input method that is set to full width gives these instead of the ASCII characters a scanner types. */
const FULL_WIDTH = /[\uff01-\uff5e]/g;
const halfWidth = (character: string): string => String.fromCharCode(character.charCodeAt(0) - 0xfee0);
