/**
 * Asks DLE EOT 1, 2, 3, 4 in turn, one question at a time, and hands over complete rounds.
 *
 * Answers do not say which question they belong to. After a question went unanswered for too long, the same one is
 * asked again and the next only once no late answer can be under way, so that an answer is never taken for another's.
 */

import type { Clock } from '../device.ts';
import {
  askStatus,
  decodeRealTime,
  NOTHING_WRONG,
  type PrinterCondition,
  STATUS_QUERIES,
} from './esc-pos/index.ts';

export interface StatusPollerOptions {
  readonly clock: Clock;
  /** Pause between rounds. */
  readonly intervalMs: number;
  /** How long one answer may take; also the quiet needed after a late one. */
  readonly answerTimeoutMs: number;
  readonly send: (bytes: Uint8Array) => void;
  /** `begunAt`: when the first of its four questions was asked, `clock.monotonic()`. */
  readonly onRound: (condition: PrinterCondition, begunAt: number) => void;
  /** A question stayed unanswered; `sinceMs` is the time since the last answer (or the start). */
  readonly onSilence: (sinceMs: number) => void;
}

export interface StatusPoller {
  /** A real-time answer has come in. */
  answer(byte: number): void;
  /** A whole round from now on, without the pause: at once, or after the round that has begun. */
  now(): void;
  /** Holds questions back while a job is being written: none may stand inside another command's data. */
  suspend(): void;
  resume(): void;
  stop(): void;
}

export const createStatusPoller = (options: StatusPollerOptions): StatusPoller => {
  const { clock, intervalMs, answerTimeoutMs, send, onRound, onSilence } = options;
  let turn = 0;
  let round: PrinterCondition = NOTHING_WRONG;
  let unanswered = 0;
  let answered = false;
  let suspended = false;
  let heldBack = false;
  let again = false;
  let begunAt = 0;
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
    if (turn === 0 && unanswered === 0) begunAt = clock.monotonic();
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
    const completeBegunAt = begunAt;
    if (again) {
      again = false;
      ask();
    } else {
      later(intervalMs, ask);
    }
    onRound(complete, completeBegunAt);
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
    now() {
      if (stopped) return;
      const pausing = turn === 0 && unanswered === 0;
      if (pausing && !heldBack) ask();
      else again = true;
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
