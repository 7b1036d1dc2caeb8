import { type Clock, err, ok, type Result } from '../device.ts';
import { fileRealPath, type RealPath } from '../real-path.ts';
import {
  type FoundPort,
  type PortListing,
  portProcess,
  type Transport,
  type TransportConfig,
  transportOf,
} from '../transport/index.ts';
import { BAUD_RATES, formatSamId, SW3 } from './codec.ts';
import { type FramingName, framedTransport } from './framing/index.ts';
import { SdtLine } from './line.ts';
import { type Profile, profileOf, profiles as shippedProfiles } from './profiles.ts';

/** A place where a reader may be, and how it would speak there. */
export interface Candidate {
  readonly transport: TransportConfig;
  readonly framing: FramingName;
}

/** Where a reader answered. */
export interface DetectedReader extends Candidate {
  /** null if it does not tell. */
  readonly samId: string | null;
  readonly tookMs: number;
}

/** What became of one port, for a technician. */
export interface DetectionAttempt {
  /** e.g. `serial /dev/ttyUSB0 9600`. */
  readonly port: string;
  readonly outcome: 'silent' | 'not-opened' | 'left-alone';
  readonly detail: string;
}

export interface DetectionFailure {
  readonly attempts: readonly DetectionAttempt[];
  /** Kinds of ports that could not be looked for, one sentence each. */
  readonly problems: readonly string[];
  /** The time was over before every port had been asked at every speed. */
  readonly cutShort: boolean;
  readonly tookMs: number;
}

export interface DetectReaderOptions {
  readonly listPorts: () => Promise<PortListing>;
  readonly clock: Clock;
  /** How a port is opened; unless told, native ones all in one process, which is ended with the search. */
  readonly transportFor?: (config: TransportConfig) => Transport;
  /** Paths (links to them, too) or USB ids of other devices' ports, which are left alone. */
  readonly exclude?: readonly string[];
  readonly profiles?: readonly Profile[];
  /** Where a path leads, the path itself where it leads nowhere; the file system's answer unless told. */
  readonly realPath?: RealPath;
  readonly signal?: AbortSignal;
  /** The longest the whole may take, milliseconds. */
  readonly budgetMs?: number;
}

/**
 * How long a reader may take to say how it is, milliseconds, asked twice: the first question may end the noise that
 * another speed was to it.
 */
const PATIENCE_MS = 250;
const QUESTIONS = 2;
/** Ports asked at the same time: each is a line of its own. */
const AT_ONCE = 4;
/** Twelve silent serial ports at all five speeds. */
const BUDGET_MS = 10_000;

/**
 * Looks for a reader: first at devices whose USB id names one, then at serial ports from the fastest speed down. A
 * reader is what answers the question for its security module's status with a valid frame. A port that is excluded, or
 * whose USB id belongs to something else, is never written to. The first reader found wins.
 */
export async function detectIdCardReader(
  options: DetectReaderOptions,
): Promise<Result<DetectedReader, DetectionFailure>> {
  const { listPorts, clock, signal, budgetMs = BUDGET_MS } = options;
  const process = portProcess({ clock });
  const { transportFor = (config) => transportOf(config, { clock, process }) } = options;
  const from = clock.monotonic();
  const ending = new AbortController();
  const end = () => ending.abort();
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  const cancelBudget = clock.after(budgetMs, end);
  try {
    const { ports, problems } = await listPorts();
    const sorted = sortPorts(ports, options);
    const attempts: DetectionAttempt[] = [...sorted.leftAlone];
    for (const places of [sorted.readers, sorted.serialPorts]) {
      const found = await firstThatAnswers(places, transportFor, clock, ending.signal, attempts);
      if (found !== null) return ok({ ...found, tookMs: clock.monotonic() - from });
    }
    const cutShort = ending.signal.aborted;
    return err({ attempts, problems, cutShort, tookMs: clock.monotonic() - from });
  } finally {
    cancelBudget();
    signal?.removeEventListener('abort', end);
    process.end();
  }
}

/** One port may be worth several candidates: a serial one has one for each speed. */
type Place = readonly Candidate[];

export interface SortedPorts {
  readonly readers: readonly Place[];
  readonly serialPorts: readonly Place[];
  readonly leftAlone: readonly DetectionAttempt[];
}

/** Where a reader may be, likeliest first, and what is none of ours. */
export function sortPorts(
  ports: readonly FoundPort[],
  options: Pick<DetectReaderOptions, 'exclude' | 'profiles' | 'realPath'>,
): SortedPorts {
  const { exclude = [], profiles = shippedProfiles, realPath = fileRealPath } = options;
  const excluded = new Set([...exclude.map((name) => name.toLowerCase()), ...exclude.map(realPath)]);
  const readers: Place[] = [];
  const serialPorts: { readonly known: boolean; readonly place: Place }[] = [];
  const leftAlone: DetectionAttempt[] = [];
  for (const { config, usb } of ports) {
    const profile = usb === undefined ? null : profileOf(usb, profiles);
    const leave = (detail: string) =>
      leftAlone.push({ port: whereOf(config), outcome: 'left-alone', detail });
    const where = whereOf(config);
    const names = [where, 'path' in config ? realPath(where) : where, usb];
    if (names.some((name) => name !== undefined && excluded.has(name))) {
      leave('it belongs to another device');
    } else if (profile?.is === 'other') leave(`it is ${profile.what}`);
    else if (config.kind === 'serial') {
      const framing = profile?.framing ?? 'plain';
      const place = BAUD_RATES.map((baudRate) => ({ transport: { ...config, baudRate }, framing }));
      serialPorts.push({ known: profile !== null, place });
    } else if (profile !== null && profile.transport === config.kind) {
      const { framing, splitAt } = profile;
      const split = config.kind === 'usb' && splitAt !== undefined ? { ...config, splitAt } : config;
      readers.push([{ transport: split, framing }]);
    }
  }
  // An adapter of a known kind is likelier than a port that has been soldered to the board.
  const inOrder = [...serialPorts].sort((a, b) => Number(b.known) - Number(a.known));
  return { readers, serialPorts: inOrder.map(({ place }) => place), leftAlone };
}

/** The path or the id by which a port is told from others. */
export function whereOf(config: TransportConfig): string {
  switch (config.kind) {
    case 'serial':
    case 'usblp':
      return config.path;
    case 'hid':
      return config.path ?? config.device;
    case 'usb':
      return config.device;
    case 'tcp':
      return `${config.host}:${config.port}`;
    default:
      return config satisfies never;
  }
}

/** Several places at a time, each place's candidates in order. */
async function firstThatAnswers(
  places: readonly Place[],
  transportFor: (config: TransportConfig) => Transport,
  clock: Clock,
  signal: AbortSignal,
  attempts: DetectionAttempt[],
): Promise<(Candidate & { readonly samId: string | null }) | null> {
  const waiting = [...places];
  const done = new AbortController();
  const stopped = AbortSignal.any([signal, done.signal]);
  let found: (Candidate & { readonly samId: string | null }) | null = null;
  const worker = async (): Promise<void> => {
    for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
      for (const candidate of place) {
        if (stopped.aborted) return;
        const transport = transportFor(candidate.transport);
        const asked = await askForReader(transport, candidate.framing, clock, stopped);
        if (asked.ok) {
          found ??= { ...candidate, samId: asked.value };
          done.abort();
          return;
        }
        attempts.push({ port: transport.name, ...asked.error });
        // At another speed it would not open either.
        if (asked.error.outcome === 'not-opened') break;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, places.length) }, worker));
  return found;
}

type NoReader = Pick<DetectionAttempt, 'outcome' | 'detail'>;

/** Opens the port, asks, and closes it; the number of the security module, null if that is not told. */
export async function askForReader(
  transport: Transport,
  framing: FramingName,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<string | null, NoReader>> {
  const opened = await framedTransport(transport, framing).open();
  if (!opened.ok) return err({ outcome: 'not-opened', detail: opened.error });
  const line = new SdtLine(opened.value, clock);
  try {
    let heard = false;
    for (let question = 0; question < QUESTIONS && !signal.aborted; question++) {
      const status = await line.transact('samStatus', signal, { timeoutMs: PATIENCE_MS });
      heard ||= status.kind === 'garbled';
      if (status.kind !== 'reply') continue;
      const number = await line.transact('samId', signal, { timeoutMs: PATIENCE_MS });
      const told = number.kind === 'reply' && number.reply.sw3 === SW3.ok;
      return ok(told ? formatSamId(number.reply.data) : null);
    }
    return err({ outcome: 'silent', detail: heard ? 'it answered nothing valid' : 'nobody answered' });
  } finally {
    await opened.value.close();
  }
}
