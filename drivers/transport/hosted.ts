import { type Clock, systemClock } from '../device.ts';
import { type HostClient, hostClient } from './host/client.ts';
import { forkPortHost } from './host/fork.ts';
import type { StartPortHost } from './host/process.ts';
import type { Transport } from './link.ts';
import { type NativeConfig, nativeTransport } from './native.ts';

export interface HostedOptions {
  /** How the process that holds the port is started; `forkPortHost` unless told. */
  readonly startPortHost?: StartPortHost | undefined;
  readonly clock?: Clock | undefined;
}

/** How long a process without an open port is kept for the next opening, milliseconds; longer than any retry's pause. */
const LINGER_MS = 5000;

/**
 * A native transport in a process of its own, so that a crash or a hang of a native module is a lost link and nothing
 * more. The process is started at the first opening, kept across openings, started again after a crash, and ended when
 * no port has been open for a few seconds or this process ends. It keeps this process running only while a port is
 * open or being opened. Bytes are wiped there once they have been handed on.
 */
export function hostedTransport(config: NativeConfig, options: HostedOptions = {}): Transport {
  const { startPortHost = () => forkPortHost(), clock = systemClock } = options;
  const { name } = nativeTransport(config);
  let current: HostClient | null = null;

  const start = (): HostClient => {
    const process = startPortHost();
    let linger: NodeJS.Timeout | undefined;
    const forget = (): void => {
      clearTimeout(linger);
      if (current === client) current = null;
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
        if (!busy && current === client) linger = setTimeout(end, LINGER_MS).unref();
      },
    });
    process.onEnd(forget);
    return client;
  };

  return {
    name,
    async open() {
      current ??= start();
      return current.open(config, name);
    },
  };
}
