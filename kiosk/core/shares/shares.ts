import { createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  fromBase64url,
  HOLDER_BYTES,
  holderText,
  type SharesRequest,
  type SharesResponse,
  type StandingClaim,
  toBase64url,
} from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import { describeFailure } from '../failure.ts';
import type { Store } from '../store/index.ts';
import {
  due,
  isBehind,
  lastWords,
  leaseFor,
  leftIn,
  requestOf,
  resourceIn,
  type ShareRecord,
  withRecord,
} from './book.ts';
import {
  type Available,
  availableIn,
  type ClaimError,
  decideClaim,
  potFor,
  type ShareChange,
  type Wish,
} from './claim.ts';

/** Who asks for what: `idNumber` as the card says, and it goes no further than into a keyed hash. */
export interface ClaimWish {
  readonly resource: string;
  readonly idNumber: string;
  /** The period or the slot; null for the running period, and of a vote. */
  readonly pot: string | null;
  readonly amount: number;
  /** Of a vote, what is chosen. */
  readonly choice: string | null;
}

/** How a pot stands at all kiosks together, as far as the backend knew when it was last asked. */
export interface PotShown {
  readonly pot: string;
  readonly capacity: number;
  readonly taken: number;
  /** What can be had here now: from the own share, or of the pool while the network is there. */
  readonly here: number;
}

/** What kiosks of one community share: quotas, slots and votes. A service names a resource and asks. */
export interface Shares {
  available(resource: string): Available;
  /** Answers the claim's id. Once it is ok it is true, whatever happens to the kiosk or the network. */
  claim(wish: ClaimWish): Promise<Result<string, ClaimError>>;
  /** What this person has claimed, here or, while the network is there, anywhere. */
  claimsOf(resource: string, idNumber: string): Promise<readonly StandingClaim[]>;
  /** Gives a claim back; it can be claimed by others once the backend has heard of it. */
  cancel(claim: StandingClaim): Promise<Result<void, 'storage'>>;
  /** For booking lists: every period or slot that is not over; empty for a vote. */
  bookings(resource: string): readonly PotShown[];
  /** Tells the backend now; this happens by itself too. */
  refresh(): Promise<Result<void, string>>;
  close(): Promise<void>;
}

export interface SharesOptions {
  readonly store: Pick<Store, 'shares' | 'changeShares'>;
  /** Asks the backend at `kioskPaths.shares`; an error means that it could not answer in time. */
  readonly ask: (request: SharesRequest) => Promise<Result<SharesResponse, string>>;
  readonly online: () => boolean;
  /** New events wait in the outbox. */
  readonly wake: () => void;
  readonly clock: Clock;
  /** What time it is as well as can be known, in milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
  /** For technicians; no personal data. */
  readonly log: (sentence: string) => void;
}

/** So often the backend hears of the share, and the kiosk of what it should give back. */
const TURN_MS = 60_000;
/** And so often where nothing is shared. */
const IDLE_TURN_MS = 10 * 60_000;
/** Not before enrolment had its chance. */
const FIRST_TURN_MS = 5_000;

export function startShares(options: SharesOptions): Shares {
  const { store, online, wake, clock, now, newId, log } = options;
  let closed = false;
  let cancelTimer: () => void = () => undefined;
  /** One exchange at a time: answers are taken in in the order they were asked for. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = last.then(task);
    last = mine.catch(() => undefined);
    return mine;
  };

  const write = (change: ShareChange | null): Promise<Result<void, string>> =>
    store.changeShares(() => change);

  /** A book that is good no more makes place for a new one; what it still owes to votes is told. */
  const renew = (why: string | null): Promise<Result<void, string>> => {
    if (why !== null) log(`the shares of this kiosk begin anew: ${why}`);
    return store.changeShares((book) => ({
      events: book === null ? [] : lastWords(book),
      records: [{ kind: 'share-book', book: newId() }],
    }));
  };

  const exchange = (
    more: Partial<Pick<SharesRequest, 'wants' | 'asks'>>,
  ): Promise<Result<SharesResponse, string>> =>
    inTurn(async () => {
      if (closed || !online()) return err('the backend is not reachable');
      if (store.shares === null || store.shares.over) {
        const begun = await renew(null);
        if (!begun.ok) return begun;
      }
      const given = await store.changeShares((book) => {
        const events = book === null ? [] : due(book, now());
        return events.length === 0 ? null : { events, records: [] };
      });
      if (!given.ok) return given;
      const book = store.shares;
      if (book === null) return err('there is no share book');
      const answer = await options.ask(requestOf(book, more));
      wake();
      if (!answer.ok) return answer;
      const { key, resources, leases, pots, cancelled } = answer.value;
      if (answer.value.book === 'written-off')
        return renewed(await renew('an operator has written them off'));
      if (isBehind(store.shares ?? book, answer.value))
        return renewed(await renew('the backend knows of more claims than the journal'));
      const delivery: ShareRecord = {
        kind: 'share-delivery',
        book: book.id,
        key,
        resources,
        leases,
        pots,
        cancelled,
      };
      // Most answers say what the last one said, and the journal is not worn with those.
      const kept = await store.changeShares((now) =>
        isDeepStrictEqual(withRecord(now, delivery), now) ? null : { events: [], records: [delivery] },
      );
      return kept.ok ? answer : kept;
    });

  const turn = async (): Promise<void> => {
    try {
      if (online()) await exchange({});
    } finally {
      const isShared = (store.shares?.resources.length ?? 0) > 0;
      if (!closed) cancelTimer = clock.after(isShared ? TURN_MS : IDLE_TURN_MS, run);
    }
  };
  const run = (): void => {
    void turn().catch((cause: unknown) => log(describeFailure(cause)));
  };

  const holderFor = (resource: string, idNumber: string): string | null => {
    const key = store.shares?.key ?? null;
    if (key === null) return null;
    const mac = createHmac('sha256', fromBase64url(key)).update(holderText(resource, idNumber)).digest();
    return toBase64url(mac.subarray(0, HOLDER_BYTES));
  };

  /** What the backend says of the holder, and more of the share when the wish needs it; empty when it cannot be asked. */
  const askFor = async (wish: Wish): Promise<readonly StandingClaim[]> => {
    const book = store.shares;
    const resource = resourceIn(book, wish.resource);
    const pot = resource === null ? null : potFor(resource, wish, now());
    const lease = book === null || pot === null ? null : leaseFor(book, wish.resource, pot.pot);
    const lacks = pot !== null && (lease === null || leftIn(lease) < wish.amount);
    const answer = await exchange({
      asks: [{ resource: wish.resource, holder: wish.holder }],
      wants: lacks ? [{ resource: wish.resource, pot: pot.pot, units: wish.amount }] : [],
    });
    return answer.ok ? answer.value.claims : [];
  };

  const shares: Shares = {
    available: (resource) => availableIn(store.shares, resource, { online: online(), nowMs: now() }),

    claim: async (asked) => {
      if (store.shares?.key == null) await exchange({});
      const holder = holderFor(asked.resource, asked.idNumber);
      if (holder === null) return err('not-here');
      const wasOnline = online();
      const { resource, pot, amount, choice } = asked;
      const wish: Wish = {
        claim: newId(),
        resource,
        pot,
        holder,
        amount,
        choice,
        offline: !wasOnline,
      };
      const elsewhere = wasOnline ? await askFor(wish) : [];
      let refused: ClaimError | null = null;
      const written = await store.changeShares((book) => {
        const decided = decideClaim(book, wish, elsewhere, now());
        refused = decided.ok ? null : decided.error;
        return decided.ok ? decided.value : null;
      });
      if (!written.ok) return err('storage');
      if (refused !== null) {
        if (refused !== 'sold-out-here') return err(refused);
        const { reason } = availableIn(store.shares, resource, { online: wasOnline, nowMs: now() });
        return err(wasOnline && reason === 'sold-out' ? 'sold-out' : wasOnline ? 'later' : 'sold-out-here');
      }
      wake();
      return ok(wish.claim);
    },

    claimsOf: async (resource, idNumber) => {
      const holder = holderFor(resource, idNumber);
      if (holder === null) return [];
      const answer = await exchange({ asks: [{ resource, holder }] });
      const own = store.shares?.claims ?? [];
      const all = new Map(
        [...(answer.ok ? answer.value.claims : []), ...own].map((each) => [each.claim, each]),
      );
      return [...all.values()].filter((each) => each.resource === resource && each.holder === holder);
    },

    cancel: async ({ claim, resource, holder }) => {
      const written = await write({
        events: [{ kind: 'claim.cancelled', claim, resource, holder }],
        records: [],
      });
      if (!written.ok) return err('storage');
      wake();
      return ok(undefined);
    },

    bookings: (id) => {
      const book = store.shares;
      if (book === null) return [];
      return book.pots
        .filter(({ resource }) => resource === id)
        .map(({ pot, capacity, free, taken }) => {
          const lease = leaseFor(book, id, pot);
          const own = lease === null ? 0 : leftIn(lease);
          return { pot, capacity, taken, here: own + (online() ? free : 0) };
        });
    },

    refresh: async () => {
      const answer = await exchange({});
      return answer.ok ? ok(undefined) : answer;
    },

    close: async () => {
      closed = true;
      cancelTimer();
      await last;
    },
  };
  cancelTimer = clock.after(FIRST_TURN_MS, run);
  return shares;
}

const renewed = (written: Result<void, string>): Result<never, string> =>
  written.ok ? err('the shares have begun anew') : written;
