import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { authorityPin, certificatesIn } from '../contract/index.ts';

/** Where the server's certificate comes from. */
export type TlsSource =
  /** Made here for this name or IP address, issued by the operator's own authority. */
  | { readonly kind: 'own'; readonly name: string }
  /** PEM files that somebody else keeps up to date: the certificate with its issuers, and its key. */
  | { readonly kind: 'files'; readonly certificate: string; readonly key: string };

/** Why there is no TLS to be had, as one sentence for the person at the terminal. */
export class TlsUnavailable extends Error {
  override readonly name = 'TlsUnavailable';
}

/** A key and the certificates that vouch for it, PEM: the server's own first, then its issuers. */
export interface ServerIdentity {
  readonly key: string;
  readonly certificates: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What listens with TLS, as much of it as is needed here. */
interface SecureServer {
  setSecureContext(options: SecureContextOptions): void;
}

export interface Tls {
  /** The pin of whoever issued the certificate that is served now; null when the files do not hold its issuer. */
  readonly pin: string | null;
  /** Gives the server its certificate, now and whenever there is a new one; who is connected stays so. */
  serve(server: SecureServer): void;
  close(): void;
}

export interface TlsOptions {
  readonly source: TlsSource;
  /** Makes a new key with its certificate for a name. */
  readonly issue: (name: string) => Promise<ServerIdentity>;
  readonly now: () => Date;
  /** For the operator; one sentence. */
  readonly warn: (sentence: string) => void;
  /** Files brought a certificate of another issuer, with this pin. */
  readonly onIssuer: (pin: string | null) => Promise<void>;
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 60_000;

/**
 * Keeps the server's certificate: its own is made anew when half of its time is over, or when it has not begun since the
 * clock was ahead and was put right, and lives in memory only; files are read again when they change. Throws {@link TlsUnavailable}.
 */
export async function openTls(options: TlsOptions): Promise<Tls> {
  const { source, issue, now, warn } = options;
  let identity = source.kind === 'own' ? await issue(source.name) : readFiles(source);
  if (source.kind === 'files' && identity.notAfter < now())
    throw new TlsUnavailable(
      `The certificate in ${source.certificate} ended on ${identity.notAfter.toISOString()}.`,
    );
  let pin = await issuerPin(identity.certificates);
  let server: SecureServer | null = null;
  let warned = '';
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      const next = source.kind === 'own' ? await renewed(source.name) : readFiles(source);
      if (next !== null && next.certificates !== identity.certificates) {
        server?.setSecureContext(contextOf(next));
        identity = next;
      }
      const issuer = await issuerPin(identity.certificates);
      if (issuer !== pin) {
        await options.onIssuer(issuer);
        warn(
          `The server certificate was issued by another authority than before: ${issuer ?? 'one that its file does not hold'}. Kiosks do not reach this backend until their kiosk.yaml names it as authority.`,
        );
        pin = issuer;
      }
      warned = '';
    } catch (cause) {
      // Half-written files, a database that is away: what is served now goes on, and the next look may find it right.
      const sentence = `The server certificate could not be renewed: ${cause instanceof TlsUnavailable ? cause.message : 'it will be tried again'}`;
      if (sentence !== warned) warn(sentence);
      warned = sentence;
    } finally {
      isLooking = false;
    }
  };
  const renewed = async (name: string): Promise<ServerIdentity | null> => {
    const half = (identity.notBefore.getTime() + identity.notAfter.getTime()) / 2;
    const at = now().getTime();
    return at >= identity.notBefore.getTime() && at < half ? null : issue(name);
  };
  const looking = setInterval(() => void look(), options.lookEveryMs ?? LOOK_EVERY_MS);
  looking.unref();
  return {
    get pin() {
      return pin;
    },
    serve: (listening) => {
      server = listening;
      server.setSecureContext(contextOf(identity));
    },
    close: () => clearInterval(looking),
  };
}

const contextOf = ({ key, certificates }: ServerIdentity): SecureContextOptions => ({
  key,
  cert: certificates,
  minVersion: 'TLSv1.3',
});

function readFiles(source: Extract<TlsSource, { kind: 'files' }>): ServerIdentity {
  const certificates = readText(source.certificate);
  const key = readText(source.key);
  const [own, ...issuers] = certificatesIn(certificates);
  if (own === undefined) throw new TlsUnavailable(`${source.certificate} holds no certificate in PEM.`);
  let certificate: X509Certificate;
  let belongs: boolean;
  try {
    certificate = new X509Certificate(own);
    belongs = certificate.checkPrivateKey(createPrivateKey(key));
    issuerAmong(certificate, issuers);
  } catch {
    throw new TlsUnavailable(
      `${source.certificate} or ${source.key} is no PEM file that can be read (a key with a password cannot).`,
    );
  }
  if (!belongs) throw new TlsUnavailable(`The key in ${source.key} is not that of ${source.certificate}.`);
  return {
    key,
    certificates,
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new TlsUnavailable(`${file} cannot be read.`);
  }
}

async function issuerPin(certificates: string): Promise<string | null> {
  const [own, ...others] = certificatesIn(certificates);
  const issuer = own === undefined ? undefined : issuerAmong(new X509Certificate(own), others);
  return issuer === undefined ? null : pinOfCertificate(issuer);
}

/** Reads all of them, whichever it is: throws Node's own errors for one that is no certificate. */
function issuerAmong(own: X509Certificate, others: readonly string[]): X509Certificate | undefined {
  const read = others.map((pem) => new X509Certificate(pem));
  return read.find((one) => own.checkIssued(one) && own.verify(one.publicKey));
}

/** The pin of the authority whose certificate this is, PEM or read already. */
export function pinOfCertificate(certificate: string | X509Certificate): Promise<string> {
  const read = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate;
  return authorityPin(read.publicKey.export({ type: 'spki', format: 'der' }));
}
