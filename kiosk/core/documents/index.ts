/** Certificates and receipts: words and places as data, the page, its seal and code, and its signature. */

export type { FileProblem } from '../yaml/index.ts';
export {
  type Certificate,
  type CertificateError,
  type CertificateRequest,
  makeCertificate,
  signerFor,
} from './certificate.ts';
export { cmsSigner, type DocumentSigner } from './cms.ts';
export { DEFAULT_TIME_ZONE, formatDate, formatMoment } from './dates.ts';
export { createDocumentKey, type DocumentKey, importDocumentKey } from './document-key.ts';
export {
  bundledFonts,
  documentFonts,
  type FontChain,
  type FontSource,
  openFontChain,
  systemFonts,
} from './fonts.ts';
export { missingGlyph, rasterise } from './glyphs.ts';
export { loadReceiptWords, makeReceipt, type ReceiptRequest, type ReceiptWords } from './receipt.ts';
export {
  type CertificateLanguage,
  type CertificateTemplate,
  loadCertificateTemplate,
  parseCertificateTemplate,
} from './template.ts';
