import { endorsementSchema, eventBodySchema, eventSchema, staffSchema } from '@huimin/backend/contract';
import { z } from 'zod';

const base64url = z.string();

/** A printed page's way through the ledger. `sent` means that paper may have moved. */
export const printStateSchema = z.enum(['intent', 'sent', 'confirmed', 'unknown', 'failed']);
export type PrintState = z.infer<typeof printStateSchema>;

/**
 * What the journal holds. A frame is a list of records that become true together. Records are read forever: a new
 * meaning gets a new kind, and `v` tells the form of the frame.
 */
export const recordSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('keys'),
    /** Ed25519, PKCS#8 and raw public key. */
    identity: z.object({ pkcs8: base64url, publicKey: base64url }),
    /** ECDSA P-256, PKCS#8 and SPKI. */
    document: z.object({ pkcs8: base64url, spki: base64url }),
  }),
  z.object({ kind: z.literal('endorsed'), endorsement: endorsementSchema }),
  z.object({ kind: z.literal('number'), serial: z.number().int().min(1) }),
  z.object({ kind: z.literal('staff'), staff: z.array(staffSchema) }),
  z.object({
    kind: z.literal('bundles'),
    bundles: z.array(z.object({ lookup: z.string(), salt: base64url, box: base64url })),
    asOf: z.string(),
    /** SHA-256 over what was delivered, staff included: tells whether the next delivery is the same. */
    digest: z.string(),
  }),
  /** The backend delivered the same again: only its age is new. */
  z.object({ kind: z.literal('inbox-current'), asOf: z.string() }),
  /** Acknowledged records were destroyed: numbers and sequences of this enrolment can no longer be trusted. */
  z.object({ kind: z.literal('authority-lost') }),
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
  z.object({
    kind: z.literal('print'),
    entry: z.uuid(),
    visit: z.uuid(),
    document: z.enum(['certificate', 'receipt']),
    number: z.string().nullable(),
    state: printStateSchema,
    detail: z.string().max(200),
    /** With the intent of a certificate: the event that becomes true once the sheet may exist. */
    issues: eventBodySchema.optional(),
  }),
]);
export type JournalRecord = z.infer<typeof recordSchema>;
export type PrintRecord = Extract<JournalRecord, { kind: 'print' }>;

export const frameSchema = z.object({ v: z.literal(1), records: z.array(recordSchema).min(1) });
