import { inboxResponseSchema, kioskPaths } from '@huimin/backend/contract';
import type { Store } from '../store/index.ts';
import { failed, type LaneOutcome } from './breaker.ts';
import type { Client, RequestError } from './client.ts';

/** Five thousand residents are two megabytes: four minutes at 64 kbit/s. One without progress ends much sooner. */
const WHOLE_MS = 10 * 60_000;

/** The lane of what the kiosk needs to work without a network. */
export function downloadsLane(parts: {
  readonly store: Store;
  readonly client: Client;
  /** Why nothing can be asked now; null when it can. */
  readonly heldBy: () => string | null;
  readonly failure: (error: RequestError) => LaneOutcome;
  /** Aborted when the kiosk stops. */
  readonly closing: AbortSignal;
}): () => Promise<LaneOutcome> {
  const { store, client, heldBy, failure, closing } = parts;
  return async () => {
    const held = heldBy();
    if (held !== null) return { held };
    const inbox = await client.post(
      kioskPaths.inbox,
      { have: store.inboxDigest },
      inboxResponseSchema,
      WHOLE_MS,
    );
    if (!inbox.ok) return failure(inbox.error);
    const kept = await store.saveInbox(inbox.value, closing);
    return kept.ok ? 'done' : failed(kept.error);
  };
}
