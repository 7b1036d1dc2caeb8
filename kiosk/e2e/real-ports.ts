import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type PrintedReceipt, startSimulatedReceiptPrinter, systemClock } from '@huimin/drivers';
import { type IppEvePrinter, startIppEvePrinter } from '@huimin/drivers/certificate-printer/testing';
import type { Page } from 'playwright-core';
import { readPeople } from '../bench/people.ts';
import { home } from './process.ts';
import type { Hands } from './screen.ts';

/** A card reader behind a real serial port that another process holds the other end of. */
export async function startReader(port: string) {
  const child = spawn(process.execPath, [join(home, 'kiosk/e2e/pty-reader.ts'), port], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the reader ended with ${code}`);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = () => Promise.race([lines.next(), ended]);
  await answer();
  const order = async (text: string): Promise<void> => {
    child.stdin.write(`${text}\n`);
    await answer();
  };
  return {
    card: (person: string | null) => order(person === null ? 'lift' : `place ${person}`),
    unplug: () => order('unplug'),
    plug: () => order('plug'),
    stop: async () => {
      const gone = ended.catch(() => undefined);
      child.stdin.end();
      await gone;
    },
  };
}
export type Reader = Awaited<ReturnType<typeof startReader>>;

/** A receipt printer behind a TCP port and a certificate printer that we have not written. */
export async function startPrinters() {
  const certificates = await startIppEvePrinter();
  if ('unavailable' in certificates) throw new Error(certificates.unavailable);
  const printer = await startSimulatedReceiptPrinter({ clock: systemClock });
  const receipts: PrintedReceipt[] = [];
  printer.onReceipt((receipt) => receipts.push(receipt));
  return {
    certificates,
    receipts,
    receiptPort: printer.port,
    /** Every certificate that came out. */
    pdfs: () =>
      readdirSync(certificates.outputDir).map((name) => readFileSync(join(certificates.outputDir, name))),
    stop: async () => {
      await printer.close();
      await certificates.stop();
    },
  };
}
export type Printers = Awaited<ReturnType<typeof startPrinters>>;

/** A `kiosk.yaml` in which every device has an address and nothing is simulated. */
export function writeConfig(
  folder: string,
  ports: { readonly reader: string; readonly receipts: number; readonly certificates: IppEvePrinter['uri'] },
): string {
  const file = join(folder, 'kiosk.yaml');
  writeFileSync(
    file,
    `kiosk: kiosk-real-1
devices:
  idCardReader:       { protocol: sdt, transport: { kind: serial, path: ${ports.reader}, baudRate: 115200 } }
  receiptPrinter:     { protocol: esc-pos, transport: { kind: tcp, host: 127.0.0.1, port: ${ports.receipts} } }
  certificatePrinter: { protocol: ipp, uri: ${ports.certificates} }
  codeScanner:        { protocol: keyboard-wedge }
  absent: [faceCamera]
`,
  );
  return file;
}

/** Between one key of a scanner and the next, in ms, over and over. */
const PACES = [0, 8, 3, 5];
const TIMES_TO_SCAN = 5;

/** A scanner that acts as a keyboard: keys come at its own pace, whether or not the page keeps up. */
async function scannerAt(page: Page) {
  const keyboard = await page.context().newCDPSession(page);
  return async (code: string, paces: readonly number[]): Promise<void> => {
    const sent: Promise<unknown>[] = [];
    for (const [index, key] of [...code, 'Enter'].entries()) {
      const pace = paces[index % paces.length] ?? 0;
      if (pace > 0) await new Promise((done) => setTimeout(done, pace));
      const stroke = key === 'Enter' ? { key, text: '\r', windowsVirtualKeyCode: 13 } : { key, text: key };
      for (const type of ['keyDown', 'keyUp'] as const)
        sent.push(keyboard.send('Input.dispatchKeyEvent', { type, ...stroke }));
    }
    await Promise.all(sent);
  };
}

/** Cards on the real reader, badges as the keys of a scanner that acts as a keyboard. */
export async function handsAt(page: Page, reader: Reader): Promise<Hands> {
  const scan = await scannerAt(page);
  const people = () => readPeople(join(home, 'assets/demo/people.yaml'));
  return {
    people,
    card: (person) => reader.card(person),
    badge: async (id) => {
      const worker = (await people()).find((each) => each.id === id);
      if (worker === undefined || worker.role === 'resident') throw new Error(`${id} has no badge`);
      // As a person does: when a busy machine tore the burst apart, the badge is held out once more.
      for (let times = 0; times < TIMES_TO_SCAN; times++) {
        await scan(worker.badge, times === 0 ? PACES : [0]);
        const read = page.waitForSelector('[data-say="say.verify.pin"]', { timeout: 4000 });
        if (await read.then(Boolean, () => false)) return;
      }
      throw new Error('the badge was not read');
    },
  };
}
