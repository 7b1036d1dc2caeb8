import { hash as digestOf } from 'node:crypto';
import { eventHashText, type KioskEvent } from '@huimin/backend/contract';
import type { z } from 'zod';
import { type JournalRecord, recordSchema } from './record.ts';

/** A record, and the JSON it is written as. */
export interface Draft {
  readonly record: JournalRecord;
  readonly json: Buffer;
}

/** What could not be read again must never be written: it would keep the kiosk from starting. */
export class Unfit extends Error {}

/** Says where, and never what. */
export const describeUnfit = (error: z.ZodError): string =>
  `not fit for the journal: ${error.issues.map((issue) => issue.path.join('.')).join(', ')}`;

/** Throws {@link Unfit}. */
export function draftOf(record: JournalRecord): Draft {
  const checked = recordSchema.safeParse(record);
  if (!checked.success) throw new Unfit(describeUnfit(checked.error));
  return { record, json: Buffer.from(JSON.stringify(record)) };
}

const HEAD = Buffer.from('{"kind":"event","event":');
const tail = (hash: string): string => `,"hash":"${hash}"}}`;
const TAIL_BYTES = tail('').length + 64;
/** A character of a string takes no more bytes. */
const MOST_UTF8 = 3;
/** Where an event is written, since its length is only known then; nothing is left there but the head. */
let desk = Buffer.from(HEAD);

/**
 * An event and its hash. Its body has been checked where it came in, and all else was made here, so it is not checked
 * again; what is hashed is also what is written, so it is put into words once.
 */
export function eventDraft(made: Omit<KioskEvent, 'hash'>): Draft & { readonly hash: string } {
  const text = eventHashText(made);
  const most = HEAD.length + MOST_UTF8 * text.length + TAIL_BYTES;
  if (desk.length < most) {
    desk = Buffer.alloc(2 * most);
    desk.set(HEAD);
  }
  const end = HEAD.length + desk.write(text, HEAD.length);
  const hash = digestOf('sha256', desk.subarray(HEAD.length, end));
  // The text's last byte closes the event, and the hash comes before that.
  const size = end - 1 + desk.write(tail(hash), end - 1, 'latin1');
  const json = Buffer.from(desk.subarray(0, size));
  desk.fill(0, HEAD.length, size);
  return { record: { kind: 'event', event: { ...made, hash } }, json, hash };
}

/** A clock can be wrong by more than the four digits a year has on the wire. */
const EARLIEST = Date.parse('0000-01-01T00:00:00.000Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/** A wall clock's time as it is written down. */
export const wallTime = (now: number): string =>
  new Date(Math.min(Math.max(now, EARLIEST), LATEST)).toISOString();
