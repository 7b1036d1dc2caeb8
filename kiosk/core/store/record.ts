import { type Endorsement, eventBodySchema, eventSchema, staffSchema } from '@huimin/backend/contract';
import { z } from 'zod';
import { shareBookSchema, shareRecordSchemas } from '../shares/index.ts';

const base64url = z.string();

/** A printed page's way through the ledger. `sent` means that paper may have moved. */
export const printStateSchema = z.enum(['intent', 'sent', 'confirmed', 'unknown', 'failed']);
export type PrintState = z.infer<typeof printStateSchema>;

const keysShape = {
  /** Ed25519, PKCS#8 and raw public key. */
  identity: z.object({ pkcs8: base64url, publicKey: base64url }),
  /** ECDSA P-256, PKCS#8 and SPKI. */
  document: z.object({ pkcs8: base64url, spki: base64url }),
};

const bundlesSchema = z.array(
  z.object({ lookup: z.string(), salt: base64url.optional(), mark: z.string().optional(), box: base64url }),
);

/**
 * An endorsement as it was taken from the wire, which is where its bounds are kept: what it brought once is read for
 * ever, so nothing here may become narrower.
 */
const endorsementSchema = z.object({
  kiosk: z.string(),
  kioskNumber: z.string(),
  certificates: z.array(z.string()),
  notBefore: z.string(),
  notAfter: z.string(),
  numbers: z.object({ from: z.number().int(), to: z.number().int() }).nullable(),
  verifyAddress: z.string(),
  serverTime: z.string(),
  sealing: z
    .object({
      suite: z.enum(['aes', 'sm']),
      keyId: z.string(),
      publicKey: base64url,
      signature: base64url,
    })
    .optional(),
}) satisfies z.ZodType<Endorsement>;

/** Serials, inclusive, those to be used first before others. */
const blocksSchema = z.array(z.object({ from: z.number().int(), to: z.number().int() }));

/**
 * What the journal holds. A frame is a list of records that become true together. Records are read forever: a new
 * meaning gets a new kind, a new optional field leaves old meanings alone, and `v` tells the form of the frame.
 */
export const recordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('keys'), ...keysShape }),
  z.object({ kind: z.literal('endorsed'), endorsement: endorsementSchema }),
  z.object({ kind: z.literal('number'), serial: z.number().int().min(1) }),
  z.object({ kind: z.literal('staff'), staff: z.array(staffSchema) }),
  /** A delivery as it was sealed with the master key itself; read, and no longer written. */
  z.object({
    kind: z.literal('bundles'),
    bundles: bundlesSchema,
    asOf: z.string(),
    digest: z.string(),
  }),
  /** What the backend delivered for offline service: the whole of it, in the place of what was delivered before. */
  z.object({
    kind: z.literal('delivery'),
    /** 32 bytes, made for this delivery or for the one whose bundles it goes on with: half of what opens a bundle. */
    key: base64url,
    /** How the other half is made of a card's words. */
    kdf: z.object({
      name: z.literal('scrypt'),
      N: z.number().int(),
      r: z.number().int(),
      p: z.number().int(),
    }),
    /** Of all bundles, which are then found and opened by a card's words; without it each has its own, and no signature. */
    salt: base64url.optional(),
    bundles: bundlesSchema,
    asOf: z.string(),
    /** When the newest of the bundles was signed; not there when there is none. */
    signedAt: z.string().optional(),
    /** The backend's name for what it delivered, staff included: tells whether there is anything new. */
    digest: z.string(),
  }),
  /** The backend delivered the same again: only its age is new. */
  z.object({ kind: z.literal('inbox-current'), asOf: z.string() }),
  /**
   * Nothing may be issued until the next endorsement: acknowledged records were destroyed, so that numbers and sequences
   * of this enrolment can no longer be trusted, or the backend has withdrawn its trust.
   */
  z.object({ kind: z.literal('authority-lost') }),
  /** An orderly stop, with the serials that may still be used. Nothing is missing behind the last of these. */
  z.object({ kind: z.literal('closed'), blocks: blocksSchema }),
  z.object({ kind: z.literal('event'), event: eventSchema }),
  z.object({
    kind: z.literal('answered'),
    results: z.array(
      z.object({
        id: z.string(),
        outcome: z.enum(['accepted', 'duplicate', 'rejected']),
        reason: z.string().optional(),
      }),
    ),
  }),
  /** A technician put a refused event back among those that wait. */
  z.object({ kind: z.literal('returned'), id: z.string() }),
  z.object({
    kind: z.literal('print'),
    entry: z.uuid(),
    visit: z.uuid(),
    document: z.enum(['certificate', 'receipt']),
    number: z.string().nullable(),
    state: printStateSchema,
    detail: z.string().max(200),
    /** The kiosk's wall clock at this state. */
    at: z.string().optional(),
    /** With the intent of a certificate: the event that becomes true once the sheet may exist. */
    issues: eventBodySchema.optional(),
  }),
  ...shareRecordSchemas,
  /** What was true when a segment was begun, in the place of everything before: its first record and its last. */
  z.object({
    kind: z.literal('state'),
    keys: z.object(keysShape).nullable(),
    endorsement: endorsementSchema.nullable(),
    /** Serials that may still be used, inclusive, oldest block first. */
    blocks: blocksSchema,
    staff: z.array(staffSchema),
    /** Of the last event that was made. */
    sequence: z.number().int().min(0),
    hash: z.string(),
    /** Absent where nothing was ever shared. */
    shares: shareBookSchema.optional(),
  }),
]);
export type JournalRecord = z.infer<typeof recordSchema>;
export type PrintRecord = Extract<JournalRecord, { kind: 'print' }>;
export type DeliveryRecord = Extract<JournalRecord, { kind: 'delivery' | 'bundles' }>;

const FRAME_VERSION = 1;
const kinds: ReadonlySet<unknown> = new Set(
  recordSchema.options.flatMap((option) => [...option.shape.kind.values]),
);

const HEAD = Buffer.from(`{"v":${FRAME_VERSION},"records":[`);
const COMMA = ','.charCodeAt(0);
const TAIL = Buffer.from(']}');

/** A frame of records that are JSON already. */
export function encodeFrame(records: readonly Uint8Array[]): Buffer {
  let length = HEAD.length + Math.max(0, records.length - 1) + TAIL.length;
  for (const json of records) length += json.length;
  const frame = Buffer.allocUnsafe(length);
  frame.set(HEAD);
  let at = HEAD.length;
  for (const [index, json] of records.entries()) {
    if (index > 0) frame[at++] = COMMA;
    frame.set(json, at);
    at += json.length;
  }
  frame.set(TAIL, at);
  return frame;
}

/**
 * The records of an authentic frame; null when it has a form, or a record of a kind, that is not known here, as after a
 * step back to an older version. Whoever sealed it has checked its content against the schema before writing, so it is
 * not checked again: ten thousand frames are read at a start.
 */
export function decodeFrame(plaintext: Buffer): readonly JournalRecord[] | null {
  const frame = parsed(plaintext);
  if (!isFrame(frame) || frame.v !== FRAME_VERSION) return null;
  const { records } = frame;
  return records.every(isKnown) ? records : null;
}

/** Null for what is no JSON, which a later form may be. */
function parsed(plaintext: Buffer): unknown {
  try {
    return JSON.parse(plaintext.toString('utf8'));
  } catch {
    return null;
  }
}

const isFrame = (value: unknown): value is { v: unknown; records: readonly unknown[] } =>
  typeof value === 'object' &&
  value !== null &&
  'v' in value &&
  'records' in value &&
  Array.isArray(value.records);

const isKnown = (record: unknown): record is JournalRecord =>
  typeof record === 'object' && record !== null && 'kind' in record && kinds.has(record.kind);
