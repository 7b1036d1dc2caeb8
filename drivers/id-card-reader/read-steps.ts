import { type CommandError, commandError } from '../device.ts';
import type { IdCardReading } from './card.ts';
import { type CommandName, meaningOf, type Reply, SW3, splitPayload } from './codec.ts';
import type { Outcome } from './line.ts';
import { decodeRecord, type RecordError } from './record.ts';

/** What to do next in reading a card. */
export type Move =
  /** Send this at once. */
  | { readonly kind: 'send'; readonly command: CommandName }
  /** Find again, but not before the poll interval has passed. */
  | { readonly kind: 'poll' }
  | { readonly kind: 'done'; readonly reading: IdCardReading }
  | { readonly kind: 'failed'; readonly error: CommandError };

/** A worn card or an unsteady hand deserves a few attempts, a resident no endless wait. */
const ATTEMPTS = 3;
/** One empty answer may be a card held at a slant; two, a poll interval apart, are a card that is gone. */
const MISSES = 2;
/** Answers that never came (2 each) or came damaged (1 each) in a row before the reader is given up. */
const TROUBLE_LIMIT = 4;

/**
 * The steps find -> select -> read as a state machine: told each outcome, says what to do next. Does no input or
 * output. A reader refuses Find after a successful read until the card has left, so a read whose reply was lost is
 * repeated as a read, never from Find.
 */
export class ReadSteps {
  private step: CommandName;
  private reading: 'readCard' | 'readCardWithFingerprint';
  private alreadySelected: boolean;
  private cardSeen = false;
  private resetTried = false;
  private failures = 0;
  private badRecords = 0;
  private misses = 0;
  private trouble = 0;

  /** `alreadySelected`: the card in the field was selected before, so reading is worth a try before finding. */
  constructor(withFingerprint: boolean, alreadySelected: boolean) {
    this.reading = withFingerprint ? 'readCardWithFingerprint' : 'readCard';
    this.alreadySelected = alreadySelected;
    this.step = alreadySelected ? this.reading : 'findCard';
  }

  start(): Move {
    return this.alreadySelected ? this.send(this.reading) : { kind: 'poll' };
  }

  /** `poll` moves are followed by the outcome of a `findCard`. */
  next(outcome: Exclude<Outcome, { kind: 'stopped' }>): Move {
    if (outcome.kind !== 'reply') return this.troubled(outcome.kind);
    const { reply } = outcome;
    switch (reply.sw3) {
      case SW3.requestChecksum:
      case SW3.requestLength:
        return this.troubled('garbled');
      case SW3.samNotAuthorised:
        return failed('hardwareError', 'sam-not-authorised', meaningOf(reply.sw3));
      case SW3.samSelfTest:
        if (this.resetTried) return failed('hardwareError', 'sam-failed', meaningOf(reply.sw3));
        this.resetTried = true;
        return this.send('resetSam');
    }
    this.trouble = 0;
    switch (this.step) {
      case 'findCard':
        return this.found(reply);
      case 'selectCard':
        return reply.sw3 === SW3.ok ? this.send(this.reading) : this.retry(reply);
      case 'readCard':
      case 'readCardWithFingerprint':
        return this.read(reply);
      default:
        return this.poll();
    }
  }

  private found(reply: Reply): Move {
    if (reply.sw3 === SW3.cardFound) {
      this.cardSeen = true;
      this.misses = 0;
      return this.send('selectCard');
    }
    if (this.cardSeen && ++this.misses >= MISSES) {
      return failed('commandErrorCode', 'card-removed', 'the card was taken away before it had been read');
    }
    return this.poll();
  }

  private read(reply: Reply): Move {
    const wasSelected = this.alreadySelected;
    this.alreadySelected = false;
    if (reply.sw3 === SW3.badCommand && this.reading === 'readCardWithFingerprint') {
      this.reading = 'readCard';
      return this.send('readCard');
    }
    if (reply.sw3 !== SW3.ok) return wasSelected ? this.poll() : this.retry(reply);
    const decoded = decodeReading(reply.data, this.reading === 'readCardWithFingerprint');
    if (!('reason' in decoded)) return { kind: 'done', reading: decoded };
    this.badRecords += 1;
    return this.badRecords < ATTEMPTS
      ? this.send(this.reading)
      : failed('invalidData', decoded.reason, decoded.detail);
  }

  private retry(reply: Reply): Move {
    this.failures += 1;
    return this.failures < ATTEMPTS
      ? this.poll()
      : failed('commandErrorCode', 'card-unreadable', meaningOf(reply.sw3));
  }

  private troubled(kind: 'silence' | 'garbled'): Move {
    this.trouble += kind === 'silence' ? 2 : 1;
    if (this.trouble >= TROUBLE_LIMIT) {
      const what = kind === 'silence' ? 'does not answer' : 'answers only noise';
      return failed('hardwareError', 'no-answer', `the reader ${what}`);
    }
    const wasReading = this.step === this.reading;
    return wasReading ? this.send(this.reading) : this.poll();
  }

  private send(command: CommandName): Move {
    this.step = command;
    return { kind: 'send', command };
  }

  private poll(): Move {
    this.step = 'findCard';
    return { kind: 'poll' };
  }
}

const failed = (...error: Parameters<typeof commandError>): Move => ({
  kind: 'failed',
  error: commandError(...error),
});

/** The card in the data of a read reply; photo and fingerprint are copies. */
export function decodeReading(data: Uint8Array, withFingerprint: boolean): IdCardReading | RecordError {
  const payload = splitPayload(data, withFingerprint);
  if (!payload.ok) return { reason: 'bad-record', detail: payload.error };
  const { text, photo, fingerprint } = payload.value;
  const card = decodeRecord(text);
  text.fill(0);
  if (card.ok) return { card: card.value, photo, fingerprint };
  photo.fill(0);
  fingerprint.fill(0);
  return card.error;
}
