import {
  type Clock,
  type CommandError,
  commandError,
  type Device,
  type DeviceState,
  err,
  ok,
  type Result,
} from '../device.ts';
import { supervise } from '../supervisor.ts';
import type { Link, Transport } from '../transport/index.ts';
import type { IdCardReading } from './card.ts';
import { cardMarker } from './card-mark.ts';
import { type CommandName, SW3 } from './codec.ts';
import { type Outcome, SdtLine } from './line.ts';
import { ReadSteps } from './read-steps.ts';
import { watchForRemoval } from './removal.ts';

export interface IdCardReaderStatus {
  /** `noDevice`: the port cannot be opened; `offline`: it is open, but nobody answers; `hardwareError`: the security
   * module is out of order. */
  readonly device: DeviceState;
  /** As last seen; a reader is not asked while no command runs. */
  readonly media: 'unknown' | 'present' | 'notPresent' | 'jammed';
}

export interface IdCardReaderOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
  /** Between two polls for a card, milliseconds; at least 300 (readers misbehave when asked more often). */
  readonly pollIntervalMs?: number;
  /** Ask for fingerprints too; readers that do not know the request are asked without. */
  readonly fingerprint?: boolean;
}

export interface CommandOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; without end if left out. */
  readonly timeoutMs?: number;
}

/** A reader of resident ID cards (GA/T 467-2019). One command at a time. */
export interface IdCardReader extends Device<IdCardReaderStatus> {
  /**
   * Waits for a card to be laid down and reads it. A card that was read before has to be lifted first.
   * Reasons: `card-removed` (in mid-read: lay it again), `card-unreadable` (after three attempts), `check-digit`,
   * `bad-record`, `unplugged`, `no-answer`, `sam-failed`, `sam-not-authorised`, `canceled`, `timed-out`, `busy`.
   * After `unplugged`, call again when the status is `online`.
   */
  readCard(options?: CommandOptions): Promise<Result<IdCardReading, CommandError>>;
  /**
   * Resolves when the card that was read last has left the field, also when another has taken its place.
   * Reasons: `unplugged`, `no-answer`, `canceled`, `timed-out`, `busy`.
   */
  waitForRemoval(options?: CommandOptions): Promise<Result<void, CommandError>>;
}

const SHORTEST_POLL_MS = 300;
/** How often a reader that does not answer, or whose security module failed, is asked whether it is well again. */
const PROBE_MS = 1000;

export function openIdCardReader(options: IdCardReaderOptions): IdCardReader {
  const { transport, clock, random, fingerprint = false } = options;
  const pollIntervalMs = Math.max(SHORTEST_POLL_MS, options.pollIntervalMs ?? SHORTEST_POLL_MS);
  const listeners = new Set<(status: IdCardReaderStatus) => void>();
  let status: IdCardReaderStatus = { device: 'starting', media: 'unknown' };
  let line: SdtLine | null = null;
  let lastFindAt = Number.NEGATIVE_INFINITY;
  const markOf = cardMarker();
  /** The mark of the card that was read last and is not known to have left; its number is not kept. */
  let lastMark: string | null = null;
  /** The card in the field may have been read without anyone having the result: Find would refuse it, a read not. */
  let readBehindOurBack = false;
  let command: AbortController | null = null;
  let probing = new AbortController();
  let closed = false;

  const setStatus = (change: Partial<IdCardReaderStatus>) => {
    const next = { ...status, ...change };
    if (next.device === status.device && next.media === status.media) return;
    status = next;
    for (const listener of [...listeners]) listener(next);
  };

  /** Resolves early when the signal fires. */
  const sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (ms <= 0 || signal.aborted) return resolve();
      const wake = () => {
        cancel();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = clock.after(ms, wake);
      signal.addEventListener('abort', wake, { once: true });
    });

  const pollPause = (signal: AbortSignal) => sleep(lastFindAt + pollIntervalMs - clock.monotonic(), signal);

  const send = async (on: SdtLine, name: CommandName, signal: AbortSignal): Promise<Outcome> => {
    if (name === 'findCard') {
      await pollPause(signal);
      lastFindAt = clock.monotonic();
    }
    const outcome = await on.transact(name, signal);
    if (outcome.kind !== 'reply') return outcome;
    const { sw3 } = outcome.reply;
    if (!samOutOfOrder(sw3)) setStatus({ device: 'online' });
    if (name === 'findCard') {
      if (sw3 === SW3.cardFound) setStatus({ media: 'present' });
      // A refusal after a successful read says nothing about the card.
      else if (sw3 === SW3.findFailed && lastMark === null && !readBehindOurBack) {
        setStatus({ media: 'notPresent' });
      }
    }
    return outcome;
  };

  /** Asks until the reader is well, its status following what it says. */
  const probe = async (on: SdtLine): Promise<void> => {
    probing.abort();
    const mine = new AbortController();
    probing = mine;
    for (let attempt = 0; !mine.signal.aborted; attempt++) {
      // A running command finds out by itself, and a reset would cost it the card it has selected.
      if (attempt > 0 && (command || status.device === 'online')) return;
      const outcome = await on.transact(attempt % 2 === 0 ? 'samStatus' : 'resetSam', mine.signal);
      if (outcome.kind === 'stopped') return;
      if (outcome.kind !== 'reply') setStatus({ device: 'offline' });
      // Readers that do not know the question are readers all the same.
      else if (!samOutOfOrder(outcome.reply.sw3)) return setStatus({ device: 'online' });
      else setStatus({ device: 'hardwareError' });
      await sleep(PROBE_MS, mine.signal);
    }
  };

  /** Probing rests while a command runs; call when one has ended. */
  const resumeProbing = (on: SdtLine) => {
    if (line === on && !closed && status.device !== 'online') void probe(on);
  };

  const supervisor = supervise({
    transport,
    clock,
    random,
    onUp(link: Link) {
      line = new SdtLine(link, clock);
      setStatus({ device: 'starting', media: 'unknown' });
      void probe(line);
    },
    onDown(reason) {
      line = null;
      // The card may lie there still when the reader is back: its mark stays known, so that another is told from it.
      readBehindOurBack = false;
      probing.abort();
      setStatus({ device: 'noDevice', media: 'unknown' });
      command?.abort(commandError('deviceNotReady', 'unplugged', `the reader is not connected: ${reason}`));
    },
  });

  /** Runs one command: alone, stoppable, its failures reflected in the status. */
  const run = async <T>(
    { signal, timeoutMs }: CommandOptions,
    work: (on: SdtLine, stopped: AbortSignal) => Promise<Result<T, CommandError> | 'stopped'>,
  ): Promise<Result<T, CommandError>> => {
    const canceled = () => commandError('canceled', 'canceled', 'the command was canceled');
    if (closed || signal?.aborted) return err(canceled());
    if (command) return err(commandError('sequenceError', 'busy', 'another command is running'));
    if (!line) return err(commandError('deviceNotReady', 'unplugged', 'the reader is not connected'));
    const on = line;
    const mine = new AbortController();
    command = mine;
    const cancel = () => mine.abort(canceled());
    signal?.addEventListener('abort', cancel, { once: true });
    const cancelTimeout =
      timeoutMs === undefined
        ? () => {}
        : clock.after(timeoutMs, () => mine.abort(commandError('timeOut', 'timed-out', 'no card in time')));
    const result = await work(on, mine.signal).finally(() => {
      cancelTimeout();
      signal?.removeEventListener('abort', cancel);
      command = null;
    });
    if (result === 'stopped') {
      resumeProbing(on);
      return err(mine.signal.reason as CommandError);
    }
    if (!result.ok && result.error.code === 'hardwareError') {
      setStatus({
        device: result.error.reason === 'no-answer' ? 'offline' : 'hardwareError',
        media: 'unknown',
      });
      void probe(on);
    }
    return result;
  };

  return {
    get status() {
      return status;
    },
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readCard: (commandOptions = {}) =>
      run(commandOptions, async (on, stopped) => {
        const steps = new ReadSteps(fingerprint, readBehindOurBack);
        let move = steps.start();
        for (;;) {
          switch (move.kind) {
            case 'done':
              lastMark = markOf(move.reading.card.number);
              readBehindOurBack = false;
              setStatus({ media: 'present' });
              return ok(move.reading);
            case 'failed':
              if (move.error.reason === 'card-removed') setStatus({ media: 'notPresent' });
              return err(move.error);
            case 'send':
            case 'poll': {
              const name: CommandName = move.kind === 'poll' ? 'findCard' : move.command;
              const outcome = await send(on, name, stopped);
              if (outcome.kind === 'reply' && outcome.reply.sw3 === SW3.cardFound) {
                lastMark = null;
                readBehindOurBack = false;
              }
              if (outcome.kind === 'stopped') {
                if (name === 'readCard' || name === 'readCardWithFingerprint')
                  readBehindOurBack = line === on;
                return 'stopped';
              }
              move = steps.next(outcome);
              if (outcome.kind === 'reply') outcome.reply.data.fill(0);
              break;
            }
            default:
              return move satisfies never;
          }
        }
      }),
    waitForRemoval: (commandOptions = {}) =>
      run(commandOptions, async (on, stopped) => {
        const port = {
          send: (name: CommandName) => send(on, name, stopped),
          pause: () => sleep(pollIntervalMs, stopped),
          markOf,
        };
        const watched = await watchForRemoval(port, lastMark);
        if (watched === 'stopped') return 'stopped';
        if (!watched.ok) return watched;
        readBehindOurBack = watched.value.kind === 'replaced';
        lastMark = watched.value.kind === 'replaced' ? watched.value.mark : null;
        setStatus({ media: watched.value.kind === 'replaced' ? 'present' : 'notPresent' });
        return ok(undefined);
      }),
    async close() {
      closed = true;
      probing.abort();
      command?.abort(commandError('canceled', 'canceled', 'the reader was closed'));
      lastMark = null;
      setStatus({ device: 'offline', media: 'unknown' });
      await supervisor.close();
    },
  };
}

const samOutOfOrder = (sw3: number): boolean => sw3 === SW3.samSelfTest || sw3 === SW3.samNotAuthorised;
