import type { Clock } from '@huimin/drivers';
import { failed } from './breaker.ts';
import type { Client } from './client.ts';
import { type Lane, startLane } from './lane.ts';

/** Asked for at least this often whether the backend answers, when nothing else is asked of it. */
const HEARTBEAT_MS = 30_000;
/** How often the machine's addresses are looked at (0.2 ms each time). */
const LOOK_MS = 2000;

export interface PresenceParts {
  readonly client: Pick<Client, 'reach'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** The machine's network addresses as a text that is another one whenever they have changed. */
  readonly addresses: () => string;
  readonly onFailure: (cause: unknown) => void;
  readonly onChange: (online: boolean) => void;
  readonly onEnd: () => void;
}

/** Whether the backend can be reached: every lane's word, and a small question where nobody asks anything. */
export interface Presence {
  readonly online: boolean;
  readonly lane: Lane;
  /** Of a request: whether an answer came. */
  heard(reached: boolean): void;
  /** The network is there again, or is another one. */
  networkChanged(): void;
  /** The network is surely gone. */
  lost(): void;
  close(): Promise<void>;
}

/**
 * A network that returns is noticed in two ways: Node.js tells nothing of links and routes, so the machine's addresses
 * are looked at every two seconds, which finds a cable plugged in again; and an outage further away is over when the
 * next question is answered, half a minute later at most.
 */
export function watchPresence(parts: PresenceParts): Presence {
  const { client, clock, addresses } = parts;
  let online = false;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let seen = addresses();
  let cancelLook: () => void = () => undefined;

  const setOnline = (now: boolean): void => {
    if (now === online) return;
    online = now;
    parts.onChange(online);
  };
  const lane = startLane({
    task: async () => {
      if (online && clock.monotonic() - answeredAt < HEARTBEAT_MS / 2) return 'rest';
      const reached = await client.reach();
      setOnline(reached.ok);
      // How long the backend asks to be left alone is not heeded here: this question is the only way to see it well.
      return reached.ok ? 'done' : failed(reached.error.message);
    },
    // A question costs the backend nothing worth sparing, and residents see what it finds: it is never left out for long.
    limits: { restMs: HEARTBEAT_MS, openAfter: Number.POSITIVE_INFINITY, spreadMs: 200 },
    clock,
    random: parts.random,
    onFailure: parts.onFailure,
    onEnd: parts.onEnd,
  });
  const look = (): void => {
    const now = addresses();
    if (now !== seen) lane.hurry();
    seen = now;
    cancelLook = clock.after(LOOK_MS, look);
  };
  cancelLook = clock.after(LOOK_MS, look);

  return {
    get online() {
      return online;
    },
    lane,
    heard: (reached) => {
      if (reached) answeredAt = clock.monotonic();
      else if (online) {
        answeredAt = Number.NEGATIVE_INFINITY;
        lane.wake();
      }
    },
    networkChanged: () => lane.hurry(),
    lost: () => setOnline(false),
    close: () => {
      cancelLook();
      return lane.close();
    },
  };
}
