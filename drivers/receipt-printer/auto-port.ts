import { type Clock, err, type Result, systemClock } from '../device.ts';
import { createSearch } from '../search.ts';
import {
  type FoundPort,
  type Link,
  listPortsIn,
  portProcess,
  type StartPortHost,
  type Transport,
  type TransportConfig,
  transportOf,
} from '../transport/index.ts';
import { askForPrinter, pathOf, printerPlaces } from './detect.ts';

export interface AutoPortOptions {
  readonly clock?: Clock;
  readonly startPortHost?: StartPortHost | undefined;
  /** Ports that belong to another device, see `DetectOptions`. */
  readonly exclude?: readonly string[];
  /** How the ports are learnt; the machine's own unless told. */
  readonly list?: (() => Promise<{ readonly ports: readonly FoundPort[] }>) | undefined;
  /** How a port is opened; as everywhere unless told. */
  readonly open?: (config: TransportConfig) => Transport;
}

/** A printer somewhere. */
export interface AutoPort {
  readonly transport: Transport;
  /** Ends a search that goes on. */
  stop(): void;
}

/**
 * Each opening looks for the printer, which may have moved to another port: first where it was, then where it has not
 * been looked for yet. Listing, asking and the link that is found share one process.
 */
export const autoPort = (options: AutoPortOptions): AutoPort => {
  const { clock = systemClock, startPortHost, exclude = [] } = options;
  const process = portProcess({ clock, startPortHost });
  const {
    list = () => listPortsIn(process),
    open = (config) => transportOf(config, { clock, startPortHost, process }),
  } = options;
  const search = createSearch<TransportConfig>({
    clock,
    places: async () => printerPlaces((await list()).ports, exclude),
    portOf: pathOf,
    ask: (config, signal) => askForPrinter(open(config), clock, signal),
    nobody: 'no receipt printer answers on any port',
  });
  return {
    transport: {
      get name() {
        return search.last === null ? 'a receipt printer on any port' : open(search.last).name;
      },
      async open(): Promise<Result<Link, string>> {
        const found = await search.find();
        return found.ok ? open(found.value).open() : err(found.error);
      },
    },
    stop: search.stop,
  };
};
