/**
 * Asks DLE EOT 1, 2, 3, 4 in turn, one question at a time, and hands over complete rounds.
 *
 * Answers do not say which question they belong to. After a question went unanswered for too long, the same one is
 * asked again and the next only once no late answer can be under way, so that an answer is never taken for another's.
 */

import type { Clock } from '../device.ts';
import { askStatus, decodeRealTime, type PrinterCondition, STATUS_QUERIES } from './status.ts';

export interface StatusPollerOptions {
  readonly clock: Clock;
  /** Pause between rounds. */
  readonly intervalMs: number;
  /** How long one answer may take; also the quiet needed after a late one. */
  readonly answerTimeoutMs: number;
  readonly send: (bytes: Uint8Array) => void;
  readonly onRound: (condition: PrinterCondition) => void;
  /** A question stayed unanswered; `sinceMs` is the time since the last answer (or the start). */
  readonly onSilence: (sinceMs: number) => void;
}

export interface StatusPoller {
  /** A real-time answer has come in. */
  answer(byte: number): void;
  /** Holds questions back while a job is being written: none may stand inside another command's data. */
  suspend(): void;
  resume(): void;
  stop(): void;
}

const NOTHING_WRONG: PrinterCondition = {
  offline: false,
  waitingForRecovery: false,
  coverOpen: false,
  stoppedOnPaperEnd: false,
  error: false,
  mechanicalError: false,
  cutterError: false,
  unrecoverableError: false,
  selfClearingError: false,
  paperNearEnd: false,
  paperEnd: false,
};

export const createStatusPoller = (options: StatusPollerOptions): StatusPoller => {
  const { clock, intervalMs, answerTimeoutMs, send, onRound, onSilence } = options;
  let turn = 0;
  let round: PrinterCondition = NOTHING_WRONG;
  let unanswered = 0;
  let answered = false;
  let suspended = false;
  let heldBack = false;
  let stopped = false;
  let lastAnswerAt = clock.monotonic();
  let cancelTimer = (): void => {};

  const later = (ms: number, callback: () => void): void => {
    cancelTimer();
    cancelTimer = clock.after(ms, callback);
  };

  const ask = (): void => {
    const query = STATUS_QUERIES[turn];
    if (stopped || query === undefined) return;
    if (suspended) {
      heldBack = true;
      return;
    }
    unanswered += 1;
    later(answerTimeoutMs, expired);
    send(askStatus(query));
  };

  const advance = (): void => {
    unanswered = 0;
    answered = false;
    turn += 1;
    if (turn < STATUS_QUERIES.length) {
      ask();
      return;
    }
    const complete = round;
    turn = 0;
    round = NOTHING_WRONG;
    later(intervalMs, ask);
    onRound(complete);
  };

  const expired = (): void => {
    if (answered) {
      advance();
      return;
    }
    onSilence(clock.monotonic() - lastAnswerAt);
    ask();
  };

  ask();
  return {
    answer(byte) {
      const query = STATUS_QUERIES[turn];
      if (stopped || query === undefined || unanswered === 0) return;
      const part = decodeRealTime(query, byte);
      if (!part) return;
      lastAnswerAt = clock.monotonic();
      round = { ...round, ...part };
      unanswered -= 1;
      answered = true;
      if (unanswered === 0) advance();
      else later(answerTimeoutMs, expired);
    },
    suspend() {
      suspended = true;
    },
    resume() {
      suspended = false;
      if (!heldBack) return;
      heldBack = false;
      ask();
    },
    stop() {
      stopped = true;
      cancelTimer();
    },
  };
};
