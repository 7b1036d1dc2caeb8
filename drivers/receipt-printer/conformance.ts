/** What every receipt printer must do, whatever stands behind its port. */

import {
  type Check,
  type CheckResult,
  failed,
  type Hands,
  ONLINE_WITHIN_MS,
  passed,
  skipped,
  statusIs,
} from '../conformance/index.ts';
import { type Clock, systemClock } from '../device.ts';
import type { ReceiptPrinterStatus } from './condition.ts';
import type { ReceiptDocument, ReceiptElement } from './document/index.ts';
import type { ReceiptPrinter } from './driver.ts';

/** What only hands can do, and what only eyes can see: `look: …` asks whether it is so. */
export type ReceiptPrinterTask =
  | 'remove-paper'
  | 'load-paper'
  | 'open-cover'
  | 'close-cover'
  | 'unplug'
  | 'plug-in'
  | `look: ${string}`;

export interface ReceiptPrinterCheckContext {
  /** Opens the printer anew; the check closes it. */
  open(): ReceiptPrinter;
  readonly hands: Hands<ReceiptPrinterTask>;
  readonly clock?: Clock;
}

type ReceiptPrinterCheck = Check<ReceiptPrinterCheckContext>;

/** A person needs time to walk; a device does not: from the end of the task on. */
const REACTION_MS = 5_000;
const PRINTING_MS = 60_000;
const NOBODY = skipped('nobody was there to do it');

const isOnline = ({ device }: ReceiptPrinterStatus): boolean => device === 'online';

interface Bench {
  readonly printer: ReceiptPrinter;
  readonly hands: Hands<ReceiptPrinterTask>;
  reaches(want: (status: ReceiptPrinterStatus) => boolean, withinMs?: number): Promise<boolean>;
}

/** A check on a printer that has been opened and is ready. */
const onReadyPrinter =
  (check: (bench: Bench) => Promise<CheckResult>): ReceiptPrinterCheck['run'] =>
  async ({ open, hands, clock = systemClock }) => {
    const printer = open();
    const within = (want: (status: ReceiptPrinterStatus) => boolean, ms = REACTION_MS): Promise<boolean> =>
      statusIs(printer, want, ms, clock);
    try {
      if (!(await within(isOnline, ONLINE_WITHIN_MS)))
        return failed(`it is ${printer.status.device}, not online`);
      return await check({ printer, hands, reaches: within });
    } finally {
      await printer.close();
    }
  };

const slip = (...lines: ReceiptElement[]): ReceiptDocument => ({ lines: [...lines, { kind: 'cut' }] });
const TEXT = slip(
  { kind: 'text', text: '测试 Test', align: 'center', size: 2, bold: true },
  { kind: 'rule' },
  {
    kind: 'columns',
    cells: [{ text: '左 left' }, { text: '右 right', align: 'right' }],
  },
  { kind: 'text', text: '下划线 underlined', underline: true },
  { kind: 'text', text: '反白 inverted', inverted: true },
);
const CODE = 'CHECK-20260101';
const CODES = slip(
  { kind: 'qr', data: CODE },
  { kind: 'code128', data: CODE },
  {
    kind: 'image',
    align: 'center',
    image: { width: 64, height: 8, data: new Uint8Array(64).map((_, at) => (at % 2 === 0 ? 0xff : 0x00)) },
  },
);

/** Prints, and lets somebody look where somebody is there. */
const printsAndShows = (document: ReceiptDocument, shows: string): ReceiptPrinterCheck['run'] =>
  onReadyPrinter(async ({ printer, hands }) => {
    const result = await printer.print(document, { timeoutMs: PRINTING_MS });
    if (!result.ok) return failed(`${result.error.reason}: ${result.error.detail}`);
    return (await hands(`look: ${shows}`)) ? passed() : passed('confirmed by the printer; nobody looked');
  });

/** Trouble is made, must be told, is mended, and must be told to be mended. */
const tells = (
  make: ReceiptPrinterTask,
  mend: ReceiptPrinterTask,
  shown: (status: ReceiptPrinterStatus) => boolean,
  what: string,
): ReceiptPrinterCheck['run'] =>
  onReadyPrinter(async (bench) => {
    if (!bench.printer.capabilities.asksStatus) return skipped('this printer cannot be asked');
    if (!(await bench.hands(make))) return NOBODY;
    const told = await bench.reaches(shown);
    await bench.hands(mend);
    if (!told) return failed(`it never said ${what}`);
    return (await bench.reaches(isOnline)) ? passed() : failed(`it still says ${what} after "${mend}"`);
  });

export const receiptPrinterChecks: readonly ReceiptPrinterCheck[] = [
  {
    id: 'is-ready',
    title: 'it says that it is ready',
    run: onReadyPrinter(async ({ printer }) => passed(printer.capabilities.model ?? undefined)),
  },
  {
    id: 'prints-text',
    title: 'it prints Chinese and styled text and confirms that it has',
    run: printsAndShows(
      TEXT,
      'the slip shows 测试 in large letters, two columns, one line underlined, one inverted',
    ),
  },
  {
    id: 'prints-codes',
    title: 'it prints a QR code, a barcode and a picture',
    run: printsAndShows(
      CODES,
      `the slip shows a QR code and a barcode that both read ${CODE}, and a striped bar`,
    ),
  },
  {
    id: 'refuses-what-it-lacks',
    title: 'a character that cannot be printed is refused before anything is sent',
    run: onReadyPrinter(async ({ printer }) => {
      const result = await printer.print(slip({ kind: 'text', text: '\ue000' }));
      return !result.ok && result.error.reason === 'missing-glyph'
        ? passed()
        : failed('it took a private-use character');
    }),
  },
  {
    id: 'tells-paper-out',
    title: 'it tells that its paper is out, and that it is back',
    run: tells('remove-paper', 'load-paper', ({ paper }) => paper === 'out', 'that its paper is out'),
  },
  {
    id: 'tells-cover-open',
    title: 'it tells that its cover is open, and that it is closed',
    run: tells('open-cover', 'close-cover', ({ cover }) => cover === 'open', 'that its cover is open'),
  },
  {
    id: 'waits-for-paper',
    title: 'a receipt waits for paper and is then printed; one that is called off is never printed',
    run: onReadyPrinter(async (bench) => {
      const { printer, hands } = bench;
      if (!printer.capabilities.asksStatus) return skipped('this printer cannot be asked');
      if (!(await hands('remove-paper'))) return NOBODY;
      if (!(await bench.reaches(({ paper }) => paper === 'out')))
        return failed('it never said that its paper is out');
      const off = await printer.print(slip({ kind: 'text', text: 'NEVER' }), { timeoutMs: 500 });
      const printing = printer.print(slip({ kind: 'text', text: 'WAITED' }), { timeoutMs: PRINTING_MS });
      await hands('load-paper');
      const result = await printing;
      if (off.ok || off.error.reason !== 'not-sent') return failed('a receipt was printed without paper');
      if (!result.ok) return failed(`${result.error.reason}: ${result.error.detail}`);
      return (await hands('look: one slip came out; it shows WAITED'))
        ? passed()
        : passed('confirmed by the printer; nobody looked');
    }),
  },
  {
    id: 'comes-back',
    title: 'its loss is told, it is found again when it is plugged in, and prints',
    run: onReadyPrinter(async (bench) => {
      const { printer, hands } = bench;
      if (!(await hands('unplug'))) return NOBODY;
      const lost = await bench.reaches(({ device }) => device !== 'online');
      await hands('plug-in');
      if (!lost) return failed('its loss was not noticed');
      if (!(await bench.reaches(isOnline, ONLINE_WITHIN_MS))) return failed('it was not found again');
      const result = await printer.print(TEXT, { timeoutMs: PRINTING_MS });
      return result.ok ? passed() : failed(`${result.error.reason}: ${result.error.detail}`);
    }),
  },
];
