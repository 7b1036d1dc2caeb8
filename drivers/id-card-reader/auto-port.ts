import type { Result } from '../device.ts';
import { type Asked, createSearch } from '../search.ts';
import {
  type Link,
  listPortsIn,
  type PortListing,
  portProcess,
  type Transport,
  type TransportConfig,
  transportOf,
} from '../transport/index.ts';
import { askForReader, type Candidate, type SortedPorts, sortPorts, whereOf } from './detect.ts';
import { framedTransport } from './framing/index.ts';
import type { Hosting, LineSpeed, ReaderPort } from './reader-port.ts';

export interface AutoPortOptions {
  readonly hosting: Hosting;
  /** The machine's own unless told. */
  readonly listPorts?: (() => Promise<PortListing>) | undefined;
  readonly exclude: readonly string[];
  /** How a port is opened; as everywhere unless told. */
  readonly open?: (config: TransportConfig) => Transport;
}

/**
 * A reader somewhere: each opening looks for it, first where it was last. One process lists the machine's ports, holds
 * those that are asked, and in the end the reader's.
 */
export function autoPort({ hosting, exclude, ...options }: AutoPortOptions): ReaderPort {
  const { clock } = hosting;
  const process = portProcess(hosting);
  const { open = (config) => transportOf(config, { ...hosting, process }) } = options;
  const { listPorts = () => listPortsIn(process) } = options;
  const stopping = new AbortController();
  let last: Candidate | null = null;

  const ask = async ({ transport, framing }: Candidate, signal: AbortSignal): Promise<Asked> => {
    const asked = await askForReader(open(transport), framing, clock, signal);
    if (asked.ok) return 'there';
    return asked.error.outcome === 'not-opened' ? 'not-opened' : 'silent';
  };
  const search = createSearch<Candidate>({
    clock,
    places: async () => speedBySpeed(sortPorts((await listPorts()).ports, { exclude })),
    portOf: ({ transport }) => whereOf(transport),
    ask,
    nobody: 'no ID card reader answers at any port',
  });

  /** At another speed than it was found at, once that was set. */
  const movedFrom = (found: Candidate | null): boolean =>
    last !== null && JSON.stringify(last) !== JSON.stringify(found);

  return {
    transport: {
      get name() {
        return last === null ? 'auto' : `auto, ${open(last.transport).name}`;
      },
      async open(): Promise<Result<Link, string>> {
        const { signal } = stopping;
        const isThere = last !== null && movedFrom(search.last) && (await ask(last, signal)) === 'there';
        if (last === null || !isThere) {
          const found = await search.find();
          if (!found.ok) return found;
          last = found.value;
        }
        return framedTransport(open(last.transport), last.framing).open();
      },
    },
    get baudRate(): LineSpeed | null {
      return last?.transport.kind === 'serial' ? last.transport.baudRate : null;
    },
    set baudRate(next: LineSpeed | null) {
      if (next !== null && last?.transport.kind === 'serial') {
        last = { ...last, transport: { ...last.transport, baudRate: next } };
      }
    },
    stop() {
      stopping.abort();
      search.stop();
    },
  };
}

/** The ports of known readers, then each serial port at the usual speed, then each at the next one. */
function speedBySpeed({ readers, serialPorts }: SortedPorts): Candidate[] {
  const longest = Math.max(0, ...serialPorts.map((place) => place.length));
  const rounds = Array.from({ length: longest }, (_, i) => serialPorts.flatMap((place) => place[i] ?? []));
  return [...readers.flat(), ...rounds.flat()];
}
