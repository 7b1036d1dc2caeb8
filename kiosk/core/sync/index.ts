import { randomUUID } from 'node:crypto';
import {
  kioskPaths,
  type SharesRequest,
  type SharesResponse,
  sharesResponseSchema,
} from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import type { Authority } from '../config/index.ts';
import { describeFailure } from '../failure.ts';
import type { KioskKeys, Store } from '../store/index.ts';
import { failed, type LaneOutcome } from './breaker.ts';
import { createClient, type Network, type RequestError } from './client.ts';
import { downloadsLane } from './downloads.ts';
import { type Lane, type LaneOptions, startLane } from './lane.ts';
import { createLookups, type Lookup } from './lookups.ts';
import { watchPresence } from './presence.ts';
import { resultsLane } from './results.ts';
import { ServerTime } from './server-time.ts';
import { laneStatus, nothingSaid, type RefusedHead, type SyncStatus, sayings, stuckSince } from './status.ts';
import { LOOK_MS, type Present, telemetryLane } from './telemetry.ts';
import { createTransport } from './transport.ts';
import { trustLane } from './trust.ts';

export type { Network } from './client.ts';
export { readPresent } from './present.ts';
export type { SyncStatus } from './status.ts';
export type { Present } from './telemetry.ts';
export { VERSION } from './version.ts';

/** The kiosk's side of the wire: what it did goes up, what it needs comes down, and neither waits for the other. */
export interface Sync {
  readonly online: boolean;
  onOnline(listener: (online: boolean) => void): void;
  /** Something new waits in the outbox. */
  wake(): void;
  /** Asks the registry now; an error means that the backend could not answer in time. */
  resident(idNumber: string): Promise<Lookup>;
  /** Asks the backend for the kiosk's share of what its community shares; an error means that it could not answer in time. */
  shares(request: SharesRequest): Promise<Result<SharesResponse, string>>;
  /**
   * What time it is, in milliseconds since 1970: the backend's, once it was heard in this run. Certificates and ages go
   * by this; the kiosk's own clock may be wrong by years.
   */
  now(): number;
  status(): SyncStatus;
  close(): Promise<void>;
}

export interface SyncOptions {
  /** Null for a kiosk that never meets a backend. */
  readonly url: string | null;
  /** Who vouches for the backend; null only where it is on this machine. */
  readonly authority: Authority | null;
  readonly kiosk: string;
  readonly enrolmentCode: string | null;
  /** Makes the keys with which a kiosk whose keys were revoked begins anew. */
  readonly createKeys: () => Promise<KioskKeys>;
  readonly store: Store;
  readonly network: Network;
  /** The machine's network addresses as a text that is another one whenever they have changed. */
  readonly addresses: () => string;
  /** How the kiosk is beside its standing with the backend, for those who look after it. */
  readonly present: () => Promise<Present>;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** For technicians; no personal data. */
  readonly log: (sentence: string) => void;
}

const INBOX_MS = 15 * 60_000;
/** A resident may wait for it. */
const SHARES_MS = 4000;
/** What is not urgent begins within so much time after the network is back. */
const UNHURRIED_MS = 10_000;
const SECOND_JOURNAL =
  'the backend knows another journal of this kiosk: its data folder was copied, or an older copy put back, or its disk forgot what it had written; it issues nothing until it is enrolled anew, and what was refused as forked may be put back then';
/** So many refused events are shown. */
const MOST_HEADS = 5;

export function startSync(options: SyncOptions): Sync {
  const { url, store, network, clock, random, log } = options;
  if (url === null) return noBackend(options);
  const monotonic = (): number => clock.monotonic();
  const time = new ServerTime(clock, () => store.time().now);
  const client = createClient({
    transport: createTransport({
      url,
      authority: options.authority,
      earliest: store.time().atLeast,
      ownClock: () => clock.now(),
    }),
    kiosk: options.kiosk,
    identityKey: () => store.keys.identity.pkcs8,
    network,
    clock,
    time,
    random,
    onReach: (reached) => presence.heard(reached),
  });
  const jitter = (): number => (random(1)[0] ?? 0) / 256;
  const closing = new AbortController();
  let onOnline: (online: boolean) => void = () => undefined;
  const common = {
    clock,
    random: jitter,
    onFailure: (cause: unknown): void => log(describeFailure(cause)),
    onEnd: () => speak(),
  };

  const presence = watchPresence({
    ...common,
    client,
    addresses: options.addresses,
    onChange: (online) => {
      if (online) for (const lane of [trust, results, downloads, telemetry]) lane.hurry();
      onOnline(online);
    },
  });
  const unreachable = (): string | null => (presence.online ? null : 'the backend cannot be reached');
  const heldBy = (): string | null =>
    unreachable() ?? (store.endorsement === null ? 'the kiosk is not enrolled yet' : null);
  const lane = (
    what: string,
    task: LaneOptions['task'],
    limits: NonNullable<LaneOptions['limits']>,
  ): Lane => {
    let told: string | null = null;
    return startLane({
      ...common,
      limits,
      // What goes wrong is said once, not once a try.
      task: async (probing) => {
        const outcome = await task(probing);
        const reason = typeof outcome === 'object' && 'failed' in outcome ? outcome.failed : null;
        if (reason !== null && reason !== told) log(`${what}: ${reason}`);
        if (reason !== null || typeof outcome === 'string') told = reason;
        return outcome;
      },
    });
  };
  const failure = (error: RequestError): LaneOutcome => {
    if (error.kind === 'unauthorised') {
      standing.unauthorised(error);
      trust.wake();
    }
    return failed(error.message, error.retryAfterMs);
  };
  const standDown = async (): Promise<Result<void, string>> => {
    if (store.endorsement === null) return ok(undefined);
    const withdrawn = await store.withdraw();
    if (!withdrawn.ok) return withdrawn;
    log(SECOND_JOURNAL);
    trust.wake();
    return withdrawn;
  };
  const each = { store, client, time, monotonic, heldBy, failure, standDown, log };

  const standing = trustLane({
    ...each,
    kiosk: options.kiosk,
    enrolmentCode: options.enrolmentCode,
    authority: options.authority,
    createKeys: options.createKeys,
    heldBy: unreachable,
    onEnrolled: () => {
      for (const lane of [results, downloads, telemetry]) {
        lane.wake();
        lane.hurry();
      }
    },
  });
  const trust = lane('enrolment and endorsement', standing.task, {});
  const results = lane('results', resultsLane(each), {});
  const downloads = lane('downloads', downloadsLane({ ...each, closing: closing.signal }), {
    restMs: INBOX_MS,
    spreadMs: UNHURRIED_MS,
  });
  const telemetry = lane(
    'telemetry',
    telemetryLane({ ...each, run: randomUUID(), present: options.present, status: () => status() }),
    { restMs: LOOK_MS, spreadMs: UNHURRIED_MS },
  );
  const lookUp = createLookups({ client, online: () => presence.online, monotonic, random: jitter });

  let heads: readonly RefusedHead[] = [];
  /** Their number alone does not tell: one may be put back while another is refused. */
  const readHeads = async (): Promise<void> => {
    heads = store.counts().rejected === 0 ? [] : await headsIn(store);
  };
  const status = (): SyncStatus => {
    const [now, at] = [time.now(), monotonic()];
    const { waiting, rejected } = store.counts();
    const of = (lane: Lane) => laneStatus(lane.status, now, at);
    return {
      hasBackend: true,
      online: presence.online,
      lanes: {
        presence: of(presence.lane),
        trust: of(trust),
        results: of(results),
        downloads: of(downloads),
        telemetry: of(telemetry),
      },
      waiting,
      refused: rejected,
      heads,
      stuckSince: stuckSince(store.oldestUnsent(), results.status, now, at),
      clock: time.error(),
    };
  };
  let said = nothingSaid;
  let reading: Promise<void> = readHeads().catch(common.onFailure);
  const speak = (): void => {
    if (time.error() !== null) store.timeIs(time.now());
    reading = reading.then(readHeads).catch(common.onFailure);
    const spoken = sayings(status(), said, time.now());
    said = spoken.said;
    for (const sentence of spoken.sentences) log(sentence);
  };

  network.onChange((plugged) => {
    if (plugged) presence.networkChanged();
    else presence.lost();
  });

  return {
    get online() {
      return presence.online;
    },
    onOnline: (listener) => {
      onOnline = listener;
    },
    wake: () => {
      results.wake();
      trust.wake();
    },
    resident: lookUp,
    shares: async (request) => {
      const held = heldBy();
      if (held !== null) return err(held);
      const answer = await client.post(kioskPaths.shares, request, sharesResponseSchema, SHARES_MS);
      return answer.ok ? ok(answer.value) : err(answer.error.message);
    },
    now: () => time.now(),
    status,
    close: async () => {
      closing.abort();
      client.close();
      await Promise.all([presence, trust, results, downloads, telemetry].map((each) => each.close()));
      await reading;
    },
  };
}

const headsIn = async (store: Store): Promise<readonly RefusedHead[]> =>
  (await store.refused(MOST_HEADS)).map(({ event: { id, sequence, body }, reason }) => ({
    id,
    sequence,
    kind: body.kind,
    reason,
  }));

const noBackend = ({ store, clock }: SyncOptions): Sync => ({
  online: false,
  onOnline: () => undefined,
  wake: () => undefined,
  resident: async () => ({ ok: false, error: 'this kiosk has no backend' }),
  shares: async () => err('this kiosk has no backend'),
  now: () => clock.now(),
  status: () => {
    const { waiting, rejected } = store.counts();
    return {
      hasBackend: false,
      online: false,
      lanes: null,
      waiting,
      refused: rejected,
      heads: [],
      stuckSince: null,
      clock: null,
    };
  },
  close: async () => undefined,
});
