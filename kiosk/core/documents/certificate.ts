import {
  hashFacts,
  makeStatement,
  maskName,
  statementAddress,
  verificationCode,
} from '@huimin/backend/contract';
import { cmsSigner, type DocumentSigner } from './cms.ts';
import { DEFAULT_TIME_ZONE, formatDate, formatMoment } from './dates.ts';
import type { DocumentKey } from './document-key.ts';
import { drawPage, openDocument } from './draw.ts';
import { documentFonts, type FontChain } from './fonts.ts';
import { type LayoutError, layOutCertificate } from './layout.ts';
import type { CertificateContent } from './layout-content.ts';
import type { Page } from './page.ts';
import { reserveSignature, signPdf } from './pdf-signature.ts';
import { qrMatrix } from './qr.ts';
import { ok, type Result } from './result.ts';
import type { CertificateLanguage, CertificateTemplate } from './template.ts';

export interface CertificateRequest {
  readonly template: CertificateTemplate;
  readonly language: CertificateLanguage;
  /** By the names the template declares, as a Chinese page writes them. Their hash goes into the statement. */
  readonly facts: Readonly<Record<string, string>>;
  /** Those facts that an English page writes differently (dates, sex, purpose); the others are taken as they are. */
  readonly englishFacts?: Readonly<Record<string, string>>;
  readonly number: string;
  /** Certificate type code, e.g. `residence-certificate`. */
  readonly type: string;
  readonly holderName: string;
  readonly issuer: string;
  readonly issuedAt: Date;
  readonly validUntil: Date;
  readonly timeZone?: string;
  /** PEM, the kiosk's own certificate first, then its issuers up to the root. */
  readonly certificates: readonly string[];
  readonly key: DocumentKey;
  /** Where anyone can check it, e.g. `http://127.0.0.1:8700/verify`. */
  readonly verifyAddress: string;
  /** True when it is issued without reaching the backend; the page says so. */
  readonly offline: boolean;
  readonly fonts?: FontChain;
}

export interface Certificate {
  readonly pdf: Uint8Array;
  /** The statement in the QR code: base64url COSE_Sign1. */
  readonly statement: string;
  /** Eight characters, as typed by people; printed in groups of four. */
  readonly code: string;
}

export type CertificateError = LayoutError;

/** Reading the chain and hashing its leaf is done once per endorsement, not once per certificate. */
const signers = new WeakMap<DocumentKey, { readonly chain: string; readonly signer: DocumentSigner }>();

/** The signer for a key and its chain; throws when the chain holds no certificate. */
export function signerFor(key: DocumentKey, certificates: readonly string[]): DocumentSigner {
  const chain = certificates.join('\n');
  const known = signers.get(key);
  if (known?.chain === chain) return known.signer;
  const signer = cmsSigner(certificates, key);
  signers.set(key, { chain, signer });
  return signer;
}

const contentOf = (request: CertificateRequest, statement: string, code: string): CertificateContent => {
  const { facts, issuer, number, issuedAt, validUntil, timeZone = DEFAULT_TIME_ZONE } = request;
  const valuesIn = (language: CertificateLanguage, known: Readonly<Record<string, string>>) => ({
    ...known,
    issuer,
    number,
    code,
    issuedAt: formatMoment(issuedAt, language, timeZone),
    issuedOn: formatDate(issuedAt, language, timeZone),
    validUntil: formatDate(validUntil, language, timeZone),
  });
  return {
    language: request.language,
    values: {
      'zh-CN': valuesIn('zh-CN', facts),
      en: valuesIn('en', { ...facts, ...request.englishFacts }),
    },
    qr: qrMatrix(statementAddress(request.verifyAddress, statement)),
    offline: request.offline,
  };
};

/** The page as an unsigned PDF with room for the signature. */
function renderPage(request: CertificateRequest, page: Page, signer: DocumentSigner): Uint8Array {
  const { template, language, issuer, issuedAt, number } = request;
  const document = openDocument(page, {
    title: template.title[language],
    author: issuer,
    subject: number,
    language,
    created: issuedAt,
  });
  drawPage(document, page);
  reserveSignature(document, { name: issuer, reason: template.title[language], signedAt: issuedAt }, signer);
  document.end();
  // pdfkit makes everything at once; all of it is in the stream's buffer now.
  const pdf: unknown = document.read();
  if (!Buffer.isBuffer(pdf)) throw new Error('pdfkit gave no document');
  return pdf;
}

/**
 * Makes and signs a certificate: PDF/A-2b, tagged, one A4 page, PAdES B-B. The same request gives the same page; only
 * the signatures differ.
 *
 * Errors: a character no font has (`missing-glyph`: nothing was drawn, and nothing is ever substituted), a fact the
 * words need but that is empty (`missing-fact`), words that do not fit on the page (`too-long`). None carries personal
 * text. Throws when the chain holds no certificate.
 */
export async function makeCertificate(
  request: CertificateRequest,
): Promise<Result<Certificate, CertificateError>> {
  const { type, number, holderName, issuer, issuedAt, validUntil, facts, key } = request;
  const signer = signerFor(key, request.certificates);
  const claims = {
    type,
    number,
    holder: maskName(holderName),
    issuer,
    issuedAt: Math.floor(issuedAt.getTime() / 1000),
    validUntil: Math.floor(validUntil.getTime() / 1000),
    factsHash: await hashFacts(facts),
  };
  const statement = await makeStatement(claims, key.keyId, key.sign);
  const code = await verificationCode(statement);
  const content = contentOf(request, statement, code);
  const page = layOutCertificate(request.template, content, request.fonts ?? documentFonts());
  if (!page.ok) return page;
  const pdf = await signPdf(renderPage(request, page.value, signer), signer);
  return ok({ pdf, statement, code });
}
