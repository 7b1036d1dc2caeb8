/** The slip that goes with a certificate, as a document any printer driver or screen can draw. Pure but for loading. */
import { statementAddress } from '@huimin/backend/contract';
import type { ReceiptDocument, ReceiptElement } from '@huimin/drivers/receipt-printer';
import { z } from 'zod';
import { type FileProblem, readYaml } from '../yaml/index.ts';
import { DEFAULT_TIME_ZONE, formatMoment } from './dates.ts';
import { fill } from './placeholders.ts';
import { QUIET_ZONE, qrMatrix } from './qr.ts';
import type { Result } from './result.ts';
import type { CertificateLanguage, Words } from './template.ts';
import { checkPlaceholders, firstProblem } from './words-file.ts';

const words = z.strictObject({ 'zh-CN': z.string().min(1), en: z.string().min(1) });

const receiptShape = z.strictObject({
  title: words,
  rows: z.array(z.strictObject({ label: words, value: z.string().min(1) })).min(1),
  offline: words,
  howToCheck: words,
  farewell: words,
});

/** `receipt.yaml`: the words of a receipt. */
export type ReceiptWords = z.infer<typeof receiptShape>;

const VALUES = ['service', 'number', 'code', 'holder', 'issuedAt', 'copies', 'community', 'staff'] as const;

const receiptSchema = receiptShape.superRefine((receipt, context) =>
  checkPlaceholders(receipt, VALUES, context),
);

/** Reads and checks a receipt.yaml. The problem carries the line (1 is the first, 0 means the whole file). */
export const loadReceiptWords = (path: string): Result<ReceiptWords, FileProblem> =>
  firstProblem(path, readYaml(path, receiptSchema));

export interface ReceiptRequest {
  readonly words: ReceiptWords;
  readonly language: CertificateLanguage;
  readonly service: Words;
  readonly number: string;
  /** Eight characters; printed in groups of four. */
  readonly code: string;
  /** Masked already, see `maskName` in the contract. */
  readonly holder: string;
  readonly issuedAt: Date;
  readonly timeZone?: string;
  readonly copies: number;
  readonly community: string;
  /** Who confirmed the resident's identity; null when nobody had to. */
  readonly staff: string | null;
  readonly offline: boolean;
  readonly verifyAddress: string;
  readonly statement: string;
}

/** Dots across the printing width of 80 mm paper, less a margin that keeps the code away from the paper's edge. */
const QR_DOTS = 400;
const LABEL_COLUMNS: Record<CertificateLanguage, number> = { 'zh-CN': 10, en: 22 };

/** Module size so that the code is as large as its place allows: large modules survive worn print heads. */
const moduleDots = (data: string): number =>
  Math.max(3, Math.min(8, Math.floor(QR_DOTS / (qrMatrix(data).size + 2 * QUIET_ZONE))));

/** Builds the receipt for 48 columns (80 mm paper). Chinese comes first; an English visit adds English beneath. */
export function makeReceipt(request: ReceiptRequest): ReceiptDocument {
  const { words: said, language, issuedAt, timeZone = DEFAULT_TIME_ZONE } = request;
  const valuesIn = (tongue: CertificateLanguage): Record<string, string> => ({
    service: request.service[tongue],
    number: request.number,
    code: request.code.replace(/.{4}(?=.)/g, '$& '),
    holder: request.holder,
    issuedAt: formatMoment(issuedAt, tongue, timeZone),
    copies: String(request.copies),
    community: request.community,
    staff: request.staff ?? '',
  });
  const tongues: readonly CertificateLanguage[] = language === 'en' ? ['zh-CN', 'en'] : ['zh-CN'];
  const inTongues = (text: Words): string => tongues.map((tongue) => text[tongue]).join('\n');
  const labelled = (label: string, value: string): ReceiptElement => ({
    kind: 'columns',
    cells: [{ text: label, width: LABEL_COLUMNS[language] }, { text: value }],
  });
  const rows = said.rows.flatMap(({ label, value }): ReceiptElement[] => {
    const [chinese, english] = [fill(value, valuesIn('zh-CN')), fill(value, valuesIn('en'))];
    if (!chinese.ok || !english.ok) return [];
    if (language === 'zh-CN') return [labelled(label['zh-CN'], chinese.value)];
    const row = labelled(`${label['zh-CN']} ${label.en}`, chinese.value);
    return english.value === chinese.value ? [row] : [row, labelled('', english.value)];
  });
  const address = statementAddress(request.verifyAddress, request.statement);
  const rule: ReceiptElement = { kind: 'rule' };
  return {
    lines: [
      { kind: 'text', text: said.title['zh-CN'], align: 'center', size: 2, bold: true },
      ...(language === 'en'
        ? [{ kind: 'text' as const, text: said.title.en, align: 'center' as const }]
        : []),
      rule,
      ...rows,
      rule,
      ...(request.offline
        ? [{ kind: 'text' as const, text: inTongues(said.offline), bold: true }, rule]
        : []),
      { kind: 'qr', data: address, size: moduleDots(address) },
      { kind: 'feed', lines: 1 },
      { kind: 'text', text: inTongues(said.howToCheck) },
      rule,
      { kind: 'text', text: inTongues(said.farewell), align: 'center' },
      { kind: 'feed', lines: 2 },
      { kind: 'cut' },
    ],
  };
}
