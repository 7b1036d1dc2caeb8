import type { Clock } from '../device.ts';
import {
  type HostedOptions,
  type PortListing,
  type SerialConfig,
  type Transport,
  type TransportSource,
  transportOf,
} from '../transport/index.ts';
import { autoPort } from './auto-port.ts';
import type { CheckedConfig } from './config.ts';
import { type FramingName, framedTransport } from './framing/index.ts';
import { profileOf } from './profiles.ts';

/** Bits per second that a line may be set to; a reader knows fewer. */
export type LineSpeed = SerialConfig['baudRate'];

/** The way to a reader: what passes are SDT frames, whatever they are wrapped in underneath. */
export interface ReaderPort {
  readonly transport: Transport;
  /** The speed of the serial line; null where there is none. Setting it takes effect at the next opening. */
  baudRate: LineSpeed | null;
  /** Ends an opening that is under way; the transport is not opened afterwards. */
  stop(): void;
}

export interface ReaderPortOptions {
  /** Of native ports. */
  readonly hosting: Hosting;
  /** How `auto` learns which ports there are; the machine's own unless told. */
  readonly listPorts?: (() => Promise<PortListing>) | undefined;
}

/** How native ports are held: in processes that are started so. */
export type Hosting = HostedOptions & { readonly clock: Clock };

export function readerPort(config: CheckedConfig, { hosting, listPorts }: ReaderPortOptions): ReaderPort {
  const { transport: source, exclude } = config;
  if (source === 'auto') return autoPort({ hosting, listPorts, exclude });
  if ('open' in source || source.kind !== 'serial') {
    return { transport: sdtTransport(source, config.framing, hosting), baudRate: null, stop: () => {} };
  }
  let { baudRate } = source;
  let port = transportOf(source, hosting);
  return {
    transport: framedTransport(
      {
        get name() {
          return port.name;
        },
        open: () => port.open(),
      },
      config.framing ?? 'plain',
    ),
    get baudRate() {
      return baudRate;
    },
    set baudRate(next) {
      if (next === null || next === baudRate) return;
      baudRate = next;
      port = transportOf({ ...source, baudRate }, hosting);
    },
    stop: () => {},
  };
}

/**
 * The transport of a configuration at the level of SDT frames, its framing taken off: what a recording is made of
 * (`idCardRedaction` knows SDT frames only). Open the reader on it with the framing left out.
 */
export function sdtTransport(
  source: TransportSource,
  framing?: FramingName,
  hosting: HostedOptions = {},
): Transport {
  const known = completed(source);
  return framedTransport(transportOf(known.source, hosting), framing ?? known.framing);
}

/** What the profile of a USB or HID device says decides what its configuration leaves out. */
export function completed(source: TransportSource): {
  readonly source: TransportSource;
  readonly framing: FramingName;
} {
  if ('open' in source || (source.kind !== 'hid' && source.kind !== 'usb'))
    return { source, framing: 'plain' };
  const profile = profileOf(source.device);
  if (profile === null || profile.is === 'other') return { source, framing: 'plain' };
  const { framing, splitAt } = profile;
  const splits = source.kind === 'usb' && source.splitAt === undefined && splitAt !== undefined;
  return { source: splits ? { ...source, splitAt } : source, framing };
}
