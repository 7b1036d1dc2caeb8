import { type Clock, type Result, systemClock } from '../device.ts';
import { type HostClient, hostClient } from './host/client.ts';
import { forkPortHost } from './host/fork.ts';
import type { StartPortHost } from './host/process.ts';
import type { Link, Transport } from './link.ts';
import { type NativeConfig, nativeTransport } from './native.ts';

export interface HostedOptions {
  /** How the process that holds the port is started; `forkPortHost` unless told. */
  readonly startPortHost?: StartPortHost | undefined;
  readonly clock?: Clock | undefined;
  /** A process that is shared with other ports; one for this port alone unless told. */
  readonly process?: PortProcess | undefined;
}

/** A process for native ports, started when it is first needed. */
export interface PortProcess {
  /** `name` is for the sentence that says that the port does not answer. */
  open(config: NativeConfig, name: string): Promise<Result<Link, string>>;
  /** What ports the process finds; to be checked by the caller. */
  list(): Promise<Result<unknown, string>>;
  /** Ends the process; it is started again when it is needed. */
  end(): void;
}

/** How long a process without an open port is kept for the next opening, milliseconds; longer than any retry's pause. */
const LINGER_MS = 5000;

/**
 * A native transport in a process of its own, so that a crash or a hang of a native module is a lost link and nothing
 * more. Bytes are wiped there once they have been handed on.
 */
export function hostedTransport(config: NativeConfig, options: HostedOptions = {}): Transport {
  const { process = portProcess(options) } = options;
  const { name } = nativeTransport(config);
  return { name, open: () => process.open(config, name) };
}

/**
 * A process for native ports. It is started at the first use, kept across openings, started again after a crash, and
 * ended when nothing has been open or asked for a few seconds or this process ends. It keeps this process running only
 * while a port is open or being opened. A hang is noticed within eight seconds and ends it, and with it whatever else is
 * open in it.
 */
export function portProcess(options: Omit<HostedOptions, 'process'> = {}): PortProcess {
  const { startPortHost = () => forkPortHost(), clock = systemClock } = options;
  let current: { readonly client: HostClient; readonly end: () => void } | null = null;

  const start = (): NonNullable<typeof current> => {
    const process = startPortHost();
    let linger: NodeJS.Timeout | undefined;
    const forget = (): void => {
      clearTimeout(linger);
      if (current === mine) current = null;
    };
    const end = (): void => {
      forget();
      process.end();
    };
    const client = hostClient(process, {
      clock,
      onHung: end,
      onBusy(busy) {
        clearTimeout(linger);
        process.hold(busy);
        if (!busy && current === mine) linger = setTimeout(end, LINGER_MS).unref();
      },
    });
    process.onEnd(forget);
    const mine = { client, end };
    return mine;
  };
  const client = (): HostClient => {
    current ??= start();
    return current.client;
  };

  return {
    open: async (config, name) => client().open(config, name),
    list: async () => client().list(),
    end: () => current?.end(),
  };
}
