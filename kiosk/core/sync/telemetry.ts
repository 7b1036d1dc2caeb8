import { kioskPaths, type Telemetry, telemetryResponseSchema } from '@huimin/backend/contract';
import type { Result } from '@huimin/drivers';
import type { Store } from '../store/index.ts';
import { failed, type LaneOutcome } from './breaker.ts';
import type { Client, RequestError } from './client.ts';
import type { SyncStatus } from './status.ts';

/** What the kiosk knows of itself beside its standing with the backend. */
export type Present = Pick<Telemetry, 'version' | 'devices' | 'disk' | 'writable' | 'keyHolder'>;

/** How often the kiosk looks whether there is news of it. */
export const LOOK_MS = 60_000;
/** Told at least this often, news or not. */
const TELL_MS = 5 * 60_000;

export interface TelemetryParts {
  readonly store: Pick<Store, 'endorsement' | 'tip'>;
  /** Another journal is written under this kiosk's identity: nothing is issued any more. */
  readonly standDown: () => Promise<Result<void, string>>;
  readonly client: Client;
  readonly present: () => Promise<Present>;
  readonly status: () => SyncStatus;
  /** Names this start of the core. */
  readonly run: string;
  /** Milliseconds on the clock that never jumps. */
  readonly monotonic: () => number;
  /** Why nothing can be told now; null when it can. */
  readonly heldBy: () => string | null;
  readonly failure: (error: RequestError) => LaneOutcome;
}

/**
 * The lane of how the kiosk is now: small, the latest counts, nothing of it is kept. What cannot be told is told anew
 * later, as things are then.
 */
export function telemetryLane(parts: TelemetryParts): () => Promise<LaneOutcome> {
  const { client, run, monotonic, store } = parts;
  const startedAt = monotonic();
  let tick = 0;
  let told: { readonly news: string; readonly at: number } | null = null;
  return async () => {
    const held = parts.heldBy();
    if (held !== null) return { held };
    const now = monotonic();
    const present = await parts.present();
    const status = parts.status();
    const news = JSON.stringify(newsOf(present, status));
    if (told !== null && told.news === news && now - told.at < TELL_MS) return 'rest';
    tick += 1;
    const uptimeSeconds = Math.max(0, Math.floor((now - startedAt) / 1000));
    const message: Telemetry = { run, tick, uptimeSeconds, ...present, ...standing(status) };
    const { endorsement } = store;
    const answer = await client.post(kioskPaths.telemetry, message, telemetryResponseSchema);
    if (!answer.ok)
      return answer.error.kind === 'rejected' ? failed(answer.error.message) : parts.failure(answer.error);
    const { last } = answer.value;
    // What it says of an earlier enrolment is over.
    if (last && store.endorsement === endorsement && isUnknown(last, store.tip)) {
      const down = await parts.standDown();
      if (!down.ok) return failed(down.error);
    }
    told = { news, at: now };
    return 'done';
  };
}

/** Nothing is sent before it is on the disk, so the backend never knows more than the journal it comes from. */
const isUnknown = (last: Store['tip'], tip: Store['tip']): boolean =>
  last.sequence > tip.sequence || (last.sequence === tip.sequence && last.hash !== tip.hash);

/** What is worth telling at once when it changes: numbers that always move are left out. */
const newsOf = (present: Present, status: SyncStatus): unknown => [
  present.version,
  present.devices,
  present.writable,
  present.keyHolder,
  status.refused,
  status.stuckSince,
  status.clock === null ? null : Math.round(status.clock.errorMs / 60_000),
];

const standing = (status: SyncStatus): Pick<Telemetry, 'outbox' | 'lanes' | 'clock'> => ({
  outbox: {
    waiting: status.waiting,
    refused: status.refused,
    heads: status.heads.map(({ sequence, kind, reason }) => ({
      sequence,
      kind,
      reason: reason.slice(0, 200),
    })),
    stuckSince: status.stuckSince,
  },
  lanes: Object.entries(status.lanes ?? {}).map(([name, { state, failures, reason, lastSuccess }]) => ({
    name,
    state,
    failures,
    reason: reason?.slice(0, 200) ?? null,
    lastSuccess,
  })),
  clock: status.clock,
});
