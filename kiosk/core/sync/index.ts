import {
  endorsementSchema,
  eventsResponseSchema,
  inboxResponseSchema,
  kioskPaths,
  type Resident,
  residentResponseSchema,
} from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import { describeFailure } from '../failure.ts';
import type { Store } from '../store/index.ts';
import { createClient, type Network, type RequestError } from './client.ts';
import { type Lane, type LaneOutcome, startLane } from './lane.ts';

export type { Network } from './client.ts';

/** The kiosk's side of the wire: what it did goes up, what it needs comes down, and neither waits for the other. */
export interface Sync {
  readonly online: boolean;
  onOnline(listener: (online: boolean) => void): void;
  /** Something new waits in the outbox. */
  wake(): void;
  /** Asks the registry now; an error means that the backend could not answer in time. */
  resident(idNumber: string): Promise<Result<{ resident: Resident | null; asOf: string }, string>>;
  close(): Promise<void>;
}

export interface SyncOptions {
  /** Null for a kiosk that never meets a backend. */
  readonly url: string | null;
  readonly kiosk: string;
  readonly enrolmentCode: string | null;
  readonly store: Store;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** For technicians; no personal data. */
  readonly log: (sentence: string) => void;
}

const BATCH = 100;
const HEARTBEAT_MS = 5000;
const INBOX_MS = 15 * 60_000;
/** An endorsement is renewed two days before its end, so that a weekend without network does no harm. */
const RENEW_BEFORE_MS = 2 * 24 * 3600_000;
const FEW_NUMBERS = 50;
/** A backend that does not know this kiosk is asked to enrol it, but not over and over. */
const ENROL_AGAIN_MS = 10 * 60_000;
/** A resident does not wait longer than this for the registry; the cache answers instead. */
const LOOKUP_MS = 2500;

export function startSync(options: SyncOptions): Sync {
  const { url, store, network, clock, random, log } = options;
  if (url === null) return noBackend;
  const client = createClient({
    url,
    kiosk: options.kiosk,
    identityKey: store.keys.identity.pkcs8,
    network,
    clock,
    random,
  });
  let online = false;
  let onOnline: (online: boolean) => void = () => undefined;
  let unauthorised = false;
  let enrolledAt = Number.NEGATIVE_INFINITY;
  let reported = '';

  const setOnline = (now: boolean): void => {
    if (now === online) return;
    online = now;
    if (online) for (const lane of [trust, upload, download]) lane.wake();
    onOnline(online);
  };
  /** Says what went wrong once, not once a try. */
  const failed = (what: string, error: RequestError): LaneOutcome => {
    const sentence = `${what}: ${error.message}`;
    if (sentence !== reported) log(sentence);
    reported = sentence;
    if (error.kind === 'unauthorised') {
      unauthorised = true;
      trust.wake();
    }
    return 'retry';
  };

  const jitter = (): number => (random(1)[0] ?? 0) / 256;
  const lane = (task: () => Promise<LaneOutcome>, restMs: number): Lane =>
    startLane({ task, restMs, clock, random: jitter, onFailure: (cause) => log(describeFailure(cause)) });

  const heartbeat = lane(async () => {
    setOnline(await client.reachable());
    return 'rest';
  }, HEARTBEAT_MS);

  const trust = lane(async () => {
    if (!online) return 'rest';
    const { endorsement } = store;
    if (endorsement === null || (unauthorised && clock.monotonic() - enrolledAt > ENROL_AGAIN_MS)) {
      if (options.enrolmentCode === null)
        return failed('enrolment', { kind: 'retryable', message: 'no enrolment code is configured' });
      const enrolled = await client.post(
        kioskPaths.enrol,
        {
          kiosk: options.kiosk,
          code: options.enrolmentCode,
          identityKey: store.keys.identity.publicKey,
          documentKey: store.keys.document.spki,
        },
        endorsementSchema,
      );
      if (!enrolled.ok) return failed('enrolment', { ...enrolled.error, kind: 'retryable' });
      unauthorised = false;
      enrolledAt = clock.monotonic();
      if (!(await store.endorse(enrolled.value)).ok) return 'retry';
      // Only the first enrolment hurries the others: one that did not help must not become a loop.
      if (endorsement === null) for (const lane of [upload, download]) lane.wake();
      return 'rest';
    }
    const needsNumbers = store.numbersLeft() < FEW_NUMBERS;
    const ending = Date.parse(endorsement.notAfter) - clock.now() < RENEW_BEFORE_MS;
    if (!needsNumbers && !ending) return 'rest';
    const renewed = await client.post(
      kioskPaths.endorse,
      { documentKey: store.keys.document.spki, needsNumbers },
      endorsementSchema,
    );
    if (!renewed.ok) return failed('endorsement', renewed.error);
    return (await store.endorse(renewed.value)).ok ? 'rest' : 'retry';
  }, 60_000);

  let batch = BATCH;
  const upload = lane(async () => {
    if (!online || store.endorsement === null) return 'rest';
    const events = await store.unsent(batch);
    if (events.length === 0) return 'rest';
    const answer = await client.post(kioskPaths.events, { events }, eventsResponseSchema);
    if (!answer.ok && answer.error.kind === 'rejected') {
      // The batch as a whole was refused: the event to blame is found by halving, and set aside alone.
      batch = Math.max(1, Math.floor(events.length / 2));
      const [only, ...others] = events;
      if (only === undefined || others.length > 0) return 'again';
      log(`an event was set aside: ${answer.error.message}`);
      const aside = { id: only.id, outcome: 'rejected' as const, reason: answer.error.message };
      return (await store.answered([aside])).ok ? 'again' : 'retry';
    }
    if (!answer.ok) return failed('upload', answer.error);
    if (answer.value.results.length !== events.length)
      return failed('upload', {
        kind: 'retryable',
        message: 'the backend answered another number of events',
      });
    batch = BATCH;
    // Answers are in the order of the events; one that could not be read may come back without its id.
    const results = answer.value.results.map((result, index) => ({
      ...result,
      id: events[index]?.id ?? result.id,
    }));
    for (const { outcome, reason } of results)
      if (outcome === 'rejected') log(`the backend set an event aside: ${reason ?? 'no reason given'}`);
    return (await store.answered(results)).ok ? 'again' : 'retry';
  }, 60_000);

  const download = lane(async () => {
    if (!online || store.endorsement === null) return 'rest';
    const inbox = await client.post(kioskPaths.inbox, {}, inboxResponseSchema);
    if (!inbox.ok) return failed('download', inbox.error);
    return (await store.saveInbox(inbox.value)).ok ? 'rest' : 'retry';
  }, INBOX_MS);

  network.onChange((plugged) => {
    if (plugged) heartbeat.wake();
    else setOnline(false);
  });

  return {
    get online() {
      return online;
    },
    onOnline: (listener) => {
      onOnline = listener;
    },
    wake: () => {
      upload.wake();
      trust.wake();
    },
    resident: async (idNumber) => {
      if (!online) return err('the backend is not reachable');
      const answer = await client.post(kioskPaths.resident, { idNumber }, residentResponseSchema, LOOKUP_MS);
      return answer.ok ? ok(answer.value) : err(answer.error.message);
    },
    close: async () => {
      client.close();
      await Promise.all([heartbeat, trust, upload, download].map((each) => each.close()));
    },
  };
}

const noBackend: Sync = {
  online: false,
  onOnline: () => undefined,
  wake: () => undefined,
  resident: async () => err('this kiosk has no backend'),
  close: async () => undefined,
};
