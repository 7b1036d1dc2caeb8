/** How many events go at once. Pure. */
export interface BatchSize {
  /** No more than this. */
  readonly limit: number;
  /** Among so many of the oldest events is one that the backend cannot take at all; null when none is suspected. */
  readonly suspects: number | null;
}

/** Half of what the backend takes at once. */
export const MOST_EVENTS = 100;
/** Half of the body that the backend takes; a single event may be longer, and is then refused alone. */
export const MOST_BYTES = 1024 * 1024;
/** After an event was set aside the batches grow by this factor: where one is bad, others may be. */
const GROWTH = 4;

export const fullBatch: BatchSize = { limit: MOST_EVENTS, suspects: null };

export const sizeOf = ({ limit, suspects }: BatchSize): number =>
  suspects === null ? limit : Math.max(1, Math.min(limit, Math.floor(suspects / 2)));

/** A batch of `size` was taken. */
export function taken({ limit, suspects }: BatchSize, size: number): BatchSize {
  const left = suspects === null || size >= suspects ? null : suspects - size;
  return { limit: Math.min(MOST_EVENTS, limit * GROWTH), suspects: left };
}

/** A batch of `size`, more than one, was refused as a whole. */
export const refused = ({ limit }: BatchSize, size: number): BatchSize => ({
  limit: Math.min(limit, size),
  suspects: size,
});

/**
 * No answer came to a batch of `size`: where the network is slow, less of it comes through in time. Where it was away,
 * the batches have soon grown again.
 */
export const unanswered = ({ suspects }: BatchSize, size: number): BatchSize => ({
  limit: Math.max(1, Math.floor(size / 2)),
  suspects,
});

/** The one event to blame was found and set aside. */
export const setAside = (): BatchSize => ({ limit: 1, suspects: null });

/** The first items whose JSON fits into `bytes` together; the first one always. */
export function fitting<Item>(items: readonly Item[], bytes = MOST_BYTES): readonly Item[] {
  let total = 0;
  const end = items.findIndex((item, index) => {
    total += Buffer.byteLength(JSON.stringify(item)) + 1;
    return index > 0 && total > bytes;
  });
  return end === -1 ? items : items.slice(0, end);
}
