import type { TransportConfig, TransportSource } from './config.ts';
import { type HostedOptions, hostedTransport } from './hosted.ts';
import type { Transport } from './link.ts';
import { tcpTransport } from './tcp.ts';

/**
 * The transport that a configuration names, native ones in a process of their own; a transport made by hand is taken
 * as it is.
 */
export function transportOf(source: TransportSource, options: HostedOptions = {}): Transport {
  return 'open' in source ? source : fromConfig(source, options);
}

function fromConfig(config: TransportConfig, options: HostedOptions): Transport {
  switch (config.kind) {
    case 'tcp':
      return tcpTransport(config);
    case 'serial':
    case 'hid':
    case 'usb':
    case 'usblp':
      return hostedTransport(config, options);
    default:
      return config satisfies never;
  }
}
