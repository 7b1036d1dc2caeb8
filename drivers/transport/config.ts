import { z } from 'zod';
import type { Transport } from './link.ts';

/** Speeds a serial device may be set to; GA/T 467 readers know all but the last, a presence sensor's. */
export const serialBaudRates = [9600, 19200, 38400, 57600, 115200, 256000] as const;

/** `vvvv:pppp` as `lsusb` writes it: vendor and product id, four hexadecimal digits each. */
export const usbDeviceSchema = z
  .string()
  .regex(/^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$/, 'write vendor and product as in "10c4:0007"')
  .transform((text) => text.toLowerCase());

const endpointPair = z.strictObject({
  /** Endpoint numbers without the direction bit. */
  out: z.number().int().min(1).max(15),
  in: z.number().int().min(1).max(15),
});

export const serialConfigSchema = z.strictObject({
  kind: z.literal('serial'),
  /** e.g. `/dev/ttyUSB0` or `COM3`. */
  path: z.string().min(1),
  /** Bits per second; always 8N1 without flow control. */
  baudRate: z.literal(serialBaudRates).default(115200),
});

export const tcpConfigSchema = z.strictObject({
  kind: z.literal('tcp'),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65535),
});

export const hidConfigSchema = z.strictObject({
  kind: z.literal('hid'),
  device: usbDeviceSchema,
  /** One of several equal devices: the system's path of it, e.g. `/dev/hidraw0`. */
  path: z.string().min(1).optional(),
  /** One interface of a device that has several, by its HID usage page. */
  usagePage: z.number().int().min(0).max(0xffff).optional(),
});

export const usbConfigSchema = z.strictObject({
  kind: z.literal('usb'),
  device: usbDeviceSchema,
  /** One of several equal devices, by its serial number. */
  serialNumber: z.string().min(1).optional(),
  /** The first interface with bulk endpoints unless told. */
  interface: z.number().int().min(0).max(255).optional(),
  /** Discovered unless told, in the order of the device's descriptor. */
  endpoints: z.array(endpointPair).min(1).max(2).optional(),
  /**
   * For devices with two pairs of endpoints: what is written goes out through the first up to this byte and through
   * the second from there on, and what is read comes from both in turn (SDT over USB bulk: 7, preamble and length).
   */
  splitAt: z.number().int().min(1).optional(),
});

export const usblpConfigSchema = z.strictObject({
  kind: z.literal('usblp'),
  /** The kernel's printer class device, e.g. `/dev/usb/lp0`. */
  path: z.string().min(1),
});

/** Where a device is, as data: what `kiosk.yaml` says under `transport`. */
export const transportConfigSchema = z.discriminatedUnion('kind', [
  serialConfigSchema,
  tcpConfigSchema,
  hidConfigSchema,
  usbConfigSchema,
  usblpConfigSchema,
]);

export type TransportConfig = z.output<typeof transportConfigSchema>;
export type SerialConfig = z.output<typeof serialConfigSchema>;
export type HidConfig = z.output<typeof hidConfigSchema>;
export type UsbConfig = z.output<typeof usbConfigSchema>;
export type UsblpConfig = z.output<typeof usblpConfigSchema>;

/** What the `open…` functions take for a transport: data, or one made by hand (a simulator's, a recording's). */
export type TransportSource = TransportConfig | Transport;

const isTransport = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'open' in value && typeof value.open === 'function';

/** What the `open…` functions take for a transport, checked. */
export const transportSourceSchema = transportConfigSchema.or(
  z.custom<Transport>(isTransport, 'neither data (kind: serial, tcp, hid, usb or usblp) nor a Transport'),
);
