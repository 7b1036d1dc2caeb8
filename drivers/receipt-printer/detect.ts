/** Finds a receipt printer among the machine's ports by asking for its status. */

import { type Clock, systemClock } from '../device.ts';
import { fileRealPath, type RealPath } from '../real-path.ts';
import type { Asked } from '../search.ts';
import {
  type FoundPort,
  type Link,
  portProcess,
  type StartPortHost,
  type Transport,
  type TransportConfig,
  transportOf,
} from '../transport/index.ts';
import { askStatus, isRealTimeAnswer, type StatusQuery } from './esc-pos/index.ts';

export interface DetectOptions {
  /** Where a printer may be, e.g. from `listPorts()`. */
  readonly candidates: readonly FoundPort[];
  /** Ports that belong to another device: paths (links to them, too), or `vvvv:pppp` of their USB adapters. Never written to. */
  readonly exclude?: readonly string[];
  /** Opens a candidate; the real thing unless told. */
  readonly open?: (config: TransportConfig) => Transport;
  readonly clock?: Clock;
  /** How the process is started that holds a native port; with Node.js's own `fork` unless told. */
  readonly startPortHost?: StartPortHost | undefined;
  /** Ends the search. */
  readonly signal?: AbortSignal;
  /** Where a path leads, the path itself where it leads nowhere; the file system's answer unless told. */
  readonly realPath?: RealPath;
}

/** The usual speeds first: 9600 is how most leave the factory, 115200 how most are set up. */
const BAUD_RATES = [9600, 115200, 19200, 38400, 57600] as const;
/** How long a printer may take to answer one question, milliseconds. */
const ANSWER_MS = 250;
/** Two different questions: noise on a line at the wrong speed hardly answers both. */
const QUESTIONS: readonly StatusQuery[] = [1, 4];

/** Printers speak over serial ports and as USB printer class; everything else is left alone. */
const variants = (config: TransportConfig): readonly TransportConfig[] => {
  switch (config.kind) {
    case 'serial':
      return BAUD_RATES.map((baudRate) => ({ ...config, baudRate }));
    case 'usblp':
      return [config];
    case 'usb':
    case 'hid':
    case 'tcp':
      return [];
    default:
      return config satisfies never;
  }
};

/** What tells a port from others. */
export const pathOf = (config: TransportConfig): string =>
  'path' in config && config.path !== undefined ? config.path : JSON.stringify(config);

const isExcluded = ({ config, usb }: FoundPort, exclude: readonly string[], realPath: RealPath): boolean => {
  const path = 'path' in config && config.path !== undefined ? realPath(config.path) : undefined;
  return exclude.some((each) => realPath(each) === path || each.toLowerCase() === usb);
};

/** Where a printer may be, each port at all the speeds it may have. */
export const printerPlaces = (
  candidates: readonly FoundPort[],
  exclude: readonly string[],
  realPath = fileRealPath,
): readonly TransportConfig[] =>
  candidates.filter((port) => !isExcluded(port, exclude, realPath)).flatMap(({ config }) => variants(config));

/** One question, answered by exactly one byte that is an answer. */
const answers = (link: Link, query: StatusQuery, clock: Clock, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const heard: number[] = [];
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve(!signal.aborted && heard.length === 1 && heard.every(isRealTimeAnswer));
    };
    link.onData((chunk) => heard.push(...chunk));
    const cancel = clock.after(ANSWER_MS, end);
    signal.addEventListener('abort', end, { once: true });
    void link.write(askStatus(query));
  });

/** Opens the port, asks, and closes it. */
export const askForPrinter = async (
  transport: Transport,
  clock: Clock,
  signal: AbortSignal,
): Promise<Asked> => {
  const opened = await transport.open();
  if (!opened.ok) return 'not-opened';
  const link = opened.value;
  try {
    for (const query of QUESTIONS) {
      if (signal.aborted || !(await answers(link, query, clock, signal))) return 'silent';
    }
    return 'there';
  } finally {
    await link.close();
  }
};

/**
 * The first candidate that answers like an ESC/POS printer, with the speed at which it does; null if none does, or
 * when `signal` ended the search.
 */
export const detectReceiptPrinter = async (options: DetectOptions): Promise<TransportConfig | null> => {
  const { candidates, exclude = [], clock = systemClock, startPortHost } = options;
  const { signal = new AbortController().signal } = options;
  const process = portProcess({ clock, startPortHost });
  const { open = (config) => transportOf(config, { clock, process }) } = options;
  const closed = new Set<string>();
  try {
    for (const config of printerPlaces(candidates, exclude, options.realPath)) {
      if (signal.aborted) return null;
      // At another speed it would not open either.
      if (closed.has(pathOf(config))) continue;
      const asked = await askForPrinter(open(config), clock, signal);
      if (asked === 'there') return config;
      if (asked === 'not-opened') closed.add(pathOf(config));
    }
    return null;
  } finally {
    process.end();
  }
};
