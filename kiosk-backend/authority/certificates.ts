import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** ECDSA on P-256 with SHA-256: what phones, PDF readers and smart cards all check. */
export const documentAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const ROOT_YEARS = 10;
const LEAF_DAYS = 7;
/** As short as a kiosk's: a server key that was stolen serves its thief for a week at most. */
const SERVER_DAYS = 7;
const DAY_MS = 86_400_000;
/** Certificates are valid from a little before now, for those whose clocks run behind. */
const LEAF_BACKDATE_MS = 3_600_000;

export interface Root {
  readonly privateKey: CryptoKey;
  /** PEM. */
  readonly certificate: string;
}

export interface Leaf {
  /** PEM. */
  readonly certificate: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * The operator's own certificate: signs certificates of kiosks and of this server, none of which can sign others
 * (RFC 5280 §4.2.1.3, §4.2.1.9), and residents' records, whose text is never that of a certificate.
 */
export async function makeRoot(operator: string, keys: CryptoKeyPair, now: Date): Promise<string> {
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + ROOT_YEARS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: subject(`${operator} Root`, operator),
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter,
    keys,
    signingAlgorithm: documentAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return certificate.toString('pem');
}

/** A kiosk's short-lived certificate for the key that signs its documents. */
export async function makeLeaf(root: Root, kiosk: string, documentKey: CryptoKey, now: Date): Promise<Leaf> {
  const issuer = new x509.X509Certificate(root.certificate);
  const { notBefore, notAfter } = validity(issuer, LEAF_DAYS, now);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subject(kiosk, issuer.subjectName.getField('O')[0] ?? ''),
    issuer: issuer.subjectName,
    notBefore,
    notAfter,
    publicKey: documentKey,
    signingKey: root.privateKey,
    signingAlgorithm: documentAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(documentKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: certificate.toString('pem'), notBefore, notAfter };
}

/**
 * A certificate with which this backend is known to kiosks over TLS. Its purpose is to be a server and its name is in
 * the subject alternative name (RFC 9525 §6.3), so that no kiosk's certificate can stand in for it.
 */
export async function makeServerCertificate(
  root: Root,
  name: string,
  key: CryptoKey,
  now: Date,
): Promise<Leaf> {
  const issuer = new x509.X509Certificate(root.certificate);
  const { notBefore, notAfter } = validity(issuer, SERVER_DAYS, now);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: new x509.Name([{ O: [issuer.subjectName.getField('O')[0] ?? ''] }, { OU: ['server'] }]),
    issuer: issuer.subjectName,
    notBefore,
    notAfter,
    publicKey: key,
    signingKey: root.privateKey,
    signingAlgorithm: documentAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }]),
      await x509.SubjectKeyIdentifierExtension.create(key),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: certificate.toString('pem'), notBefore, notAfter };
}

/** From a little before now for some days, and never beyond the issuer's own end. */
function validity(
  issuer: x509.X509Certificate,
  days: number,
  now: Date,
): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: wholeSeconds(now.getTime() - LEAF_BACKDATE_MS),
    notAfter: wholeSeconds(Math.min(now.getTime() + days * DAY_MS, issuer.notAfter.getTime())),
  };
}

const subject = (commonName: string, operator: string): x509.Name =>
  new x509.Name([{ CN: [commonName] }, { O: [operator] }]);

/** Sixteen random bytes, positive in DER and never with a leading zero (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** X.509 times carry no fractions of a second. */
const wholeSeconds = (milliseconds: number): Date => new Date(Math.floor(milliseconds / 1000) * 1000);
