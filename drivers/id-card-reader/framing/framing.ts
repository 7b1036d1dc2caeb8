import type { Link, Transport } from '../../transport/index.ts';
import { derkDevice, derkHost } from './derk.ts';
import { miaxisDevice, miaxisHost } from './miaxis.ts';

/** How SDT frames are wrapped on the way: as they are, or in the HID reports of one maker. */
export const framingNames = ['plain', 'miaxis', 'derk'] as const;
export type FramingName = (typeof framingNames)[number];

const HOST: Readonly<Record<FramingName, (link: Link) => Link>> = {
  plain: (link) => link,
  miaxis: miaxisHost,
  derk: derkHost,
};

const DEVICE: Readonly<Record<FramingName, (link: Link) => Link>> = {
  plain: (link) => link,
  miaxis: miaxisDevice,
  derk: derkDevice,
};

/** The transport with its wrapping taken off: what is written and received are SDT frames. */
export function framedTransport(transport: Transport, framing: FramingName): Transport {
  if (framing === 'plain') return transport;
  return {
    name: `${transport.name}, ${framing} framing`,
    async open() {
      const opened = await transport.open();
      return opened.ok ? { ok: true, value: HOST[framing](opened.value) } : opened;
    },
  };
}

/** The device's side of a framing, for simulators: their SDT frames leave wrapped, requests arrive unwrapped. */
export const framedDevice = (link: Link, framing: FramingName): Link => DEVICE[framing](link);
