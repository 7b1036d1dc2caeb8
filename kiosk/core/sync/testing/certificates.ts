/** Authorities and servers' certificates for tests, P-256, made by pkijs: right ones and wrong ones. */
import { generateKeyPairSync } from 'node:crypto';
import { BitString, Integer, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
} from 'pkijs';

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const DAY_MS = 86_400_000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export interface Party {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

interface Wish {
  readonly name: string;
  readonly issuer?: Party & { readonly name: string };
  readonly isAuthority?: boolean;
  /** A name in the subject alternative name; none where it is left out. */
  readonly host?: string;
  readonly forServers?: boolean;
  /** Days from now. */
  readonly from?: number;
  readonly until?: number;
}

const pem = (der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};
const der = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
const named = (name: string): AttributeTypeAndValue =>
  new AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value: name }) });
const extension = (extnID: string, critical: boolean, extnValue: ArrayBuffer): Extension =>
  new Extension({ extnID, critical, extnValue });

/** A certificate with a new key. */
export async function issue(wish: Wish): Promise<Party & { readonly name: string }> {
  const { name, issuer, isAuthority = false, host, forServers = true, from = -1, until = 30 } = wish;
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ value: 7 });
  certificate.subject.typesAndValues.push(named(name));
  certificate.issuer.typesAndValues.push(named(issuer?.name ?? name));
  certificate.notBefore.value = new Date(Date.now() + from * DAY_MS);
  certificate.notAfter.value = new Date(Date.now() + until * DAY_MS);
  await certificate.subjectPublicKeyInfo.importKey(
    await crypto.subtle.importKey('spki', der(keys.publicKey), P256, true, ['verify']),
  );
  const usage = new BitString({
    valueHex: Uint8Array.of(isAuthority ? 0x06 : 0x80).buffer,
    unusedBits: isAuthority ? 1 : 7,
  });
  certificate.extensions = [
    extension('2.5.29.19', true, new BasicConstraints({ cA: isAuthority }).toSchema().toBER()),
    extension('2.5.29.15', true, usage.toBER()),
  ];
  if (host !== undefined) {
    const names = new GeneralNames({ names: [new GeneralName({ type: 2, value: host })] });
    certificate.extensions.push(extension('2.5.29.17', false, names.toSchema().toBER()));
  }
  if (forServers && !isAuthority)
    certificate.extensions.push(
      extension('2.5.29.37', false, new ExtKeyUsage({ keyPurposes: [SERVER_AUTH] }).toSchema().toBER()),
    );
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    der(issuer?.key ?? keys.privateKey),
    P256,
    false,
    ['sign'],
  );
  await certificate.sign(signingKey, 'SHA-256');
  return { name, certificate: pem(certificate.toSchema(true).toBER()), key: keys.privateKey };
}
