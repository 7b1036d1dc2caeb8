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

/** How long a scanner holds each key, in ms, over and over. */
const PACES = [0, 8, 3, 5];
const TIMES_TO_SCAN = 5;

/** Cards on the real reader, badges as the keys of a scanner that acts as a keyboard. */
export function handsAt(page: Page, reader: Reader): Hands {
  const people = () => readPeople(join(home, 'assets/demo/people.yaml'));
  const scan = async (code: string): Promise<void> => {
    for (const [index, key] of [...code, 'Enter'].entries())
      await page.keyboard.press(key, { delay: PACES[index % PACES.length] ?? 0 });
  };
  return {
    people,
    card: (person) => reader.card(person),
    badge: async (id) => {
      const worker = (await people()).find((each) => each.id === id);
      if (worker === undefined || worker.role === 'resident') throw new Error(`${id} has no badge`);
      // As a person does: when a busy machine tore the burst apart, the badge is held out once more.
      for (let times = 0; times < TIMES_TO_SCAN; times++) {
        await scan(worker.badge);
        const read = page.waitForSelector('[data-say="say.verify.pin"]', { timeout: 2000 });
        if (await read.then(Boolean, () => false)) return;
      }
      throw new Error('the badge was not read');
    },
  };
}
