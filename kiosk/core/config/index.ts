import { z } from 'zod';
import { displayProfileSchema, languageSchema, languages } from '../../bridge/index.ts';
import { readYaml, type YamlResult } from '../yaml/index.ts';

/** The devices a kiosk may have, by their names in `kiosk.yaml` and on the bench. */
export const deviceNames = [
  'idCardReader',
  'receiptPrinter',
  'certificatePrinter',
  'faceCamera',
  'codeScanner',
] as const;
export type DeviceName = (typeof deviceNames)[number];

/** What a serial device may be set to; GA/T 467 readers use the upper five. */
const baudRates = [9600, 19200, 38400, 57600, 115200] as const;

const serialSchema = z.strictObject({
  kind: z.literal('serial'),
  path: z.string().min(1),
  baudRate: z.literal(baudRates).default(115200),
});
const tcpSchema = z.strictObject({
  kind: z.literal('tcp'),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65535),
});

/** Devices on the bench speak the same bytes over the same drivers; `simulated: true` stands for the address. */
const simulated = z.literal(true).optional();
const addressRule = 'needs either an address (transport, uri or label) or simulated: true';

export const deviceSchemas = {
  idCardReader: z
    .strictObject({ protocol: z.literal('sdt'), simulated, transport: serialSchema.or(tcpSchema).optional() })
    .refine((device) => (device.transport === undefined) === (device.simulated ?? false), addressRule),
  receiptPrinter: z
    .strictObject({
      protocol: z.literal('esc-pos'),
      simulated,
      transport: serialSchema.or(tcpSchema).optional(),
      /** Characters a line: 48 on 80 mm paper, 32 on 58 mm. */
      columns: z.number().int().min(24).max(64).default(48),
    })
    .refine((device) => (device.transport === undefined) === (device.simulated ?? false), addressRule),
  certificatePrinter: z
    .strictObject({
      protocol: z.literal('ipp'),
      simulated,
      uri: z
        .string()
        .regex(/^ipps?:\/\//)
        .optional(),
    })
    .refine((device) => (device.uri === undefined) === (device.simulated ?? false), addressRule),
  faceCamera: z
    .strictObject({ simulated, label: z.string().min(1).optional() })
    .refine((device) => (device.label === undefined) === (device.simulated ?? false), addressRule),
  codeScanner: z.strictObject({ protocol: z.literal('keyboard-wedge'), simulated }),
} as const;

export const configSchema = z.strictObject({
  /** This kiosk's name at the backend: small letters, digits and dashes. */
  kiosk: z
    .string()
    .regex(/^[a-z0-9-]{3,64}$/, 'use 3 to 64 small letters, digits and dashes')
    .default('kiosk-lotus-1'),
  /** Shown on every page and on receipts. */
  community: z
    .strictObject({ 'zh-CN': z.string(), en: z.string() })
    .default({ 'zh-CN': '荷花社区', en: 'Lotus Community' }),
  /** Who issues certificates, as printed beneath them. */
  issuer: z.string().min(1).max(40).default('示范市东湖区荷花社区居民委员会'),
  /** The visible area of the screen in millimetres and the distance people stand at. */
  display: displayProfileSchema.default({ widthMm: 336, heightMm: 598, viewingDistanceMm: 600 }),
  languages: z
    .array(languageSchema)
    .min(1)
    .default([...languages]),
  backend: z
    .strictObject({ url: z.url().optional(), enrolmentCode: z.string().min(1).optional() })
    .default({ enrolmentCode: 'demo' }),
  devices: z
    .strictObject({
      idCardReader: deviceSchemas.idCardReader.optional(),
      receiptPrinter: deviceSchemas.receiptPrinter.optional(),
      certificatePrinter: deviceSchemas.certificatePrinter.optional(),
      faceCamera: deviceSchemas.faceCamera.optional(),
      codeScanner: deviceSchemas.codeScanner.optional(),
      /** Devices this kiosk does not have, so that the bench does not stand in for them. */
      absent: z.array(z.enum(deviceNames)).default([]),
    })
    .default({ absent: [] }),
});
export type Config = z.infer<typeof configSchema>;

type Devices = Config['devices'];

/** The bench's own set: every device simulated. */
const simulatedDevices: Required<Omit<Devices, 'absent'>> = {
  idCardReader: { protocol: 'sdt', simulated: true },
  receiptPrinter: { protocol: 'esc-pos', simulated: true, columns: 48 },
  certificatePrinter: { protocol: 'ipp', simulated: true },
  faceCamera: { simulated: true },
  codeScanner: { protocol: 'keyboard-wedge', simulated: true },
};

/**
 * Reads `kiosk.yaml`; without a file, everything has its default. With `bench`, a device that is neither named nor
 * said to be absent is simulated; without it, only what says `simulated: true` is.
 */
export function readConfig(file: string | null, options: { readonly bench: boolean }): YamlResult<Config> {
  const read =
    file === null ? { ok: true as const, value: configSchema.parse({}) } : readYaml(file, configSchema);
  if (!read.ok || !options.bench) return read;
  const { absent, ...named } = read.value.devices;
  const standIns = Object.fromEntries(
    Object.entries(simulatedDevices).filter(([name]) => !absent.some((gone) => gone === name)),
  );
  return { ok: true, value: { ...read.value, devices: { ...standIns, ...named, absent } } };
}

/** The devices the bench stands in for. */
export const simulatedIn = (config: Config): Record<DeviceName, boolean> => {
  const { devices } = config;
  return {
    idCardReader: devices.idCardReader?.simulated ?? false,
    receiptPrinter: devices.receiptPrinter?.simulated ?? false,
    certificatePrinter: devices.certificatePrinter?.simulated ?? false,
    faceCamera: devices.faceCamera?.simulated ?? false,
    codeScanner: devices.codeScanner?.simulated ?? false,
  };
};
