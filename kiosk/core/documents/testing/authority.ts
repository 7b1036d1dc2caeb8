/** A tiny certification authority for tests: a root and a kiosk's certificate, both P-256, made by pkijs. */
import { BitString, Integer, Utf8String } from 'asn1js';
import { AttributeTypeAndValue, BasicConstraints, Certificate, Extension } from 'pkijs';
import { createDocumentKey, type DocumentKey } from '../document-key.ts';

export interface TestAuthority {
  readonly key: DocumentKey;
  /** What the root signs with. */
  readonly rootKey: DocumentKey;
  /** PEM, the kiosk's own first. */
  readonly certificates: readonly string[];
}

const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };

const pem = (der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

interface Party {
  readonly name: string;
  readonly spki: Uint8Array;
}

const issue = async (
  subject: Party,
  issuer: Party,
  issuerKey: CryptoKey,
  serial: number,
  isAuthority: boolean,
): Promise<string> => {
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ value: serial });
  const named = (name: string) =>
    new AttributeTypeAndValue({ type: COMMON_NAME, value: new Utf8String({ value: name }) });
  certificate.subject.typesAndValues.push(named(subject.name));
  certificate.issuer.typesAndValues.push(named(issuer.name));
  certificate.notBefore.value = new Date('2026-01-01T00:00:00Z');
  certificate.notAfter.value = new Date('2046-01-01T00:00:00Z');
  const publicKey = await crypto.subtle.importKey('spki', new Uint8Array(subject.spki), P256, true, [
    'verify',
  ]);
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  const usage = new BitString({
    valueHex: Uint8Array.of(isAuthority ? 0x06 : 0xc0).buffer,
    unusedBits: isAuthority ? 1 : 6,
  });
  certificate.extensions = [
    new Extension({
      extnID: BASIC_CONSTRAINTS,
      critical: true,
      extnValue: new BasicConstraints({ cA: isAuthority }).toSchema().toBER(),
    }),
    new Extension({ extnID: KEY_USAGE, critical: true, extnValue: usage.toBER() }),
  ];
  await certificate.sign(issuerKey, 'SHA-256');
  return pem(certificate.toSchema(true).toBER());
};

/** A new authority with new keys; `name` is the kiosk's, as it stands in its certificate. */
export async function makeTestAuthority(name = '示范自助终端 0001'): Promise<TestAuthority> {
  const [rootKey, key] = await Promise.all([createDocumentKey(), createDocumentKey()]);
  const signingKey = await crypto.subtle.importKey('pkcs8', new Uint8Array(rootKey.pkcs8), P256, false, [
    'sign',
  ]);
  const root = { name: '示范根证书', spki: rootKey.spki };
  const kiosk = { name, spki: key.spki };
  const certificates = [
    await issue(kiosk, root, signingKey, 2, false),
    await issue(root, root, signingKey, 1, true),
  ];
  return { key, rootKey, certificates };
}
