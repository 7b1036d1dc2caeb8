import {
  fromBase64url,
  normaliseCode,
  readStatement,
  type Statement,
  statementFromScan,
  type VerifyAnswer,
  type VerifyResponse,
  verificationCode,
  verifyStatement,
} from '../contract/index.ts';

export interface Reported {
  readonly statement: string;
  /** By the backend's clock, ISO. */
  readonly reportedAt: string;
}

export interface DocumentKey {
  readonly kiosk: string;
  /** SPKI in base64url. */
  readonly spki: string;
  /** ISO; null while its kiosk is trusted. Since then the key may be in a thief's hands. */
  readonly distrustedSince: string | null;
}

/** What a verdict needs to know of the world. */
export interface Ledger {
  /** A certificate that was reported; however the number is written. */
  certificate(number: string): Promise<Reported | null>;
  documentKey(keyId: string): Promise<DocumentKey | null>;
  /** True when the number lies in a block given to this kiosk. */
  wasGiven(number: string, kiosk: string): Promise<boolean>;
  isRevoked(number: string): Promise<boolean>;
}

const nothing = (answer: VerifyAnswer): VerifyResponse => ({ answer, certificate: null });

/** Judges what a QR code says: the bare statement, or an address that carries it. */
export async function judgeScan(scanned: string, ledger: Ledger, now: Date): Promise<VerifyResponse> {
  const token = statementFromScan(scanned);
  const statement = token && readStatement(token);
  if (!statement) return nothing('not-ours');
  const { number } = statement.claims;
  const reported = await ledger.certificate(number);
  const key = await ledger.documentKey(statement.keyId);
  if (!key) return nothing(reported === null ? 'unknown' : 'altered');
  if (!(await verifyStatement(statement, fromBase64url(key.spki)))) return nothing('altered');
  if (reported !== null && !saysTheSame(statement, reported.statement)) return nothing('altered');
  if (reported === null && !(await ledger.wasGiven(number, key.kiosk))) return nothing('unknown');
  return standing(statement, { key, reported }, ledger, now);
}

/** Judges the number and the eight characters printed beneath the QR code. */
export async function judgeTyped(
  number: string,
  code: string,
  ledger: Ledger,
  now: Date,
): Promise<VerifyResponse> {
  const reported = await ledger.certificate(number);
  const statement = reported && readStatement(reported.statement);
  if (!reported || !statement) return nothing('unknown');
  const typed = normaliseCode(code);
  if (typed !== (await verificationCode(reported.statement))) return nothing('altered');
  const key = await ledger.documentKey(statement.keyId);
  return standing(statement, { key, reported }, ledger, now);
}

/** A certificate that is truly ours may still no longer count. */
async function standing(
  statement: Statement,
  { key, reported }: { readonly key: DocumentKey | null; readonly reported: Reported | null },
  ledger: Ledger,
  now: Date,
): Promise<VerifyResponse> {
  const { type, number, holder, issuer, issuedAt, validUntil } = statement.claims;
  const expired = now.getTime() > validUntil * 1000;
  const good = reported === null ? 'genuine-not-reported' : 'genuine';
  const revoked = isDistrusted(key, reported) || (await ledger.isRevoked(number));
  const answer = revoked ? 'revoked' : expired ? 'expired' : good;
  return {
    answer,
    certificate: {
      type,
      number,
      holder,
      issuer,
      issuedAt: isoTime(issuedAt),
      validUntil: isoTime(validUntil),
    },
  };
}

/**
 * Of a kiosk that is not trusted any more only what it had reported until then counts. When a statement claims to have
 * been signed does not: whoever holds the key writes any time there.
 */
const isDistrusted = (key: DocumentKey | null, reported: Reported | null): boolean =>
  key !== null &&
  key.distrustedSince !== null &&
  (reported === null || reported.reportedAt >= key.distrustedSince);

/** What was signed is compared, not the text around it, which may be written in more than one way. */
function saysTheSame(statement: Statement, reported: string): boolean {
  const known = readStatement(reported);
  return known !== null && Buffer.from(known.signed).equals(statement.signed);
}

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();
