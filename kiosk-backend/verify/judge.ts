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

/** What a verdict needs to know of the world. */
export interface Ledger {
  /** The statement of a reported certificate; however the number is written. */
  certificate(number: string): Promise<string | null>;
  /** The kiosk a document key belongs to, and the key's SPKI in base64url. */
  documentKey(keyId: string): Promise<{ readonly kiosk: string; readonly spki: string } | null>;
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
  if (reported !== null) {
    return saysTheSame(statement, reported)
      ? standing(statement, 'genuine', ledger, now)
      : nothing('altered');
  }
  return (await ledger.wasGiven(number, key.kiosk))
    ? standing(statement, 'genuine-not-reported', ledger, now)
    : nothing('unknown');
}

/** Judges the number and the eight characters printed beneath the QR code. */
export async function judgeTyped(
  number: string,
  code: string,
  ledger: Ledger,
  now: Date,
): Promise<VerifyResponse> {
  const reported = await ledger.certificate(number);
  const statement = reported && readStatement(reported);
  if (!reported || !statement) return nothing('unknown');
  const typed = normaliseCode(code);
  return typed === (await verificationCode(reported))
    ? standing(statement, 'genuine', ledger, now)
    : nothing('altered');
}

/** A certificate that is truly ours may still no longer count. */
async function standing(
  statement: Statement,
  good: 'genuine' | 'genuine-not-reported',
  ledger: Ledger,
  now: Date,
): Promise<VerifyResponse> {
  const { type, number, holder, issuer, issuedAt, validUntil } = statement.claims;
  const expired = now.getTime() > validUntil * 1000;
  const answer = (await ledger.isRevoked(number)) ? 'revoked' : expired ? 'expired' : good;
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

/** What was signed is compared, not the text around it, which may be written in more than one way. */
function saysTheSame(statement: Statement, reported: string): boolean {
  const known = readStatement(reported);
  return known !== null && Buffer.from(known.signed).equals(statement.signed);
}

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();
