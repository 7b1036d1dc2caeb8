import { z } from 'zod';
import { bundleSchema, residentSchema } from './bundle.ts';
import { vouchedSealingKeySchema } from './carried.ts';
import { eventSchema } from './event.ts';

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const isoTime = z.iso.datetime({ offset: false });

/** Paths of the kiosk API, all POST with JSON, and every request signed (see `request-signature.ts`). */
export const kioskPaths = {
  enrol: '/api/kiosk/enrol',
  endorse: '/api/kiosk/endorse',
  events: '/api/kiosk/events',
  inbox: '/api/kiosk/inbox',
  resident: '/api/kiosk/resident',
  telemetry: '/api/kiosk/telemetry',
  shares: '/api/kiosk/shares',
} as const;

/**
 * A new kiosk introduces itself with a one-time code and its two public keys, and signs with the identity key that it
 * brings: nobody enrols with a key that is not theirs. When no answer came it may ask again with the same code and
 * identity key while the code is valid; each answer brings a block of numbers of its own.
 */
export const enrolRequestSchema = z.object({
  kiosk: z.string().regex(/^[a-z0-9-]{3,64}$/),
  code: z.string().min(1).max(64),
  /** Ed25519 public key, raw 32 bytes: signs the kiosk's requests. */
  identityKey: base64url.length(43),
  /** ECDSA P-256 public key, SPKI: signs certificates and their QR statements. */
  documentKey: base64url.max(200),
});

export const endorseRequestSchema = z.object({
  documentKey: base64url.max(200),
  /** True when the kiosk wants another block of numbers. */
  needsNumbers: z.boolean(),
});

/** What lets a kiosk issue certificates for a while, with or without a network. */
export const endorsementSchema = z.object({
  kiosk: z.string().max(64),
  /** The kiosk's number within the operator, four digits; part of every certificate number. */
  kioskNumber: z.string().regex(/^\d{4}$/),
  /** PEM, the kiosk's own certificate first, then its issuers up to the root. */
  certificates: z.array(z.string().max(8192)).min(2).max(8),
  notBefore: isoTime,
  notAfter: isoTime,
  /** Serials this kiosk may use, inclusive; null when none were asked for. */
  numbers: z.object({ from: z.number().int().min(1), to: z.number().int() }).nullable(),
  /** Where anyone can verify a certificate, e.g. `http://127.0.0.1:8700/verify`. */
  verifyAddress: z.url().max(200),
  serverTime: isoTime,
  /** What is carried by hand is sealed for this key; an older backend has none. */
  sealing: vouchedSealingKeySchema.optional(),
});

/** What a request with events may have in bytes: two hundred events with everything they may hold fit twice over. */
export const EVENTS_BODY_BYTES = 2 * 1024 * 1024;

export const eventsRequestSchema = z.object({ events: z.array(z.unknown()).min(1).max(200) });

/**
 * One answer per event, in order. `accepted` and `duplicate` are both final and good; `rejected` is final and bad
 * (the kiosk sets the event aside and goes on).
 */
export const eventsResponseSchema = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      outcome: z.enum(['accepted', 'duplicate', 'rejected']),
      reason: z.string().optional(),
    }),
  ),
  serverTime: isoTime,
});

/**
 * Why an event is rejected that belongs to a second journal under this kiosk's identity: a copied disk, a backup that was
 * put back, a disk that forgot its end. Numbers may be given twice until the kiosk is enrolled anew.
 */
export const FORKED = 'forked';
/** The same of an event from before the present enrolment, which that does not go on with. */
export const FORKED_EARLIER = 'forked-earlier';

/** Someone whose badge opens something. The PIN is never sent: only its scrypt hash (N 16384, r 8, p 1, 32 bytes). */
export const staffSchema = z.object({
  id: z.string().min(1).max(64),
  name: z.string().max(60),
  role: z.enum(['staff', 'volunteer', 'technician']),
  badge: z.string().max(64),
  pinSalt: base64url.max(64),
  pinHash: base64url.max(64),
});

/**
 * `have` is the digest of the delivery that the kiosk holds; null asks for the whole. A kiosk of the first version does
 * not say it, and takes an answer of the first form only.
 */
export const inboxRequestSchema = z.object({ have: base64url.length(43).nullable().optional() });

/** What a kiosk needs to work without a network: the residents of its community, and the staff's badges. */
export const inboxResponseSchema = z.discriminatedUnion('state', [
  /** What the kiosk holds is still all there is to say; only its age is new. */
  z.object({ state: z.literal('unchanged'), asOf: isoTime }),
  z.object({
    state: z.literal('whole'),
    residents: z.array(bundleSchema),
    staff: z.array(staffSchema),
    /** Names this content, signatures included; only the backend knows how it is made. */
    digest: base64url.length(43),
    /** The moment this is true of; the kiosk counts its age from here. */
    asOf: isoTime,
  }),
]);

/** The first form of the answer: nothing in it is signed, and it is always whole. */
export const firstInboxResponseSchema = z.object({
  residents: z.array(residentSchema),
  staff: z.array(staffSchema),
  asOf: isoTime,
});

export const residentRequestSchema = z.object({ idNumber: z.string().max(18) });
export const residentResponseSchema = z.object({ resident: residentSchema.nullable(), asOf: isoTime });

/**
 * Errors of the kiosk API. `retryable` (the kiosk tries again later), `unauthorised` (it must enrol or be endorsed
 * again) and `rejected` (it must not send this again) are different things.
 */
export const errorResponseSchema = z.object({
  error: z.object({
    kind: z.enum(['retryable', 'unauthorised', 'rejected']),
    code: z.string(),
    message: z.string(),
  }),
});

/** What `/api/verify` says of a certificate. Each answer is different and plain. */
export const verifyAnswerSchema = z.enum([
  'genuine',
  /** The signature is good, but the kiosk that issued it has not reported it yet (it may be offline). */
  'genuine-not-reported',
  'expired',
  'revoked',
  /** The number is ours but what the code says is not what was signed. */
  'altered',
  /** A number or key we never gave out. */
  'unknown',
  /** Not one of our codes at all. */
  'not-ours',
]);

/** Either the QR code's content, or the number and the eight-character code printed beneath it. */
export const verifyRequestSchema = z.union([
  z.object({ statement: z.string().min(1).max(2000) }),
  z.object({ number: z.string().min(1).max(60), code: z.string().min(1).max(20) }),
]);

export const verifyResponseSchema = z.object({
  answer: verifyAnswerSchema,
  certificate: z
    .object({
      type: z.string(),
      number: z.string(),
      holder: z.string(),
      issuer: z.string(),
      issuedAt: isoTime,
      validUntil: isoTime,
    })
    .nullable(),
});

export type EnrolRequest = z.infer<typeof enrolRequestSchema>;
export type EndorseRequest = z.infer<typeof endorseRequestSchema>;
export type Endorsement = z.infer<typeof endorsementSchema>;
export type EventsResponse = z.infer<typeof eventsResponseSchema>;
export type Staff = z.infer<typeof staffSchema>;
export type InboxResponse = z.infer<typeof inboxResponseSchema>;
export type VerifyAnswer = z.infer<typeof verifyAnswerSchema>;
export type VerifyResponse = z.infer<typeof verifyResponseSchema>;
export { eventSchema };
