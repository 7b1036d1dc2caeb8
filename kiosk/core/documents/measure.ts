/** The yardstick for `npm run bench`: the same words on a page by plain pdfkit, plus one signature. Used by nothing else. */
import { readFileSync } from 'node:fs';
import PDFDocument from 'pdfkit';
import { type CertificateRequest, signerFor } from './certificate.ts';
import { formatDate, formatMoment } from './dates.ts';
import { bundledFonts, documentFonts } from './fonts.ts';
import { reserveSignature, signPdf } from './pdf-signature.ts';
import { fill } from './placeholders.ts';

/**
 * - `files`: each document opens its fonts from their files, which is how pdfkit is used everywhere;
 * - `shared`: fonts parsed once for all documents, as `makeCertificate` does: the strictest yardstick there is.
 */
export type BareFonts = 'files' | 'shared';

const fontsOf = (kind: BareFonts): { regular: Buffer; bold: Buffer } => {
  const [regular, bold] = bundledFonts.map(({ path = '' }) => path);
  if (kind === 'files') return { regular: readFileSync(regular ?? ''), bold: readFileSync(bold ?? '') };
  const parsed = (weight: 'regular' | 'bold'): Buffer => {
    const face = documentFonts().faceFor(0x4e00, weight);
    if (face === null) throw new Error('the bundled font has no 一');
    // The font itself, without our own layout on top; pdfkit takes parsed fonts, which its types do not say.
    return Object.getPrototypeOf(face.font) as Buffer;
  };
  return { regular: parsed('regular'), bold: parsed('bold') };
};

/** A page with the certificate's words: no checks, no code, no seal, no background; signed by our own signer. */
export async function bareCertificate(request: CertificateRequest, fonts: BareFonts): Promise<Uint8Array> {
  const { template, issuer, number, issuedAt, validUntil, facts, key, certificates } = request;
  const values = {
    ...facts,
    issuer,
    number,
    code: '00000000',
    issuedAt: formatMoment(issuedAt, 'zh-CN'),
    issuedOn: formatDate(issuedAt, 'zh-CN'),
    validUntil: formatDate(validUntil, 'zh-CN'),
  };
  const put = (text: string): string => {
    const filled = fill(text, values);
    return filled.ok ? filled.value : '';
  };
  const { regular, bold } = fontsOf(fonts);
  const document = new PDFDocument({
    size: 'A4',
    margin: 80,
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    tagged: true,
    lang: 'zh-CN',
    displayTitle: true,
    font: null as unknown as string,
    info: { Title: template.title['zh-CN'], CreationDate: issuedAt },
  });
  document.registerFont('regular', regular).registerFont('bold', bold);
  document.font('bold').fontSize(30).text(template.title['zh-CN'], { align: 'center' });
  document.font('regular').fontSize(10.5).text(template.title.en, { align: 'center' });
  document.text(`${template.labels.number['zh-CN']} ${number}`, { align: 'right' });
  document.fontSize(14);
  for (const words of template.body) document.text(put(words['zh-CN']), { indent: 28 });
  document.fontSize(11.5);
  for (const row of template.table) document.text(`${row.label['zh-CN']}    ${put(row.value)}`);
  document.font('bold').text(`${template.labels.code['zh-CN']} ${values.code}`).font('regular');
  document.text(`${template.labels.number['zh-CN']} ${number}`);
  document.fontSize(13).text(issuer, { align: 'right' }).text(values.issuedOn, { align: 'right' });
  document.fontSize(8);
  for (const words of template.footer) document.text(put(words['zh-CN']), { align: 'center' });
  const signer = signerFor(key, certificates);
  reserveSignature(document, { name: issuer, reason: template.title['zh-CN'], signedAt: issuedAt }, signer);
  document.end();
  const pdf: unknown = document.read();
  if (!Buffer.isBuffer(pdf)) throw new Error('pdfkit gave no document');
  return signPdf(pdf, signer);
}
