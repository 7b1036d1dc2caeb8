import { err, ok, type Result } from '../device.ts';
import {
  type Link,
  type PortListing,
  type Transport,
  type TransportConfig,
  transportOf,
} from '../transport/index.ts';
import { askForReader, type Candidate, detectIdCardReader } from './detect.ts';
import { framedTransport } from './framing/index.ts';
import type { Hosting, LineSpeed, ReaderPort } from './reader-port.ts';

export interface AutoPortOptions {
  readonly hosting: Hosting;
  readonly listPorts: () => Promise<PortListing>;
  readonly exclude: readonly string[];
  /** How a port is opened; as everywhere unless told. */
  readonly open?: (config: TransportConfig) => Transport;
}

/** The same ports that had no reader are asked again after this long only: a reader that was switched on late. */
const ASK_AGAIN_MS = 10_000;

/**
 * A reader somewhere: each opening looks for it, first where it was last. While the machine's ports are the ones that
 * had no reader a moment ago, they are left in peace.
 */
export function autoPort({ hosting, listPorts, exclude, ...options }: AutoPortOptions): ReaderPort {
  const { clock } = hosting;
  const { open = (config) => transportOf(config, hosting) } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let last: Candidate | null = null;
  let inVain: { readonly ports: string; readonly at: number; readonly why: string } | null = null;
  const transports = new Map<string, Transport>();

  /** One object a port, so that what it keeps between openings is kept. */
  const transportFor = (config: TransportConfig): Transport => {
    const key = JSON.stringify(config);
    const known = transports.get(key) ?? open(config);
    transports.set(key, known);
    return known;
  };

  const stillThere = async ({ transport, framing }: Candidate): Promise<boolean> =>
    (await askForReader(transportFor(transport), framing, clock, signal)).ok;

  const look = async (): Promise<Result<Candidate, string>> => {
    if (last !== null && (await stillThere(last))) return ok(last);
    const listing = await listPorts();
    const ports = JSON.stringify(listing.ports.map(({ config }) => config));
    if (inVain?.ports === ports && clock.monotonic() - inVain.at < ASK_AGAIN_MS) return err(inVain.why);
    const found = await detectIdCardReader({
      listPorts: async () => listing,
      transportFor,
      clock,
      exclude,
      signal,
    });
    if (found.ok) {
      inVain = null;
      return ok({ transport: found.value.transport, framing: found.value.framing });
    }
    const asked = found.error.attempts.filter(({ outcome }) => outcome !== 'left-alone').length;
    const why = asked === 0 ? 'there is no port where a reader could be' : 'no reader answers at any port';
    if (!found.error.cutShort) inVain = { ports, at: clock.monotonic(), why };
    return err(why);
  };

  return {
    transport: {
      get name() {
        return last === null ? 'auto' : `auto, ${transportFor(last.transport).name}`;
      },
      async open(): Promise<Result<Link, string>> {
        const found = await look();
        if (!found.ok) return found;
        if (signal.aborted) return err('the search was ended');
        last = found.value;
        return framedTransport(transportFor(last.transport), last.framing).open();
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
    stop: () => stopping.abort(),
  };
}
