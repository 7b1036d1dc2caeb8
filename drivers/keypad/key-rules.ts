import type { KeypadKey, KeypadProfile } from './config.ts';

/** What a key of the keypad turned out to mean; null: nothing, or nothing new. */
export type KeyMeaning =
  | { readonly kind: 'key'; readonly key: KeypadKey }
  | { readonly kind: 'headset'; readonly present: boolean };

export interface KeyRules {
  /**
   * `atMs`: when, milliseconds on a steady clock. A press counts once, however long the key is held and however often
   * it bounces: it has to have been quiet, neither down nor up, for the debounce time before it counts again.
   */
  feed(code: string, atMs: number, down: boolean): KeyMeaning | null;
  /** The keypad is gone: its keys are up. */
  reset(): void;
}

export function keyRules(profile: KeypadProfile, debounceMs: number): KeyRules {
  const held = new Set<string>();
  const lastAt = new Map<string, number>();
  const keys = new Map(Object.entries(profile.keys));

  return {
    feed(code, atMs, down) {
      const { headset } = profile;
      if (down && headset !== null && (code === headset.inserted || code === headset.removed)) {
        return { kind: 'headset', present: code === headset.inserted };
      }
      const key = keys.get(code);
      if (key === undefined) return null;
      const repeated = down && held.has(code);
      const quietFor = atMs - (lastAt.get(code) ?? Number.NEGATIVE_INFINITY);
      lastAt.set(code, atMs);
      if (down) held.add(code);
      else held.delete(code);
      return down && !repeated && quietFor >= debounceMs ? { kind: 'key', key } : null;
    },
    reset() {
      held.clear();
      lastAt.clear();
    },
  };
}
