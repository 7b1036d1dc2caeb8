import { z } from 'zod';

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
/** 64 bytes; the last character has four bits too many, which are zero: each signature has one spelling. */
const signature = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/);
const isoTime = z.iso.datetime({ offset: false });

/**
 * How payloads are sealed: `aes` is ECDH-ES on P-256 with A256GCM (RFC 7518); `sm` is SM2 with SM4-GCM
 * (GB/T 32918.4, GB/T 32907), for operators who must.
 */
export const sealingSuiteSchema = z.enum(['aes', 'sm']);
export type SealingSuite = z.infer<typeof sealingSuiteSchema>;

/** A public key to seal for: a point of the suite's curve, uncompressed (65 bytes, the first is 4). */
export const sealingPublicKeySchema = z.object({
  suite: sealingSuiteSchema,
  /** See `keyIdOf`, over the point. */
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  publicKey: base64url.length(87),
});
export type SealingPublicKey = z.infer<typeof sealingPublicKeySchema>;

/** The backend's key, for which the authority vouches: ECDSA (P-256, SHA-256) over {@link sealingKeyText}. */
export const vouchedSealingKeySchema = sealingPublicKeySchema.extend({ signature });
export type VouchedSealingKey = z.infer<typeof vouchedSealingKeySchema>;

export const sealingKeyText = ({ suite, keyId, publicKey }: SealingPublicKey): string =>
  ['huimin-sealing-key-1', suite, keyId, publicKey].join('\n');

const headShape = {
  kiosk: z.string().regex(/^[a-z0-9-]{3,64}$/),
  /** Sixteen random bytes for each export; its answers say the same. */
  export: base64url.length(22),
  /** By the clock of whoever wrote it. */
  time: isoTime,
  /** What the pieces are sealed for. */
  suite: sealingSuiteSchema,
  keyId: sealingPublicKeySchema.shape.keyId,
  /** The kiosk's Ed25519 identity, raw: tells a file that is damaged from one of an earlier enrolment. */
  identityKey: base64url.length(43),
};

/**
 * The first part of a carried file, which anyone can read and which names nobody: what a kiosk could not send, or what
 * the backend answers to it.
 */
export const carriedHeadSchema = z.discriminatedUnion('kind', [
  /** `answerTo` is what the answers are to be sealed for. */
  z.object({ kind: z.literal('events'), ...headShape, answerTo: sealingPublicKeySchema }),
  z.object({ kind: z.literal('answers'), ...headShape }),
]);
export type CarriedHead = z.infer<typeof carriedHeadSchema>;
export type CarriedEventsHead = Extract<CarriedHead, { kind: 'events' }>;

/** The last part of a carried file: a file without it was not finished. */
export const carriedTailSchema = z.object({
  pieces: z.number().int().min(1),
  /** How many events are told of. */
  count: z.number().int().min(1),
  /** The lowest and the highest sequence among them. */
  first: z.number().int().min(1),
  last: z.number().int().min(1),
  /** Over {@link carriedText}: Ed25519 by the kiosk, or ECDSA (P-256, SHA-256) by the authority. */
  signature,
});
export type CarriedTail = z.infer<typeof carriedTailSchema>;

/** What is signed of a carried file; `hash` is SHA-256 (hex) over every byte before the last part. */
export const carriedText = (
  { kind, kiosk, export: id, time }: CarriedHead,
  { pieces, count, first, last }: Omit<CarriedTail, 'signature'>,
  hash: string,
): string => ['huimin-carried-1', kind, kiosk, id, time, pieces, count, first, last, hash].join('\n');

/** The content types within a carried file, by its kind; each piece is JSON. */
export const carriedContent = {
  events: 'application/vnd.huimin.events+json',
  answers: 'application/vnd.huimin.answers+json',
} as const;

/** The longest sealed piece that is read, in bytes: what is carried is never held in memory as a whole. */
export const MOST_PIECE_BYTES = 8 * 1024 * 1024;
