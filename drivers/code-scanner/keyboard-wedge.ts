/** What the keys turned out to be. */
export type WedgeEvent =
  /** A scanner's burst, ended by Enter; Enter is not part of the code. */
  | { readonly kind: 'code'; readonly code: string }
  /** Keys a person typed, in order; Enter among them if they pressed it. */
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
}

/** Longer than any code on paper that a kiosk reads (a QR code of version 40 holds 4296 letters). */
const LONGEST_CODE = 4296;

/** Tells a code scanner that acts as a keyboard from a person at the same keyboard, by the pace of the keys. */
export function createKeyboardWedge(options: KeyboardWedgeOptions = {}): KeyboardWedge {
  const { maxInterKeyMs = 35, minLength = 4 } = options;
  let keys: string[] = [];
  let lastAt = Number.NEGATIVE_INFINITY;

  const typed = (next: string[]): WedgeEvent | null => {
    const before = keys;
    keys = next;
    return before.length > 0 ? { kind: 'typed', keys: before } : null;
  };

  return {
    feed(key, atMs) {
      if (!isCharacter(key) && key !== 'Enter') return null;
      const inBurst = keys.length > 0 && atMs - lastAt <= maxInterKeyMs;
      lastAt = atMs;
      if (key !== 'Enter') {
        if (!inBurst || keys.length >= LONGEST_CODE) return typed([key]);
        keys.push(key);
        return null;
      }
      if (inBurst && keys.length >= minLength) {
        const code = keys.join('');
        keys = [];
        return { kind: 'code', code };
      }
      keys.push('Enter');
      return typed([]);
    },
    flush: () => typed([]),
  };
}

/** Shift, Tab, F1, ArrowLeft and their like have names; characters are one character, not a control. */
const isCharacter = (key: string): boolean => [...key].length === 1 && !/^\p{Cc}$/u.test(key);
