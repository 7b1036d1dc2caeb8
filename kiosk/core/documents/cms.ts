/** CAdES-BES signatures (ETSI EN 319 122-1) as PAdES B-B wants them: CMS (RFC 5652), detached, without signing time. */
import { createHash } from 'node:crypto';
import { Integer, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import {
  AlgorithmIdentifier,
  Attribute,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs';
import type { DocumentKey } from './document-key.ts';

/** Makes the container that goes into a PDF's signature dictionary. */
export interface DocumentSigner {
  /** `SubFilter` of the dictionary (ISO 32000-2, table 255; ETSI EN 319 142-1). */
  readonly subFilter: string;
  /** The most bytes a container may take. */
  readonly capacity: number;
  /** Signs the bytes of the file around the container. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  /** RFC 5035: names the signing certificate by its SHA-256, so that none can be put in its place. */
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  sha256: '2.16.840.1.101.3.4.2.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

const TAG_SET = 0x31;
/** Beyond the certificates: attributes, names of the issuer, the signature; measured at about 480 bytes. */
const OVERHEAD = 1024;

const sha256 = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest();

const derOf = (pem: string): Uint8Array => {
  const body = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/.exec(pem)?.[1];
  if (body === undefined) throw new Error('not a certificate in PEM');
  return Buffer.from(body, 'base64');
};

const octets = (data: Uint8Array): OctetString => new OctetString({ valueHex: new Uint8Array(data).buffer });

const attribute = (type: string, value: unknown): Attribute => new Attribute({ type, values: [value] });

/** DER wants the members of a SET in the order of their encodings (X.690, 11.6). */
const inDerOrder = (attributes: readonly Attribute[]): Attribute[] =>
  attributes
    .map((item) => ({ item, der: Buffer.from(item.toSchema().toBER()) }))
    .sort((left, right) => Buffer.compare(left.der, right.der))
    .map(({ item }) => item);

/** r||s as the DER sequence that CMS carries (RFC 5753, 7.2). */
const ecdsaSignature = (rs: Uint8Array): Uint8Array => {
  const half = (from: number): Integer => {
    const bytes = Uint8Array.from([0, ...rs.subarray(from, from + 32)]);
    let start = 0;
    while (start < 32 && bytes[start] === 0 && (bytes[start + 1] ?? 0) < 0x80) start += 1;
    return new Integer({ valueHex: bytes.slice(start).buffer });
  };
  return new Uint8Array(new Sequence({ value: [half(0), half(32)] }).toBER());
};

/**
 * A signer for one certificate chain. `certificates` are PEM, the key's own first, then its issuers up to the root;
 * throws when there is none or one is not a certificate.
 */
export function cmsSigner(certificates: readonly string[], key: DocumentKey): DocumentSigner {
  const chain = certificates.map(derOf);
  const parsed = chain.map((der) => Certificate.fromBER(new Uint8Array(der)));
  const [leafDer] = chain;
  const [leaf] = parsed;
  if (!leafDer || !leaf) throw new Error('a document signer needs its certificate');
  const sha256Algorithm = new AlgorithmIdentifier({ algorithmId: OID.sha256 });
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithmId: OID.ecdsaWithSha256 });
  const contentType = attribute(OID.contentType, new ObjectIdentifier({ value: OID.data }));
  // SigningCertificateV2 { certs { ESSCertIDv2 { certHash } } }; SHA-256 is the default and therefore not named.
  const essCertId = new Sequence({ value: [octets(sha256(leafDer))] });
  const certs = new Sequence({ value: [essCertId] });
  const signingCertificate = attribute(OID.signingCertificateV2, new Sequence({ value: [certs] }));
  return {
    subFilter: 'ETSI.CAdES.detached',
    capacity: chain.reduce((sum, der) => sum + der.length, OVERHEAD),
    async sign(data) {
      const digest = attribute(OID.messageDigest, octets(sha256(data)));
      const signedAttrs = new SignedAndUnsignedAttributes({
        type: 0,
        attributes: inDerOrder([contentType, digest, signingCertificate]),
      });
      // What is signed is the SET itself, not its implicitly tagged form in the SignerInfo (RFC 5652, 5.4).
      const covered = new Uint8Array(signedAttrs.toSchema().toBER());
      covered[0] = TAG_SET;
      const signature = octets(ecdsaSignature(await key.sign(covered)));
      const signer = new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer: leaf.issuer, serialNumber: leaf.serialNumber }),
        digestAlgorithm: sha256Algorithm,
        signedAttrs,
        signatureAlgorithm,
        signature,
      });
      const signed = new SignedData({
        version: 1,
        digestAlgorithms: [sha256Algorithm],
        encapContentInfo: new EncapsulatedContentInfo({ eContentType: OID.data }),
        certificates: parsed,
        signerInfos: [signer],
      });
      const content = new ContentInfo({ contentType: OID.signedData, content: signed.toSchema(true) });
      return new Uint8Array(content.toSchema().toBER());
    },
  };
}
