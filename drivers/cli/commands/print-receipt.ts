import { readFile, writeFile } from 'node:fs/promises';
import { type CommandError, commandError, err, ok, type Result } from '../../device.ts';
import type { DrawQr, EncodeOptions, ReceiptDocument } from '../../receipt-printer/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { firstLine } from '../format.ts';
import type { PrintReceiptInvocation, ReceiptContent } from '../invocation.ts';
import { open } from '../open.ts';
import { ready } from '../ready.ts';
import { parseReceiptFile } from '../receipt-file.ts';
import { plainReceipt, receiptTestPage } from '../test-pages.ts';
import type { Voice, World } from '../world.ts';

/** Prints a receipt; with `--preview` and no port it is only drawn. */
export async function printReceipt(
  invocation: PrintReceiptInvocation,
  world: World,
  voice: Voice,
): Promise<ExitCode> {
  const { place, content, columns, font, preview, timeoutMs } = invocation;
  const document = await documentOf(content, columns);
  if (!document.ok) return voice.misused(document.error);
  const { fontRasteriser } = await import('../../receipt-printer/index.ts');
  const rasterise = fontRasteriser(font === null ? [] : [font]);
  if (preview !== null) {
    const drawn = await draw(document.value, { columns, rasterise }, preview);
    if (!drawn.ok) return voice.fail(drawn.error);
    voice.hint(`drawn: ${preview}`);
    if (place.port === undefined && !place.simulated) {
      voice.tell({ ok: true, preview });
      return EXIT.done;
    }
  }
  const { receiptPrinter } = await import('../devices/receipt-printer.ts');
  const opened = await open(receiptPrinter, { place, columns, rasterise }, world);
  if (!opened.ok) return voice.fail(opened.error);
  const { device, where, close } = opened.value;
  try {
    const online = await ready(opened.value, world, voice, timeoutMs);
    if (!online.ok) return voice.fail(online.error, { outcome: 'failed' });
    const printed = await device.print(document.value, { timeoutMs, signal: world.interrupted });
    if (!printed.ok) {
      const unknown = printed.error.reason === 'outcome-unknown';
      if (unknown) voice.hint('Look at the paper before printing again: it may be there.');
      return voice.fail(printed.error, { outcome: unknown ? 'unknown' : 'failed' });
    }
    voice.tell({ ok: true, outcome: 'printed', where });
    voice.say(`printed on ${where}`);
    return EXIT.done;
  } finally {
    await close();
  }
}

/** Writes the receipt as SVG, from the layout that would be sent. */
async function draw(
  document: ReceiptDocument,
  options: EncodeOptions,
  file: string,
): Promise<Result<void, CommandError>> {
  const { previewReceipt } = await import('../../receipt-printer/index.ts');
  const hasQr = document.lines.some(({ kind }) => kind === 'qr');
  const drawQr = hasQr ? await loadQr() : ok(NO_QR);
  if (!drawQr.ok) return drawQr;
  const drawn = previewReceipt(document, { ...options, drawQr: drawQr.value });
  if (!drawn.ok) {
    const detail = `the receipt cannot be drawn: ${drawn.error.reason}`;
    return err(commandError('invalidData', drawn.error.reason, detail));
  }
  try {
    await writeFile(file, drawn.value);
    return ok(undefined);
  } catch (error) {
    return err(commandError('invalidCommand', 'usage', `the preview cannot be written: ${firstLine(error)}`));
  }
}

const NO_QR: DrawQr = () => ({ size: 0, isDark: () => false });

/** A printer makes its QR codes itself; only a picture of one needs somebody who can. */
async function loadQr(): Promise<Result<DrawQr, CommandError>> {
  try {
    const { default: qrcode } = await import('qrcode');
    return ok((data) => {
      const { modules } = qrcode.create(data, { errorCorrectionLevel: 'M' });
      return { size: modules.size, isDark: (x, y) => modules.get(y, x) === 1 };
    });
  } catch {
    const detail = 'a preview with a QR code needs the package qrcode: npm install qrcode';
    return err(commandError('unsupportedCommand', 'no-qrcode', detail));
  }
}

async function documentOf(
  content: ReceiptContent,
  columns: number,
): Promise<Result<ReceiptDocument, string>> {
  switch (content.kind) {
    case 'text':
      return ok(plainReceipt(content.text));
    case 'test-page':
      return ok(receiptTestPage(columns));
    case 'file': {
      let text: string;
      try {
        text = await readFile(content.file, 'utf8');
      } catch (error) {
        return err(`the document cannot be read: ${firstLine(error)}`);
      }
      const parsed = parseReceiptFile(text);
      return parsed.ok ? parsed : err(`${content.file} is no receipt: ${parsed.error}`);
    }
    default:
      return content satisfies never;
  }
}
