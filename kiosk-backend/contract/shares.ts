import { z } from 'zod';
import { fromBase64url } from './statement.ts';

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const uuid = z.uuid();
const time = z.iso.datetime({ offset: true });
const word = z.string().regex(/^[a-z0-9-]{1,64}$/, 'wants 1 to 64 small letters, digits and dashes');
const localText = z.strictObject({ 'zh-CN': z.string().min(1).max(60), en: z.string().min(1).max(60) });

/** The name of a pot: a period's first day, a slot's id, `all`, or a vote's cell. */
const potName = z.string().min(1).max(64);
const units = z.number().int().min(0).max(1_000_000);

const common = {
  id: word,
  /** Whose kiosks share it. */
  community: z.string().min(1).max(60),
  name: localText,
  opensAt: time,
  closesAt: time,
  /**
   * How much of what is free is laid out at the kiosks, for when the network is away: at 0 nothing is claimed offline,
   * at 1 nothing waits at the backend for those who ask elsewhere.
   */
  offlineShare: z.number().min(0).max(1).default(0.5),
};
const perPerson = z.number().int().min(1).max(1000).nullable().default(1);

/** What kiosks of one community share. A service only names one by its id. */
export const sharedResourceSchema = z
  .discriminatedUnion('kind', [
    /** So many units in each period, e.g. subsidised meals a day. */
    z.strictObject({
      ...common,
      kind: z.literal('quota'),
      capacity: units.min(1),
      period: z.enum(['once', 'day', 'week', 'month']).default('once'),
      /** How many periods after the running one may be claimed too. */
      ahead: z.number().int().min(0).max(31).default(0),
      /** In one period; null for no limit. */
      perPerson,
    }),
    /** Places with a time, e.g. consultation hours or a room; a slot is claimed until it begins. */
    z.strictObject({
      ...common,
      kind: z.literal('slots'),
      slots: z
        .array(z.strictObject({ id: word, startsAt: time, endsAt: time, places: units.min(1).default(1) }))
        .min(1)
        .max(500),
      /** Over all slots; null for no limit. */
      perPerson,
    }),
    /** One resident, one vote. */
    z.strictObject({
      ...common,
      kind: z.literal('vote'),
      options: z
        .array(z.strictObject({ id: word, name: localText }))
        .min(2)
        .max(50),
    }),
  ])
  .superRefine((resource, context) => {
    const mind = (right: boolean, path: PropertyKey[], message: string): void => {
      if (!right) context.addIssue({ code: 'custom', path, message });
    };
    const before = (a: string, b: string): boolean => Date.parse(a) < Date.parse(b);
    mind(before(resource.opensAt, resource.closesAt), ['closesAt'], 'is not after opensAt');
    const ids = (list: readonly { readonly id: string }[], name: string): void =>
      list.forEach(({ id }, index) => {
        const first = list.findIndex((other) => other.id === id) === index;
        mind(first, [name, index, 'id'], `${id} is there twice`);
      });
    if (resource.kind === 'slots') {
      ids(resource.slots, 'slots');
      resource.slots.forEach((slot, index) => {
        mind(before(slot.startsAt, slot.endsAt), ['slots', index, 'endsAt'], 'is not after startsAt');
      });
    }
    if (resource.kind === 'vote') ids(resource.options, 'options');
  });

export type SharedResource = z.infer<typeof sharedResourceSchema>;

/** A part of a resource that is shared out by itself: a period, a slot, or the residents of one cell. */
export interface Pot {
  readonly pot: string;
  readonly capacity: number;
  /** When it can no longer be claimed, in milliseconds since 1970. */
  readonly endsMs: number;
}

/** Beijing time holds all over the country, without summer time since 1992. */
const ZONE_MS = 8 * 3600_000;
const DAY_MS = 86_400_000;
/** The residents of a vote fall into so many cells; who holds a cell's unit may take their votes. */
export const CELLS = 64;

const cellName = (cell: number): string => `cell-${String(cell).padStart(2, '0')}`;

/** The cell of a holder: decided by the keyed hash alone, so that nobody can choose or guess it. */
export const cellOf = (holder: string): string => cellName((fromBase64url(holder)[0] ?? 0) % CELLS);

/** The pots of a resource that are not over at `nowMs`, the earliest first. */
export function potsOf(resource: SharedResource, nowMs: number): readonly Pot[] {
  const closesMs = Date.parse(resource.closesAt);
  if (nowMs >= closesMs) return [];
  switch (resource.kind) {
    case 'quota': {
      const { capacity, period, ahead } = resource;
      if (period === 'once') return [{ pot: 'all', capacity, endsMs: closesMs }];
      const pots: Pot[] = [];
      let startMs = periodStart(period, Math.max(nowMs, Date.parse(resource.opensAt)));
      while (pots.length <= ahead && startMs < closesMs) {
        const nextMs = periodStart(period, startMs + { day: 1.5, week: 8, month: 45 }[period] * DAY_MS);
        pots.push({ pot: dateOf(startMs), capacity, endsMs: Math.min(nextMs, closesMs) });
        startMs = periodStart(period, nextMs);
      }
      return pots;
    }
    case 'slots':
      return resource.slots
        .map(({ id, startsAt, places }) => ({
          pot: id,
          capacity: places,
          endsMs: Math.min(Date.parse(startsAt), closesMs),
        }))
        .filter(({ endsMs }) => nowMs < endsMs)
        .sort((a, b) => a.endsMs - b.endsMs);
    case 'vote':
      return Array.from({ length: CELLS }, (_, cell) => ({
        pot: cellName(cell),
        capacity: 1,
        endsMs: closesMs,
      }));
  }
}

/** When the period began that `ms` lies in: at midnight, on Monday, on the first. */
function periodStart(period: 'day' | 'week' | 'month', ms: number): number {
  const local = new Date(ms + ZONE_MS);
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  const back = { day: 0, week: (local.getUTCDay() + 6) % 7, month: day - 1 }[period];
  return Date.UTC(year, month, day - back) - ZONE_MS;
}

const dateOf = (ms: number): string => new Date(ms + ZONE_MS).toISOString().slice(0, 10);

/**
 * What stands for a resident in claims: HMAC-SHA256 of this text under the community's key, its first 16 bytes in
 * base64url. Per resource, so that what somebody eats and what they vote on are two strangers to whoever lacks the key.
 */
export const holderText = (resource: string, idNumber: string): string => `${resource}\n${idNumber}`;
export const HOLDER_BYTES = 16;
export const holderSchema = base64url.length(22);

/** Something a resident has claimed. */
export const standingClaimSchema = z.object({
  claim: uuid,
  resource: word,
  pot: potName,
  holder: holderSchema,
  amount: units,
});

/** How a kiosk's share of a pot is at the backend. */
export const leaseSchema = z.object({
  id: uuid,
  resource: word,
  pot: potName,
  /** Everything ever given to it: only grows. */
  granted: units,
  /** What claims have used of it that arrived; never more than the kiosk knows, unless its journal went back in time. */
  used: units,
  /** What the kiosk is asked to give back of what is left: somebody stands elsewhere, or the pot is over. */
  recall: z.enum(['none', 'half', 'all']),
  /** Of a vote's cell: who has taken part at other kiosks, or under an earlier book; left out where nobody has. */
  voters: z.array(holderSchema).optional(),
});

/** A kiosk tells so many balances at a time; the backend goes by its own word for the others. */
export const MOST_BALANCES = 5000;

/**
 * A kiosk tells what it has left and asks for more. The answer is the state of its leases and not a message about a
 * change: whichever answers are lost, the next one makes up for them, and nothing is granted twice.
 */
export const sharesRequestSchema = z.object({
  /** The kiosk's share book: made anew whenever it cannot be sure to know all that it has used. */
  book: uuid,
  balances: z
    .array(
      z.object({ lease: uuid, resource: word, pot: potName, granted: units, left: units, returned: units }),
    )
    .max(MOST_BALANCES),
  /** What somebody in front of the kiosk wants and its share has not. */
  wants: z.array(z.object({ resource: word, pot: potName, units: units.min(1) })).max(20),
  /** Whose claims at other kiosks it has to know. */
  asks: z.array(z.object({ resource: word, holder: holderSchema })).max(20),
});

export const sharesResponseSchema = z.object({
  /** `written-off`: an operator has taken it that this book never comes back; nothing under it counts any more. */
  book: z.enum(['good', 'written-off']),
  /** The community's key for holders, 32 bytes. */
  key: base64url.length(43),
  resources: z.array(sharedResourceSchema),
  leases: z.array(leaseSchema),
  /** What all kiosks together have of each pot that is not over, to be shown; of votes nothing is told. */
  pots: z.array(
    z.object({
      resource: word,
      pot: potName,
      capacity: units,
      /** Given to no kiosk. */
      free: units,
      /** Claimed, as far as reported. */
      taken: units,
    }),
  ),
  /** Of those who were asked about. */
  claims: z.array(standingClaimSchema),
  /** And of the same, what was cancelled, at whichever kiosk. */
  cancelled: z.array(uuid),
  serverTime: z.iso.datetime({ offset: false }),
});

/**
 * The kinds of events that shares know; see {@link sharesRequestSchema} for how units get to a kiosk. None names the
 * visit: what else somebody did in it would tell who they are, and what they claimed or when they voted.
 */
export const shareEventBodies = [
  /** Somebody has claimed units of a pot, or, of a vote, has taken part: what was voted is told elsewhere. */
  z.object({
    kind: z.literal('claim.made'),
    claim: uuid,
    resource: word,
    pot: potName,
    holder: holderSchema,
    amount: units.min(1),
    /** The lease it was taken from. */
    under: uuid,
    offline: z.boolean(),
  }),
  /** The units go back to the backend and from there to whoever wants them, once, however many kiosks say so. */
  z.object({
    kind: z.literal('claim.cancelled'),
    claim: uuid,
    resource: word,
    holder: holderSchema,
  }),
  /** The kiosk gives units back: it had stopped using them when this was written, after all claims before. */
  z.object({ kind: z.literal('share.returned'), under: uuid, units: units.min(1) }),
  /**
   * A ballot box was emptied: how often each option was chosen, by nobody and at no time in particular. A box is emptied
   * full, but for the last one of a vote, and that of a book that ends: where that holds one ballot, or only equal ones,
   * whoever has both this and the claims told before it knows what was chosen, by pseudonym.
   */
  z.object({
    kind: z.literal('ballots.counted'),
    book: uuid,
    resource: word,
    counts: z.record(word, units.min(1)),
  }),
] as const;

export type SharesRequest = z.infer<typeof sharesRequestSchema>;
export type SharesResponse = z.infer<typeof sharesResponseSchema>;
export type StandingClaim = z.infer<typeof standingClaimSchema>;
export type ShareEventBody = z.infer<(typeof shareEventBodies)[number]>;

const shareKinds: ReadonlySet<string> = new Set(
  shareEventBodies.flatMap((each) => [...each.shape.kind.values]),
);

export const isShareEvent = (body: { readonly kind: string }): body is ShareEventBody =>
  shareKinds.has(body.kind);
