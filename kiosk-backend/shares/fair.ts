/** What decides how much of a group of pots lies at one kiosk. */
export interface Demand {
  /** What is to be laid out: units that nobody holds, and those this kiosk has left. */
  readonly base: number;
  readonly kiosks: number;
  /** Units this kiosk has given out so far, and all kiosks together. */
  readonly usedHere: number;
  readonly usedAll: number;
  /** From 0 to 1, see `offlineShare` of the resource. */
  readonly offlineShare: number;
}

/**
 * How many units a kiosk should have at hand: of the part that is laid out, half is shared alike and half by what each
 * gave out so far. What is left grows scarce at the kiosks and at the backend alike
 * (the demarcation protocol, Barbará and Garcia-Molina 1994): the last units wait at the backend for whoever asks.
 */
export function fairTarget({ base, kiosks, usedHere, usedAll, offlineShare }: Demand): number {
  const equal = 1 / Math.max(1, kiosks);
  const byDemand = usedAll === 0 ? equal : usedHere / usedAll;
  return Math.floor((base * offlineShare * (equal + byDemand)) / 2);
}

/** A kiosk is topped up when no more than a quarter of what it should have is left. */
export const wantsTopUp = (left: number, target: number): boolean => left * 4 <= target;

export interface Free {
  readonly pot: string;
  readonly pool: number;
}

/** Takes `need` units out of the pots, spread over them in their order; never more than there are. */
export function allot(need: number, pots: readonly Free[]): ReadonlyMap<string, number> {
  const open = pots.filter(({ pool }) => pool > 0);
  const taken = new Map<string, number>();
  let missing = need;
  open.forEach(({ pot, pool }, index) => {
    const take = Math.min(pool, Math.ceil(missing / (open.length - index)));
    if (take <= 0) return;
    taken.set(pot, take);
    missing -= take;
  });
  return taken;
}
