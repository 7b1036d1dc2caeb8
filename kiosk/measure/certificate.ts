import { COLUMNS_80_MM, encodeReceipt } from '@huimin/drivers/receipt-printer';
import { lineTimeMs } from '@huimin/drivers/transport';
import { sampleReceipt } from '../../drivers/receipt-printer/testing/sample-receipt.ts';
import { type CertificateRequest, makeCertificate, rasterise } from '../core/documents/index.ts';
import { type BareFonts, bareCertificate } from '../core/documents/measure.ts';
import { makeTestAuthority } from '../core/documents/testing/authority.ts';
import { requestFor } from '../core/documents/testing/requests.ts';
import { type Baseline, compare, type Figure, interleave } from './stats.ts';

const AIM = 1.2;
const RECEIPT_BAUD_RATE = 115200;
const now = (): number => performance.now();

/** A certificate of an invented resident, made as the kiosk makes it. */
export async function makeSample(request?: CertificateRequest): Promise<Uint8Array> {
  const made = await makeCertificate(request ?? requestFor(await makeTestAuthority()));
  if (!made.ok) throw new Error(`the certificate was not made: ${made.error.reason}`);
  return made.value.pdf;
}

/**
 * Page, QR code, seal, background and signature, against the same words by plain pdfkit plus one signature. Each
 * baseline has its own run: what one leaves to the garbage collector must not be counted on another.
 */
export async function measureCertificate(): Promise<{
  readonly againstSharedFonts: Figure;
  readonly againstFontFiles: Figure;
}> {
  const request = requestFor(await makeTestAuthority());
  const against = async (fonts: BareFonts, rounds: number, what: string): Promise<Figure> => {
    const { ours, bare } = await interleave({
      rounds,
      warmUp: 5,
      subjects: { ours: () => makeSample(request), bare: () => bareCertificate(request, fonts) },
      now,
    });
    return compare(ours, { what: `bare pdfkit and one signature, ${what}`, samples: bare }, AIM);
  };
  return {
    againstSharedFonts: await against('shared', 80, 'parsed fonts shared by all documents'),
    againstFontFiles: await against('files', 30, 'fonts from their files as pdfkit is used everywhere'),
  };
}

/** A receipt of 40 lines into ESC/POS, plain and with a name that the printer's own font lacks. */
export async function measureReceipt(): Promise<{
  readonly bytes: number;
  readonly plain: Figure;
  readonly rareCharacter: Figure;
}> {
  const options = { columns: COLUMNS_80_MM, rasterise };
  const documents = { plain: sampleReceipt(), rare: sampleReceipt(['陈晓𬀩']) };
  const encode = (name: keyof typeof documents): Uint8Array => {
    const encoded = encodeReceipt(documents[name], options);
    if (!encoded.ok) throw new Error(`the receipt was not encoded: ${encoded.error.reason}`);
    return encoded.value;
  };
  const samples = await interleave({
    rounds: 200,
    warmUp: 50,
    subjects: { plain: () => encode('plain'), rare: () => encode('rare') },
    now,
  });
  const onTheLine = (name: keyof typeof documents): Baseline => ({
    what: `its bytes on a line of ${RECEIPT_BAUD_RATE} baud`,
    ms: lineTimeMs(encode(name).length, RECEIPT_BAUD_RATE),
  });
  return {
    bytes: encode('plain').length,
    plain: compare(samples.plain, onTheLine('plain')),
    rareCharacter: compare(samples.rare, onTheLine('rare')),
  };
}
