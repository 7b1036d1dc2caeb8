import { EVENTS_BODY_BYTES, eventsResponseSchema, FORKED, kioskPaths } from '@huimin/backend/contract';
import type { Result } from '@huimin/drivers';
import type { Store } from '../store/index.ts';
import * as batches from './batch.ts';
import { failed, type LaneOutcome } from './breaker.ts';
import type { Client, RequestError } from './client.ts';

export interface ResultsParts {
  readonly store: Store;
  readonly client: Client;
  /** Why nothing can be sent now; null when it can. */
  readonly heldBy: () => string | null;
  /** A request failed; what the lane makes of it. */
  readonly failure: (error: RequestError) => LaneOutcome;
  /** Another journal is written under this kiosk's identity: nothing is issued any more. */
  readonly standDown: () => Promise<Result<void, string>>;
  readonly log: (sentence: string) => void;
}

/**
 * The lane of what the kiosk did: the oldest events first, in batches, each asked about until the backend has answered.
 * An event that the backend refuses is set aside and blocks nothing.
 */
export function resultsLane(parts: ResultsParts): (probing: boolean) => Promise<LaneOutcome> {
  const { store, client, log } = parts;
  let size = batches.fullBatch;
  const setAside = async (id: string, why: string): Promise<LaneOutcome> => {
    const reason = why.slice(0, 200);
    const kept = await store.answered([{ id, outcome: 'rejected', reason }]);
    if (!kept.ok) return failed(kept.error);
    size = batches.setAside();
    log(`an event was set aside: ${reason}`);
    return 'again';
  };
  return async (probing) => {
    const held = parts.heldBy();
    if (held !== null) return store.counts().waiting > 0 ? { held } : 'rest';
    const events = batches.fitting(await store.unsent(probing ? 1 : batches.sizeOf(size)));
    const [first, ...others] = events;
    if (first === undefined) return 'rest';
    // Whoever takes no more than so much hangs up in the middle, and no answer would come.
    if (others.length === 0 && Buffer.byteLength(JSON.stringify({ events })) > EVENTS_BODY_BYTES)
      return setAside(first.id, 'longer than the backend takes');
    const answer = await client.post(kioskPaths.events, { events }, eventsResponseSchema);
    if (!answer.ok && isAboutContent(answer.error)) {
      if (others.length === 0) return setAside(first.id, answer.error.message);
      // The batch as a whole was refused: the event to blame is found by halving.
      size = batches.refused(size, events.length);
      return 'again';
    }
    if (!answer.ok) {
      if (answer.error.status === null) size = batches.unanswered(size, events.length);
      return parts.failure(answer.error);
    }
    if (answer.value.results.length !== events.length)
      return failed('the backend answered another number of events');
    // Answers are in the order of the events; one that could not be read may come back without its id.
    const results = answer.value.results.map((result, index) => ({
      ...result,
      id: events[index]?.id ?? result.id,
    }));
    const kept = await store.answered(results);
    if (!kept.ok) return failed(kept.error);
    const isForked = results.some(({ reason }) => reason === FORKED);
    const down = isForked ? await parts.standDown() : kept;
    if (!down.ok) return failed(down.error);
    size = batches.taken(size, events.length);
    for (const { outcome, reason } of results)
      if (outcome === 'rejected') log(`the backend set an event aside: ${reason ?? 'no reason given'}`);
    return 'again';
  };
}

/**
 * 400 Bad Request, 413 Content Too Large, 422 Unprocessable Content (RFC 9110 15.5): all else is no event's fault. A
 * proxy on the way also answers 413, and not in the backend's words.
 */
const isAboutContent = ({ kind, status }: RequestError): boolean =>
  status === 413 || (kind === 'rejected' && (status === 400 || status === 422));
