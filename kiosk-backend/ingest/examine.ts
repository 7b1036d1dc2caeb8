import { hash as digest } from 'node:crypto';
import { compile } from 'zod';
import {
  canonicalJson,
  eventHashText,
  eventSchema,
  FACTS_HASH_BYTES,
  factsText,
  fromBase64url,
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
  /**
   * What its certificates are held against; asked for only when there is one, and with `anew` only when one fits into
   * nothing that was known before.
   */
  grants(anew: boolean): Promise<Grants>;
}

/** What a kiosk was given; only ever grows, so it may be read before the transaction. */
export interface Grants {
  readonly blocks: readonly Block[];
  /** Document keys by key id, SPKI in base64url; old ones included. */
  readonly keys: ReadonlyMap<string, string>;
}

/** An event with its body as it is hashed and kept: canonical JSON, made once. */
export interface ReadEvent extends KioskEvent {
  readonly bodyText: string;
}

export type Finding =
  /** Not an event of this kiosk at all: nothing of it can be relied on, its id included. */
  | { readonly is: 'no-event'; readonly id: string; readonly reason: string }
  /** A real event; `reason` tells why its effect is refused, null when it is not. */
  | { readonly is: 'event'; readonly event: ReadEvent; readonly reason: string | null };

type CertificateBody = Extract<KioskEvent['body'], { kind: 'certificate.issued' }>;

const compiledSchema = compile(eventSchema);

/** Judges each thing sent as an event by itself, without regard to what came before. */
export async function examine(sent: readonly unknown[], sender: Sender): Promise<Finding[]> {
  const findings = sent.map((one) => read(one, sender.id));
  if (!findings.some(isCertificate)) return findings;
  const judged = await judgeCertificates(findings, sender.number, await sender.grants(false));
  return judged.some(lacksGrant)
    ? judgeCertificates(findings, sender.number, await sender.grants(true))
    : judged;
}

function read(sent: unknown, kiosk: string): Finding {
  const parsed = compiledSchema.safeParse(sent);
  if (!parsed.success) return { is: 'no-event', id: claimedId(sent), reason: invalidReason(parsed.error) };
  const event = parsed.data;
  const bodyText = canonicalJson(event.body);
  const text = eventHashText(event, bodyText);
  // As JSON writes U+0000; a text that holds these six characters themselves looks the same until it is taken apart.
  if (text.includes('\\u0000') && containsNul(event)) {
    return { is: 'no-event', id: event.id, reason: 'invalid: NUL in a text' };
  }
  if (event.kiosk !== kiosk) return { is: 'no-event', id: event.id, reason: 'wrong-kiosk' };
  if (digest('sha256', text) !== event.hash) {
    return { is: 'no-event', id: event.id, reason: 'hash-mismatch' };
  }
  return { is: 'event', event: { ...event, bodyText }, reason: null };
}

const isCertificate = (finding: Finding): boolean =>
  finding.is === 'event' && finding.event.body.kind === 'certificate.issued';

const lacksGrant = ({ reason }: Finding): boolean => reason === NOT_GIVEN || reason === KEY_UNKNOWN;

/** All at once: signatures are checked in other threads. */
async function judgeCertificates(
  findings: readonly Finding[],
  kioskNumber: string,
  grants: Grants,
): Promise<Finding[]> {
  const judged = [...findings];
  await Promise.all(
    findings.map((finding, index) => {
      if (finding.is !== 'event' || finding.event.body.kind !== 'certificate.issued') return null;
      return certificateRefusal(finding.event.body, kioskNumber, grants).then((reason) => {
        judged[index] = { ...finding, reason };
      });
    }),
  );
  return judged;
}

const NOT_GIVEN = 'number-not-given';
const KEY_UNKNOWN = 'statement-key-unknown';

async function certificateRefusal(
  body: CertificateBody,
  kioskNumber: string,
  { blocks, keys }: Grants,
): Promise<string | null> {
  if (!isInBlocks(body.number, kioskNumber, blocks)) return NOT_GIVEN;
  const statement = readStatement(body.statement);
  if (!statement) return 'statement-unreadable';
  const spki = keys.get(statement.keyId);
  if (!spki) return KEY_UNKNOWN;
  if (!(await verifyStatement(statement, await importedKey(spki)))) return 'statement-signature';
  const { claims } = statement;
  if (claims.number !== body.number || claims.type !== body.type) return 'statement-disagrees';
  if (claims.holder !== maskName(body.holder.name)) return 'statement-disagrees';
  const facts = digest('sha256', factsText(body.facts), 'buffer').subarray(0, FACTS_HASH_BYTES);
  return facts.equals(claims.factsHash) ? null : 'facts-disagree';
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
