import {
  leaseSchema,
  MOST_BALANCES,
  type SharedResource,
  type ShareEventBody,
  type SharesRequest,
  type SharesResponse,
  sharedResourceSchema,
  sharesResponseSchema,
  standingClaimSchema,
} from '@huimin/backend/contract';
import { z } from 'zod';

const count = z.number().int().min(0);

/** What the kiosk was given of a pot, and what it did with it. */
const heldSchema = leaseSchema.extend({ returned: count });
export type Held = z.infer<typeof heldSchema>;

/**
 * The kiosk's share book: everything it may give out without asking anybody, and what it has given out. It lives in the
 * journal; nothing is given out that is not in the same commit taken from it.
 */
export const shareBookSchema = z.object({
  /** Names this book at the backend. */
  id: z.uuid(),
  /** The community's key for holders; null before the first answer. */
  key: z.string().nullable(),
  resources: z.array(sharedResourceSchema),
  leases: z.array(heldSchema),
  /** What was done with leases that are over: one comes back when its resource is opened again. The newest last. */
  ended: z.array(heldSchema.pick({ id: true, used: true, returned: true })),
  pots: sharesResponseSchema.shape.pots,
  /** Claims made here that were not cancelled here, as long as their resource is known. */
  claims: z.array(standingClaimSchema),
  /** Ballots that were not told yet: how often each option was chosen, in no order. */
  boxes: z.array(z.object({ resource: z.string(), counts: z.record(z.string(), count) })),
  /** It may have forgotten a claim: nothing is given out of it, and it stays only until its ballots are told. */
  over: z.boolean(),
});
export type ShareBook = z.infer<typeof shareBookSchema>;

/** What the journal says of shares besides events. */
export const shareRecordSchemas = [
  /** A new book takes the place of the one before, which is known no more. */
  z.object({ kind: z.literal('share-book'), book: z.uuid() }),
  /** The backend's answer to the book of this id. */
  z.object({
    kind: z.literal('share-delivery'),
    book: z.uuid(),
    key: z.string(),
    resources: z.array(sharedResourceSchema),
    leases: z.array(leaseSchema),
    pots: sharesResponseSchema.shape.pots,
    cancelled: z.array(z.uuid()),
  }),
  /**
   * A ballot was put into the box: in the same commit as the claim that tells who took part, so that neither is without
   * the other, and told apart from it. Until the journal is next written anew, whoever has its key finds both in one frame.
   */
  z.object({ kind: z.literal('ballot'), resource: z.string(), choice: z.string() }),
] as const;
export type ShareRecord = z.infer<(typeof shareRecordSchemas)[number]>;

/** What a kiosk still has of a lease. */
export const leftIn = ({ granted, used, returned }: Held): number => granted - used - returned;

export const leaseFor = (book: ShareBook, resource: string, pot: string): Held | null =>
  book.leases.find((lease) => lease.resource === resource && lease.pot === pot) ?? null;

/** The book once a record is true. */
export function withRecord(book: ShareBook | null, record: ShareRecord): ShareBook | null {
  switch (record.kind) {
    case 'share-book':
      return {
        id: record.book,
        key: null,
        resources: [],
        leases: [],
        ended: [],
        pots: [],
        claims: [],
        boxes: [],
        over: false,
      };
    case 'share-delivery':
      return book?.id === record.book ? delivered(book, record) : book;
    case 'ballot': {
      if (book === null) return null;
      const { resource, choice } = record;
      const box = book.boxes.find((each) => each.resource === resource)?.counts ?? {};
      const counts = { ...box, [choice]: (box[choice] ?? 0) + 1 };
      return { ...book, boxes: [...withoutBox(book, resource), { resource, counts }] };
    }
  }
}

/** What is left of a book once nothing may be given out of it: the ballots of those who have taken part. */
export const overBook = (book: ShareBook | null): ShareBook | null =>
  book === null || book.boxes.length === 0
    ? null
    : { ...book, resources: [], leases: [], ended: [], pots: [], claims: [], over: true };

const withoutBox = (book: ShareBook, resource: string): ShareBook['boxes'] =>
  book.boxes.filter((box) => box.resource !== resource);

const UNTOUCHED = { used: 0, returned: 0 };
/** More than a year of a daily quota; one of them that comes back after that begins the book anew. */
const ENDED_KEPT = 500;

/**
 * Leases that are no longer told are over and empty at the backend too; what is told of the others only adds to them,
 * since the backend says what was ever granted and the kiosk alone knows what it used and gave back.
 */
function delivered(book: ShareBook, record: Extract<ShareRecord, { kind: 'share-delivery' }>): ShareBook {
  const { key, resources, pots } = record;
  const kinds = new Map(resources.map(({ id, kind }) => [id, kind]));
  const leases = record.leases.map((told): Held => {
    const held = book.leases.find(({ id }) => id === told.id);
    const { used, returned } = held ?? book.ended.find(({ id }) => id === told.id) ?? UNTOUCHED;
    return { ...told, granted: Math.max(held?.granted ?? 0, told.granted), used, returned };
  });
  const isTold = new Set(leases.map(({ id }) => id));
  const over = book.leases.map(({ id, used, returned }) => ({ id, used, returned }));
  const ended = [...book.ended, ...over].filter(({ id }) => !isTold.has(id)).slice(-ENDED_KEPT);
  // Periods of a quota go by; of slots and votes every claim counts to the end.
  const cancelled = new Set(record.cancelled);
  const claims = book.claims.filter(({ claim, resource, pot }) => {
    if (cancelled.has(claim)) return false;
    const kind = kinds.get(resource);
    const told = leases.some((lease) => lease.resource === resource && lease.pot === pot);
    return kind !== undefined && (kind !== 'quota' || told);
  });
  return { ...book, key, resources, pots, leases, ended, claims };
}

/** The book once an event is made; any other kind of event leaves it as it is. */
export function withEvent(book: ShareBook | null, body: ShareEventBody): ShareBook | null {
  if (book === null) return null;
  switch (body.kind) {
    case 'claim.made': {
      const { claim, resource, pot, holder, amount, under } = body;
      const isVote = book.resources.find(({ id }) => id === resource)?.kind === 'vote';
      return {
        ...book,
        claims: [...book.claims, { claim, resource, pot, holder, amount }],
        leases: isVote
          ? book.leases
          : changed(book, under, (lease) => ({ ...lease, used: lease.used + amount })),
      };
    }
    case 'claim.cancelled':
      return { ...book, claims: book.claims.filter(({ claim }) => claim !== body.claim) };
    case 'share.returned':
      return {
        ...book,
        leases: changed(book, body.under, (lease) => ({
          ...lease,
          returned: lease.returned + body.units,
          recall: 'none',
        })),
      };
    case 'ballots.counted':
      return book.id === body.book ? { ...book, boxes: withoutBox(book, body.resource) } : book;
  }
}

const changed = (book: ShareBook, id: string, change: (lease: Held) => Held): Held[] =>
  book.leases.map((lease) => (lease.id === id ? change(lease) : lease));

/** What the kiosk tells the backend of its book. */
export const requestOf = (
  book: ShareBook,
  { wants = [], asks = [] }: Partial<Pick<SharesRequest, 'wants' | 'asks'>> = {},
): SharesRequest => ({
  book: book.id,
  balances: book.leases.slice(0, MOST_BALANCES).map((lease) => ({
    lease: lease.id,
    resource: lease.resource,
    pot: lease.pot,
    granted: lease.granted,
    left: leftIn(lease),
    returned: lease.returned,
  })),
  wants,
  asks,
});

/**
 * Whether the backend knows of more claims under this book than the book itself: the journal went back in time (a disk
 * was put back from a copy), and what is left in it may be given out already.
 */
export const isBehind = (
  book: Pick<ShareBook, 'leases' | 'ended'>,
  answer: Pick<SharesResponse, 'leases'>,
): boolean =>
  answer.leases.some((told) => {
    const known = [...book.leases, ...book.ended].find(({ id }) => id === told.id);
    return told.used > (known?.used ?? 0);
  });

/** A ballot box is emptied when it holds so many, so that what it tells is told of a crowd; or when the vote is over. */
export const BALLOTS_TOLD_TOGETHER = 10;

/** What is due without anybody asking: units that are wanted back, boxes that are full or of votes that are over. */
export function due(book: ShareBook, nowMs: number): ShareEventBody[] {
  const returned = book.leases.flatMap((lease): ShareEventBody[] => {
    const left = leftIn(lease);
    const units = lease.recall === 'all' ? left : lease.recall === 'half' ? Math.ceil(left / 2) : 0;
    return units > 0 ? [{ kind: 'share.returned', under: lease.id, units }] : [];
  });
  const open = new Set(
    book.resources.filter(({ closesAt }) => nowMs < Date.parse(closesAt)).map(({ id }) => id),
  );
  const boxes = book.boxes.filter(({ resource, counts }) => {
    const ballots = Object.values(counts).reduce((sum, votes) => sum + votes, 0);
    return ballots >= BALLOTS_TOLD_TOGETHER || !open.has(resource);
  });
  return [...returned, ...boxes.map((box) => counted(book, box))];
}

/** Every ballot that was not told yet, for a book that ends. */
export const lastWords = (book: ShareBook): ShareEventBody[] => book.boxes.map((box) => counted(book, box));

const counted = (book: ShareBook, { resource, counts }: ShareBook['boxes'][number]): ShareEventBody => ({
  kind: 'ballots.counted',
  book: book.id,
  resource,
  counts,
});

export const resourceIn = (book: ShareBook | null, id: string): SharedResource | null =>
  book?.resources.find((resource) => resource.id === id) ?? null;
