import { hash as digest } from 'node:crypto';
import {
  eventHashText,
  eventSchema,
  fromBase64url,
  hashFacts,
  isShareEvent,
  type KioskEvent,
  maskName,
  readStatement,
  statementKey,
  verifyStatement,
} from '../contract/index.ts';
import { type Block, isInBlocks } from '../fleet/index.ts';

/** The kiosk that sends. */
export interface Sender {
  readonly id: string;
  /** Four digits. */
  readonly number: string;
  /** What its certificates are held against; asked for only when there is one. */
  grants(): Promise<Grants>;
}

/** What a kiosk was given; only ever grows, so it may be read before the transaction. */
export interface Grants {
  readonly blocks: readonly Block[];
  /** Document keys by key id, SPKI in base64url; old ones included. */
  readonly keys: ReadonlyMap<string, string>;
}

export type Finding =
  /** Not an event of this kiosk at all: nothing of it can be relied on, its id included. */
  | { readonly is: 'no-event'; readonly id: string; readonly reason: string }
  /** A real event; `reason` tells why its effect is refused, null when it is not. */
  | { readonly is: 'event'; readonly event: KioskEvent; readonly reason: string | null };

/** Judges one thing sent as an event by itself, without regard to what came before. */
export async function examine(sent: unknown, sender: Sender): Promise<Finding> {
  const parsed = eventSchema.safeParse(sent);
  if (!parsed.success) return { is: 'no-event', id: claimedId(sent), reason: invalidReason(parsed.error) };
  const event = parsed.data;
  if (containsNul(event)) return { is: 'no-event', id: event.id, reason: 'invalid: NUL in a text' };
  if (event.kiosk !== sender.id) return { is: 'no-event', id: event.id, reason: 'wrong-kiosk' };
  const hash = digest('sha256', eventHashText(event));
  if (hash !== event.hash) return { is: 'no-event', id: event.id, reason: 'hash-mismatch' };
  return { is: 'event', event, reason: await effectRefusal(event.body, sender) };
}

async function effectRefusal(body: KioskEvent['body'], sender: Sender): Promise<string | null> {
  if (isShareEvent(body)) return null; // told by what the kiosk holds when it is taken in
  switch (body.kind) {
    case 'certificate.issued':
      return certificateRefusal(body, sender);
    case 'print.recorded':
    case 'visit.finished':
    case 'visit.rated':
    case 'help.requested':
    case 'device.changed':
      return null;
  }
}

async function certificateRefusal(
  body: Extract<KioskEvent['body'], { kind: 'certificate.issued' }>,
  sender: Sender,
): Promise<string | null> {
  const { blocks, keys } = await sender.grants();
  if (!isInBlocks(body.number, sender.number, blocks)) return 'number-not-given';
  const statement = readStatement(body.statement);
  if (!statement) return 'statement-unreadable';
  const spki = keys.get(statement.keyId);
  if (!spki) return 'statement-key-unknown';
  if (!(await verifyStatement(statement, await importedKey(spki)))) return 'statement-signature';
  const { claims } = statement;
  if (claims.number !== body.number || claims.type !== body.type) return 'statement-disagrees';
  if (claims.holder !== maskName(body.holder.name)) return 'statement-disagrees';
  const factsHash = await hashFacts(body.facts);
  return Buffer.from(factsHash).equals(claims.factsHash) ? null : 'facts-disagree';
}

/** Keys imported lately, by SPKI: a kiosk signs with the same one for days. */
const imported = new Map<string, CryptoKey>();
const MOST_IMPORTED = 10_000;

async function importedKey(spki: string): Promise<CryptoKey> {
  const known = imported.get(spki);
  if (known) return known;
  const key = await statementKey(fromBase64url(spki));
  if (imported.size >= MOST_IMPORTED) imported.clear();
  imported.set(spki, key);
  return key;
}

function claimedId(sent: unknown): string {
  const id = typeof sent === 'object' && sent !== null && 'id' in sent ? sent.id : null;
  return typeof id === 'string' ? id.slice(0, 64) : '';
}

/** Where it does not fit, without quoting what was sent. */
function invalidReason(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[] }[];
}): string {
  const places = error.issues.map(({ path }) => path.map(String).join('.') || 'event');
  return `invalid: ${places.join(', ').slice(0, 200)}`;
}

/** PostgreSQL keeps every character in a text but U+0000. */
function containsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => key.includes('\0') || containsNul(inner));
}
