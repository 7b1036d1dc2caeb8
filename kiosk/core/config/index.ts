import { dirname } from 'node:path';
import { z } from 'zod';
import { displayProfileSchema, languageSchema, languages } from '../../bridge/index.ts';
import { readYaml, type YamlResult } from '../yaml/index.ts';
import { backendSchemaIn } from './backend.ts';
import { type DeviceName, devicesSchema, isSimulated, simulatedDevices } from './devices.ts';

export { type Authority, adviceOn, problemWithAddress } from './backend.ts';
export { type DeviceName, type DevicesConfig, deviceNames, isSimulated } from './devices.ts';

const schemaIn = (folder: string) =>
  z.strictObject({
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
    backend: backendSchemaIn(folder).default({ enrolmentCode: 'demo' }),
    devices: devicesSchema,
  });

/** Files named in it are looked for in the working folder. */
export const configSchema = schemaIn('.');
export type Config = z.infer<typeof configSchema>;

/**
 * Reads `kiosk.yaml`; without a file, everything has its default. With `bench`, a device that is neither named nor
 * said to be absent is simulated; without it, only what says `simulated: true` is.
 */
export function readConfig(file: string | null, options: { readonly bench: boolean }): YamlResult<Config> {
  const read =
    file === null
      ? { ok: true as const, value: configSchema.parse({}) }
      : readYaml(file, schemaIn(dirname(file)));
  if (!read.ok || !options.bench) return read;
  const { absent, ...named } = read.value.devices;
  const standIns = Object.fromEntries(
    Object.entries(simulatedDevices).filter(([name]) => !absent.some((gone) => gone === name)),
  );
  return { ok: true, value: { ...read.value, devices: { ...standIns, ...named, absent } } };
}

/** The devices the bench stands in for. */
export const simulatedIn = ({ devices }: Config): Record<DeviceName, boolean> => ({
  idCardReader: isSimulated(devices.idCardReader),
  receiptPrinter: isSimulated(devices.receiptPrinter),
  certificatePrinter: isSimulated(devices.certificatePrinter),
  faceCamera: isSimulated(devices.faceCamera),
  codeScanner: isSimulated(devices.codeScanner),
});
