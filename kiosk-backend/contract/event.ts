import { z } from 'zod';
import { shareEventBodies } from './shares.ts';

const isoTime = z.iso.datetime({ offset: false });
const id = z.uuid();
const idNumber = z.string().regex(/^[0-9A-Z]{15,18}$/);

/** How the resident was verified; `staff` names the badge holder who vouched. */
export const verificationSchema = z.discriminatedUnion('by', [
  z.object({ by: z.literal('none') }),
  z.object({ by: z.literal('staff'), staff: z.string().min(1).max(64) }),
  z.object({ by: z.literal('face'), verifier: z.string().max(64), score: z.number() }),
]);

/** What a kiosk has done. One entry per thing the backend must know, each with the visit it belongs to. */
// Each in the order in which it is hashed: what was parsed need not be sorted.
export const eventBodySchema = z.discriminatedUnion('kind', [
  z.object({
    facts: z.record(z.string().max(64), z.string().max(500)),
    holder: z.object({ idNumber, name: z.string().min(1).max(60) }),
    issuedAt: isoTime,
    kind: z.literal('certificate.issued'),
    number: z.string().max(40),
    /** True when it was issued without reaching the backend. */
    offline: z.boolean(),
    /** The statement printed in the QR code: base64url COSE_Sign1. */
    statement: z.string().max(1000),
    type: z.string().max(64),
    validUntil: isoTime,
    verification: verificationSchema,
    visit: id,
  }),
  z.object({
    detail: z.string().max(200),
    document: z.enum(['certificate', 'receipt']),
    /** The print ledger's entry. */
    entry: id,
    kind: z.literal('print.recorded'),
    /** The certificate's number; null for a receipt. */
    number: z.string().max(40).nullable(),
    state: z.enum(['confirmed', 'unknown', 'failed']),
    visit: id,
  }),
  z.object({
    consent: z.boolean(),
    elder: z.boolean(),
    kind: z.literal('visit.finished'),
    language: z.enum(['zh-CN', 'en']),
    outcome: z.enum(['completed', 'left', 'timed-out', 'not-eligible', 'faulted']),
    /** Seconds from the first touch or card to the end. */
    seconds: z.number().min(0),
    service: z.string().max(64).nullable(),
    verification: verificationSchema,
    visit: id,
  }),
  z.object({
    kind: z.literal('visit.rated'),
    /** GB/T 39734 levels, 5 = 非常满意 … 1 = 非常不满意; null when skipped. */
    rating: z.number().int().min(1).max(5).nullable(),
    visit: id,
  }),
  z.object({ kind: z.literal('help.requested'), screen: z.string().max(64), visit: id.nullable() }),
  z.object({
    detail: z.string().max(200),
    device: z.string().max(40),
    kind: z.literal('device.changed'),
    state: z.string().max(40),
  }),
  ...shareEventBodies,
]);

/**
 * An event as it travels. `sequence` counts per kiosk from 1 without gaps; `hash` chains it to the one before:
 * SHA-256 (hex) over `previous` and the canonical JSON of everything else, see {@link eventHashText}.
 */
export const eventSchema = z.object({
  id,
  kiosk: z.string().max(64),
  sequence: z.number().int().min(1),
  /** The kiosk's wall clock, which may be wrong; the backend records its own time besides. */
  deviceTime: isoTime,
  /** Milliseconds on the kiosk's clock that never jumps, since its core started. */
  monotonicMs: z.number().min(0),
  previous: z.string().regex(/^([0-9a-f]{64}|)$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  body: eventBodySchema,
});

export type Verification = z.infer<typeof verificationSchema>;
export type EventBody = z.infer<typeof eventBodySchema>;
export type KioskEvent = z.infer<typeof eventSchema>;

/**
 * The text whose SHA-256 is the event's `hash`: JSON with keys in sorted order, at every depth. `bodyText` is the body's
 * {@link canonicalJson}, for those who have it already.
 */
export function eventHashText(
  event: Omit<KioskEvent, 'hash'>,
  bodyText: string = canonicalJson(event.body),
): string {
  const { deviceTime, id, kiosk, monotonicMs, previous, sequence } = event;
  const rest = JSON.stringify({ deviceTime, id, kiosk, monotonicMs, previous, sequence });
  return `{"body":${bodyText},${rest.slice(1)}`;
}

/**
 * JSON with sorted keys, so that both sides hash the same text. Keys that are whole numbers come first, in their own
 * order, as objects keep them. For what JSON can say: `undefined` in an object is left out, and nothing has `toJSON`.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(inOrder(value)) ?? 'null';

/** The value with its keys sorted at every depth; itself where they are: putting them in order takes as long as writing. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const fields = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(fields);
  if (!isSorted(keys)) return sorted(fields, keys.sort());
  let ordered: Record<string, unknown> | null = null;
  for (const key of keys) {
    const field = fields[key];
    if (typeof field !== 'object' || field === null) continue;
    const inner = inOrder(field);
    if (inner === field) continue;
    ordered ??= { ...fields };
    put(ordered, key, inner);
  }
  return ordered ?? value;
}

function isSorted(keys: readonly string[]): boolean {
  let before = '';
  for (const key of keys) {
    if (key < before) return false;
    before = key;
  }
  return true;
}

function sorted(fields: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown {
  const ordered: Record<string, unknown> = {};
  for (const key of keys) put(ordered, key, inOrder(fields[key]));
  return ordered;
}

/** Also a key that an assignment would take for the prototype. */
function put(fields: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') fields[key] = value;
  else Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
}
