import { createHash } from 'node:crypto';
import { type CommandError, commandError } from '../device.ts';
import type { IdCardReading } from './card.ts';
import { type CommandName, meaningOf, type Reply, SW3, splitPayload } from './codec.ts';
import type { Outcome } from './line.ts';
import { decodeLatestAddress, decodeRecord, type RecordError } from './record.ts';

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
 * How many readings in a row have to say the same: the protocol's checksum is one XOR byte, which one damage in 256
 * passes, whatever the line has been like before. One more once anything was damaged: two exchanged bytes, say, can
 * happen twice at the same place.
 */
const AGREEMENT = 2;
const AGREEMENT_AFTER_DAMAGE = 3;
/** How many readings there may be until they agree. */
const MOST_READINGS = 6;

export interface ReadStepsOptions {
  readonly fingerprint: boolean;
  readonly latestAddress: boolean;
  /** The card in the field was selected before, so reading is worth a try before finding. */
  readonly alreadySelected: boolean;
  /** Whether the line has ever shown damage; asked after each successful reading. */
  readonly damaged: () => boolean;
}

/**
 * The steps find -> select -> read (-> latest address) as a state machine: told each outcome, says what to do next.
 * Does no input or output. A reader refuses Find after a successful read until the card has left, so a read whose
 * reply was lost is repeated as a read, never from Find. What is read, record and address each, counts once readings in
 * a row agree byte for byte.
 */
export class ReadSteps {
  private step: CommandName;
  private reading: 'readCard' | 'readCardWithFingerprint';
  private readonly latestAddress: boolean;
  private readonly damaged: () => boolean;
  private alreadySelected: boolean;
  /** What was read, while its latest address is asked for. */
  private read: IdCardReading | null = null;
  /** What the latest reading said, as a digest, and how many said so in a row; null before the first. */
  private said: { readonly digest: string; readonly times: number } | null = null;
  /** Whether damage showed in this session: noise, a refused request, a record that cannot be, readings that differ. */
  private doubtful = false;
  private cardSeen = false;
  private resetTried = false;
  private failures = 0;
  private badRecords = 0;
  private readings = 0;
  private misses = 0;
  private trouble = 0;

  constructor({ fingerprint, latestAddress, alreadySelected, damaged }: ReadStepsOptions) {
    this.reading = fingerprint ? 'readCardWithFingerprint' : 'readCard';
    this.latestAddress = latestAddress;
    this.damaged = damaged;
    this.alreadySelected = alreadySelected;
    this.step = alreadySelected ? this.reading : 'findCard';
  }

  start(): Move {
    return this.alreadySelected ? this.send(this.reading) : { kind: 'poll' };
  }

  /** `poll` moves are followed by the outcome of a `findCard`. */
  next(outcome: Exclude<Outcome, { kind: 'stopped' }>): Move {
    const move = outcome.kind === 'reply' ? this.replied(outcome.reply) : this.troubled(outcome.kind);
    if (move.kind === 'failed') this.forget();
    return move;
  }

  /** Wipes a reading that nobody will have. */
  forget(): void {
    this.read?.photo.fill(0);
    this.read?.fingerprint.fill(0);
    this.read = null;
  }

  private replied(reply: Reply): Move {
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
        return this.recordRead(reply);
      case 'readLatestAddress':
        return this.addressRead(reply);
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

  private recordRead(reply: Reply): Move {
    const wasSelected = this.alreadySelected;
    this.alreadySelected = false;
    if (reply.sw3 === SW3.badCommand && this.reading === 'readCardWithFingerprint') {
      this.reading = 'readCard';
      this.unsay();
      return this.send('readCard');
    }
    if (reply.sw3 !== SW3.ok) {
      // Find would be refused even if the card still lies there.
      if (this.said !== null) return this.fromTheRecord(reply);
      return wasSelected ? this.poll() : this.retry(reply);
    }
    this.cardSeen = true;
    this.forget();
    const decoded = decodeReading(reply.data, this.reading === 'readCardWithFingerprint');
    if ('reason' in decoded) return this.refused(decoded);
    this.read = decoded;
    if (!this.agrees(reply)) return this.again(this.reading);
    return this.latestAddress ? this.send('readLatestAddress') : this.done({});
  }

  private addressRead(reply: Reply): Move {
    switch (reply.sw3) {
      case SW3.ok: {
        const decoded = decodeLatestAddress(reply.data);
        if (!decoded.ok) return this.refused(decoded.error);
        return this.agrees(reply) ? this.done({ latestAddress: decoded.value }) : this.again(this.step);
      }
      case SW3.itemAbsent:
        return this.agrees(reply) ? this.done({ latestAddress: null }) : this.again(this.step);
      case SW3.badCommand:
        return this.done({});
      default:
        // The card may have left, or another may lie there: the record is read again with it.
        return this.fromTheRecord(reply);
    }
  }

  private fromTheRecord(reply: Reply): Move {
    this.unsay();
    this.failures += 1;
    return this.failures < ATTEMPTS ? this.send(this.reading) : this.unreadable(reply);
  }

  private done(more: Pick<IdCardReading, 'latestAddress'>): Move {
    const { read } = this;
    if (read === null) return this.poll();
    this.read = null;
    return { kind: 'done', reading: { ...read, ...more } };
  }

  /** Whether what was just read may be believed. */
  private agrees({ sw3, data }: Reply): boolean {
    const digest = createHash('sha256').update(Uint8Array.of(sw3)).update(data).digest('base64');
    const same = digest === this.said?.digest;
    if (this.said !== null && !same) this.doubtful = true;
    const times = same ? (this.said?.times ?? 0) + 1 : 1;
    this.said = { digest, times };
    this.readings += 1;
    const doubt = this.doubtful || this.damaged();
    if (times < (doubt ? AGREEMENT_AFTER_DAMAGE : AGREEMENT)) return false;
    this.unsay();
    return true;
  }

  /** What is read next has nothing to agree with. */
  private unsay(): void {
    this.said = null;
    this.readings = 0;
  }

  private again(command: CommandName): Move {
    return this.readings < MOST_READINGS
      ? this.send(command)
      : failed('invalidData', 'bad-record', `${this.readings} readings do not agree`);
  }

  private refused({ reason, detail }: RecordError): Move {
    this.doubtful = true;
    this.badRecords += 1;
    return this.badRecords < ATTEMPTS ? this.send(this.step) : failed('invalidData', reason, detail);
  }

  private retry(reply: Reply): Move {
    if (reply.sw3 === SW3.unrecognisedCard) {
      return failed('commandErrorCode', 'unrecognised-card', meaningOf(reply.sw3));
    }
    this.failures += 1;
    return this.failures < ATTEMPTS ? this.poll() : this.unreadable(reply);
  }

  private unreadable = (reply: Reply): Move =>
    failed('commandErrorCode', 'card-unreadable', meaningOf(reply.sw3));

  private troubled(kind: 'silence' | 'garbled'): Move {
    if (kind === 'garbled') this.doubtful = true;
    this.trouble += kind === 'silence' ? 2 : 1;
    if (this.trouble >= TROUBLE_LIMIT) {
      const what = kind === 'silence' ? 'does not answer' : 'answers only noise';
      return failed('hardwareError', 'no-answer', `the reader ${what}`);
    }
    const wasReading = this.step === this.reading || this.step === 'readLatestAddress';
    return wasReading ? this.send(this.step) : this.poll();
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
