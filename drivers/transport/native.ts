import type { TransportConfig } from './config.ts';
import { hidTransport } from './hid.ts';
import type { Transport } from './link.ts';
import { type PcscConfig, pcscTransport } from './pcsc/pcsc.ts';
import { serialTransport } from './serial.ts';
import { usbTransport } from './usb.ts';
import { usblpTransport } from './usblp.ts';

/** What needs a native module or a device file, and therefore a process of its own. */
export type NativeConfig = Exclude<TransportConfig, { kind: 'tcp' }> | PcscConfig;

/** The transport itself, in whatever process this is called. */
export function nativeTransport(config: NativeConfig): Transport {
  switch (config.kind) {
    case 'serial':
      return serialTransport(config);
    case 'hid':
      return hidTransport(config);
    case 'usb':
      return usbTransport(config);
    case 'usblp':
      return usblpTransport(config);
    case 'pcsc':
      return pcscTransport(config);
    default:
      return config satisfies never;
  }
}
