import {
  certificatePrinterConfigSchema,
  codeScannerConfigSchema,
  icCardConfigSchema,
  idCardReaderConfigSchema,
  lightsConfigSchema,
  presenceSensorConfigSchema,
  receiptPrinterConfigSchema,
  usbDeviceSchema,
} from '@huimin/drivers';
import { z } from 'zod';

/** The devices that the bench can stand in for, by their names in `kiosk.yaml` and on the bench. */
export const deviceNames = [
  'idCardReader',
  'receiptPrinter',
  'certificatePrinter',
  'faceCamera',
  'codeScanner',
] as const;
export type DeviceName = (typeof deviceNames)[number];

const simulated = z.literal(true);
const addressRule = 'needs either an address (transport, uri, printer, label or usb) or simulated: true';

/**
 * A device is real, and then as its driver's own configuration says, or stands on the bench, where it speaks the same
 * bytes through the same driver.
 */
const placed = <Real extends z.ZodType, Simulated extends z.ZodType>(real: Real, onBench: Simulated) =>
  z
    .looseObject({ simulated: simulated.optional() })
    .refine((value) => hasAddress(value) !== (value.simulated === true), { error: addressRule, abort: true })
    .pipe(
      z.union([real, onBench]) as unknown as z.ZodType<
        z.output<Real> | z.output<Simulated>,
        Readonly<Record<string, unknown>>
      >,
    );

const hasAddress = (value: Readonly<Record<string, unknown>>): boolean =>
  ['transport', 'uri', 'printer', 'label', 'usb'].some((key) => value[key] !== undefined);

/** A camera is known by its name, or a part of it, or its USB id, never by its place in a list. */
const cameraSchema = z
  .strictObject({
    label: z.string().min(1).optional(),
    usb: usbDeviceSchema.optional(),
    /** `page`: no kernel is asked whether it is there; the page finds it, or does not. */
    source: z.enum(['kernel', 'page']).optional(),
  })
  .refine(({ label, usb }) => label !== undefined || usb !== undefined, 'name a label, a usb id, or both');

const { columns } = receiptPrinterConfigSchema.shape;

export const devicesSchema = z
  .strictObject({
    idCardReader: placed(
      idCardReaderConfigSchema,
      z.strictObject({ protocol: z.literal('sdt').default('sdt'), simulated }),
    ).optional(),
    receiptPrinter: placed(
      receiptPrinterConfigSchema,
      z.strictObject({ protocol: z.literal('esc-pos').default('esc-pos'), simulated, columns }),
    ).optional(),
    certificatePrinter: placed(
      certificatePrinterConfigSchema,
      z.strictObject({ protocol: z.literal('ipp').default('ipp'), simulated }),
    ).optional(),
    faceCamera: placed(cameraSchema, z.strictObject({ simulated })).optional(),
    codeScanner: z
      .union([
        codeScannerConfigSchema,
        z.strictObject({ protocol: z.literal('keyboard-wedge').default('keyboard-wedge'), simulated }),
      ])
      .optional(),
    /** Staff badges that are cards. */
    badgeReader: icCardConfigSchema.optional(),
    lights: lightsConfigSchema.optional(),
    presenceSensor: presenceSensorConfigSchema.optional(),
    /** Devices this kiosk does not have, so that the bench does not stand in for them. */
    absent: z.array(z.enum(deviceNames)).default([]),
  })
  .default({ absent: [] });
export type DevicesConfig = z.output<typeof devicesSchema>;

/** The bench's own set: every device simulated. */
export const simulatedDevices: Pick<Required<DevicesConfig>, DeviceName> = {
  idCardReader: { protocol: 'sdt', simulated: true },
  receiptPrinter: { protocol: 'esc-pos', simulated: true, columns: 48 },
  certificatePrinter: { protocol: 'ipp', simulated: true },
  faceCamera: { simulated: true },
  codeScanner: { protocol: 'keyboard-wedge', simulated: true },
};

/** Whether the bench stands in for a device; false for one that is real or not there. */
export const isSimulated = (device: object | undefined): device is { readonly simulated: true } =>
  device !== undefined && 'simulated' in device && device.simulated === true;
