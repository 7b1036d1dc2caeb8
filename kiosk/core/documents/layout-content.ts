import type { QrMatrix } from './qr.ts';
import type { CertificateLanguage, OwnValue } from './template.ts';

export type Values = Readonly<Record<string, string>>;

/** What one certificate says, ready to be put into a template's places. */
export interface CertificateContent {
  readonly language: CertificateLanguage;
  /** Facts and the machine's own values, as each language writes them. */
  readonly values: Readonly<Record<CertificateLanguage, Values & Readonly<Record<OwnValue, string>>>>;
  readonly qr: QrMatrix;
  readonly offline: boolean;
}
