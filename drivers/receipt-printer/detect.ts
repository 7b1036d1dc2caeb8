/** Finds a receipt printer among the machine's ports by asking for its status. */

import { type Clock, err, ok, type Result, systemClock } from '../device.ts';
import {
  type FoundPort,
  type Link,
  listPorts,
  type StartPortHost,
  type Transport,
  type TransportConfig,
  transportOf,
} from '../transport/index.ts';
import { askStatus, isRealTimeAnswer, type StatusQuery } from './esc-pos/index.ts';

export interface DetectOptions {
  /** Where a printer may be, e.g. from `listPorts()`. */
  readonly candidates: readonly FoundPort[];
  /** Ports that belong to another device: paths, or `vvvv:pppp` of their USB adapters. Never written to. */
  readonly exclude?: readonly string[];
  /** Opens a candidate; the real thing unless told. */
  readonly open?: (config: TransportConfig) => Transport;
  readonly clock?: Clock;
  /** How the process is started that holds a native port; with Node.js's own `fork` unless told. */
  readonly startPortHost?: StartPortHost | undefined;
  /** How long a printer may take to answer one question, milliseconds. */
  readonly answerTimeoutMs?: number;
}

/** The usual speeds first: 9600 is how most leave the factory, 115200 how most are set up. */
const BAUD_RATES = [9600, 115200, 19200, 38400, 57600] as const;
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

const isExcluded = ({ config, usb }: FoundPort, exclude: readonly string[]): boolean => {
  const path = 'path' in config ? config.path : undefined;
  return exclude.some((each) => each === path || each.toLowerCase() === usb);
};

/** One question, answered by exactly one byte that is an answer. */
const ask = (link: Link, query: StatusQuery, clock: Clock, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const heard: number[] = [];
    link.onData((chunk) => heard.push(...chunk));
    clock.after(timeoutMs, () => resolve(heard.length === 1 && heard.every(isRealTimeAnswer)));
    void link.write(askStatus(query));
  });

const isPrinter = async (transport: Transport, clock: Clock, timeoutMs: number): Promise<boolean> => {
  const opened = await transport.open();
  if (!opened.ok) return false;
  const link = opened.value;
  try {
    for (const query of QUESTIONS) {
      if (!(await ask(link, query, clock, timeoutMs))) return false;
    }
    return true;
  } finally {
    await link.close();
  }
};

/** The first candidate that answers like an ESC/POS printer, with the speed at which it does; null if none does. */
export const detectReceiptPrinter = async (options: DetectOptions): Promise<TransportConfig | null> => {
  const {
    candidates,
    exclude = [],
    clock = systemClock,
    startPortHost,
    open = (config) => transportOf(config, { clock, startPortHost }),
    answerTimeoutMs = 250,
  } = options;
  for (const candidate of candidates) {
    if (isExcluded(candidate, exclude)) continue;
    for (const config of variants(candidate.config)) {
      if (await isPrinter(open(config), clock, answerTimeoutMs)) return config;
    }
  }
  return null;
};

/** A transport that looks for the printer at each opening: it may have moved to another port. */
export const detectingTransport = (
  options: Omit<DetectOptions, 'candidates'> & {
    /** How the ports are learnt; the machine's own unless told. */
    readonly list?: (() => Promise<{ readonly ports: readonly FoundPort[] }>) | undefined;
  },
): Transport => {
  const {
    clock = systemClock,
    startPortHost,
    list = () => listPorts({ clock, startPortHost }),
    open = (config) => transportOf(config, { clock, startPortHost }),
    ...rest
  } = options;
  let last: TransportConfig | null = null;
  return {
    get name() {
      return last === null ? 'a receipt printer on any port' : open(last).name;
    },
    async open(): Promise<Result<Link, string>> {
      const { ports } = await list();
      const found = await detectReceiptPrinter({ ...rest, clock, open, candidates: ports });
      if (found === null) return err('no receipt printer answers on any port');
      last = found;
      const opened = await open(found).open();
      return opened.ok ? ok(opened.value) : opened;
    },
  };
};
