/** Numbers that look random and are always the same for the same seed (mulberry32). */
export interface Dice {
  /** An integer from 0 up to but without `sides`. */
  roll(sides: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { roll: (sides) => Math.floor(next() * sides), chance: (probability) => next() < probability };
}
