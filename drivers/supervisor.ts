import { type Clock, err, type Result } from './device.ts';
import { type Link, type LinkReason, linkReason, sentences, type Transport } from './transport/index.ts';

export interface SuperviseOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter. */
  readonly random: () => number;
  /** The transport is open. Never called while a previous link is up, nor after `close()`. */
  readonly onUp: (link: Link) => void;
  /**
   * The link was lost, or opening failed: a sentence for a technician, and its name for programs. Failed attempts are
   * told only when the sentence changes, so a kiosk that waits a week for its printer does not hear about every
   * attempt. Never called after `close()`.
   */
  readonly onDown: (sentence: string, reason: LinkReason) => void;
}

export interface Supervisor {
  /**
   * Closes the link if there is one, opens no more. Idempotent; resolves when the port is released, or after two
   * seconds when whoever holds it does not answer.
   */
  close(): Promise<void>;
}

/** The bounds of the pauses between attempts, milliseconds. */
export interface BackoffLimits {
  /** The first pause; it doubles with every attempt that did not lead to a lasting success. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/** A device that is plugged in again is noticed within two seconds. */
const reopening: BackoffLimits = { firstMs: 100, longestMs: 1500 };
/** A link that lasted this long was a real one; a shorter one (a port that opens and drops) keeps the pauses growing. */
const LASTING_MS = 2000;
/** An opening that takes longer than this counts as failed; should it succeed later, it is closed. */
const OPENING_MS = 10_000;
/** Openings that may hang at a time: each may hold a thread of this process for good. */
const MOST_HANGING = 3;
const CLOSING_MS = 2000;

/** The pause before attempt `attempt` (0 = first retry), milliseconds: capped, with the lower half as jitter. */
export const backoffMs = (
  attempt: number,
  random: () => number,
  { firstMs, longestMs }: BackoffLimits = reopening,
): number => Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30)) * (0.5 + random() / 2);

/** Opens the transport, and opens it again whenever it is lost, until closed. Starts at once. */
export function supervise({ transport, clock, random, onUp, onDown }: SuperviseOptions): Supervisor {
  let closed = false;
  let attempts = 0;
  let hanging = 0;
  let lastFailure: string | null = null;
  let link: Link | null = null;
  let cancelPause: (() => void) | null = null;
  let opening: Promise<void> = Promise.resolve();

  const pause = () => {
    cancelPause = clock.after(backoffMs(attempts++, random), start);
  };
  const start = () => {
    if (hanging < MOST_HANGING) opening = open();
    else pause();
  };

  const open = async (): Promise<void> => {
    const opened = await openInTime();
    if (closed) {
      if (opened.ok) await opened.value.close();
      return;
    }
    if (!opened.ok) {
      const changed = opened.error !== lastFailure;
      lastFailure = opened.error;
      pause();
      if (changed) onDown(opened.error, linkReason(opened.error));
      return;
    }
    const mine = opened.value;
    const openedAt = clock.monotonic();
    link = mine;
    lastFailure = null;
    mine.onClose((sentence) => {
      link = null;
      if (closed) return;
      if (clock.monotonic() - openedAt >= LASTING_MS) attempts = 0;
      pause();
      onDown(sentence, linkReason(sentence));
    });
    onUp(mine);
  };

  /** Whatever a transport does, this answers: late, broken or not at all are failures like any other. */
  const openInTime = (): Promise<Result<Link, string>> => {
    const { promise, resolve } = Promise.withResolvers<Result<Link, string>>();
    let late = false;
    const cancel = clock.after(OPENING_MS, () => {
      late = true;
      hanging += 1;
      resolve(err(sentences.noAnswer(transport.name)));
    });
    // A transport that throws at once counts as one that rejects.
    const attempt = async () => transport.open();
    attempt()
      .catch((error: unknown): Result<Link, string> => err(sentences.notOpened(transport.name, error)))
      .then((opened) => {
        cancel();
        resolve(opened);
        if (!late) return;
        hanging -= 1;
        if (opened.ok) void opened.value.close();
      });
    return promise;
  };
  start();

  return {
    async close() {
      closed = true;
      cancelPause?.();
      const { promise: patience, resolve } = Promise.withResolvers<void>();
      const cancel = clock.after(CLOSING_MS, resolve);
      await Promise.race([opening.then(() => link?.close()), patience]);
      cancel();
    },
  };
}
