import { type Clock, err, ok, type Result } from './device.ts';

/** What came of asking at one place. */
export type Asked = 'there' | 'silent' | 'not-opened';

export interface SearchOptions<Place> {
  readonly clock: Clock;
  /** Where the device may be now, likeliest first; plain data. */
  readonly places: () => Promise<readonly Place[]>;
  /** What places at one port have in common: where one cannot be opened, the others are not tried. */
  readonly portOf: (place: Place) => string;
  /** Opens the port, asks, and closes it again; soon after `signal` at the latest. */
  readonly ask: (place: Place, signal: AbortSignal) => Promise<Asked>;
  /** What is said when all places were asked in vain, e.g. `no receipt printer answers on any port`. */
  readonly nobody: string;
}

/** Looks for a device at many places, a few seconds at a time. */
export interface Search<Place> {
  /** Where the device was last; null before it was found. */
  readonly last: Place | null;
  /**
   * Looks where the device was last, then goes on where the last call stopped. Resolves after `SEARCH_BUDGET_MS` at the
   * latest. Calls that overlap share one search.
   */
  find(): Promise<Result<Place, string>>;
  /** Ends the search that goes on, and lets none begin. */
  stop(): void;
}

/** Well within what an opening may take, so that what was found can still be opened; milliseconds. */
export const SEARCH_BUDGET_MS = 4_000;
/** Places that were asked in vain are left in peace: this long at first, twice as long each time, milliseconds. */
const FIRST_PEACE_MS = 5_000;
const LONGEST_PEACE_MS = 60_000;

const GOES_ON = 'the search goes on';

export function createSearch<Place>(options: SearchOptions<Place>): Search<Place> {
  const { clock, places, portOf, ask, nobody } = options;
  const stopping = new AbortController();
  /** Places that need not be asked again in this round, by their text. */
  const asked = new Set<string>();
  let last: Place | null = null;
  let roundsInVain = 0;
  let peaceUntil = 0;
  let looking: Promise<Result<Place, string>> | null = null;

  const found = (place: Place): Result<Place, string> => {
    last = place;
    asked.clear();
    roundsInVain = 0;
    peaceUntil = 0;
    return ok(place);
  };

  /** `isOver` is asked between two places: one that is being asked is let finish. */
  const look = async (isOver: () => boolean): Promise<Result<Place, string>> => {
    if (last !== null && (await ask(last, stopping.signal)) === 'there') return found(last);
    const lastKey = JSON.stringify(last);
    const all = (await places()).map((place) => ({ place, key: JSON.stringify(place) }));
    const present = new Set(all.map(({ key }) => key));
    // What is plugged in again is as good as new.
    for (const key of asked) if (!present.has(key)) asked.delete(key);
    const left = () => all.filter(({ key }) => key !== lastKey && !asked.has(key));
    if (left().length === 0) {
      if (clock.monotonic() < peaceUntil) return err(nobody);
      asked.clear();
    }
    for (let next = left()[0]; next !== undefined; next = left()[0]) {
      if (isOver()) return err(GOES_ON);
      const { place, key } = next;
      const outcome = await ask(place, stopping.signal);
      if (outcome === 'there') return found(place);
      if (stopping.signal.aborted) return err(GOES_ON);
      asked.add(key);
      if (outcome === 'silent') continue;
      for (const other of all) if (portOf(other.place) === portOf(place)) asked.add(other.key);
    }
    peaceUntil = clock.monotonic() + Math.min(LONGEST_PEACE_MS, FIRST_PEACE_MS * 2 ** roundsInVain);
    roundsInVain = Math.min(roundsInVain + 1, 30);
    return err(nobody);
  };

  return {
    get last() {
      return last;
    },
    async find() {
      if (stopping.signal.aborted) return err('the search was ended');
      const { promise: budget, resolve } = Promise.withResolvers<Result<Place, string>>();
      let isOver = false;
      const cancel = clock.after(SEARCH_BUDGET_MS, () => {
        isOver = true;
        resolve(err(GOES_ON));
      });
      looking ??= look(() => isOver || stopping.signal.aborted).finally(() => {
        looking = null;
      });
      const result = await Promise.race([looking, budget]);
      cancel();
      return stopping.signal.aborted ? err('the search was ended') : result;
    },
    stop: () => stopping.abort(),
  };
}
