import {
  type Camera,
  type CertificatePrinter,
  type Clock,
  type CodeScanner,
  type Device,
  type DeviceState,
  type DriverOptions,
  type IcCardReader,
  type IdCardReader,
  type KeyboardWedgeScanner,
  type Lights,
  openCamera,
  openCertificatePrinter,
  openCodeScanner,
  openIcCardReader,
  openIdCardReader,
  openLights,
  openPresenceSensor,
  openReceiptPrinter,
  type PresenceSensor,
  type ReceiptPrinter,
  type StartPortHost,
  type Transport,
} from '@huimin/drivers';
import type { CameraSource } from '../bridge/index.ts';
import { type DevicesConfig, isSimulated } from './config/index.ts';
import { rasterise } from './documents/index.ts';

/** Where the simulated devices stand; the same drivers use them. */
export interface BenchDevices {
  readonly idCardReader?: { readonly transport: Transport };
  readonly receiptPrinter?: { readonly transport: Transport };
  readonly certificatePrinter?: { readonly uri: string };
  readonly faceCamera?: { readonly href: string };
}

/** The kiosk's devices, opened; one that it does not have is null. */
export interface Devices {
  readonly idCardReader: IdCardReader | null;
  readonly receiptPrinter: ReceiptPrinter | null;
  readonly certificatePrinter: CertificatePrinter | null;
  readonly codeScanner: CodeScanner | null;
  readonly badgeReader: IcCardReader | null;
  readonly lights: Lights | null;
  readonly presenceSensor: PresenceSensor | null;
  readonly faceCamera: Camera | null;
  /** Where the page gets its pictures from, at this moment; null while there is no camera. */
  camera(): CameraSource | null;
  /** All of them by their names in `kiosk.yaml`, for whoever treats them alike. */
  readonly all: Readonly<
    Record<string, Device<{ readonly device: DeviceState }, unknown, { readonly name: string }> | null>
  >;
  /** A key that the page saw, for devices that act as keyboards. */
  onKey(key: string, atMs: number): void;
  close(): Promise<void>;
}

export interface DeviceEnvironment {
  readonly bench: BenchDevices;
  readonly clock: Clock;
  /** How processes that hold native ports are started, where it is not as Node.js does it. */
  readonly startPortHost?: StartPortHost | undefined;
}

/** Opens what the configuration names. Throws a `ConfigError`; whatever a device does is told by its status. */
export function openDevices(config: DevicesConfig, environment: DeviceEnvironment): Devices {
  const { bench, clock, startPortHost } = environment;
  const options = { clock, ...(startPortHost && { startPortHost }) };
  const { faceCamera } = config;
  const [codes, keyboard] = openScanner(config.codeScanner, options);
  const select = faceCamera === undefined || isSimulated(faceCamera) ? null : faceCamera;

  const opened = {
    idCardReader: given(config.idCardReader, bench.idCardReader, (to) =>
      openIdCardReader({ ...to, ...options, exclude: leftAlone(config, 'idCardReader') }),
    ),
    receiptPrinter: given(config.receiptPrinter, bench.receiptPrinter, (to) =>
      openReceiptPrinter({
        ...to,
        ...options,
        exclude: leftAlone(config, 'receiptPrinter'),
        rasterise: (character) => rasterise(character),
      }),
    ),
    certificatePrinter: given(config.certificatePrinter, bench.certificatePrinter, (to) =>
      openCertificatePrinter({ ...to, ...options }),
    ),
    codeScanner: codes,
    faceCamera: select === null ? null : openCamera({ ...cameraConfig(select), ...options }),
    lights: config.lights ? openLights({ ...config.lights, ...options }) : null,
    badgeReader: config.badgeReader ? openIcCardReader({ ...config.badgeReader, ...options }) : null,
    presenceSensor: config.presenceSensor
      ? openPresenceSensor({ ...config.presenceSensor, ...options })
      : null,
  };
  return {
    ...opened,
    all: opened,
    camera: () =>
      bench.faceCamera
        ? { kind: 'stills', href: bench.faceCamera.href }
        : cameraOf(opened.faceCamera, select),
    onKey: (key, atMs) => keyboard?.feed(key, atMs),
    close: async () => {
      await Promise.all(Object.values(opened).map((device) => device?.close()));
    },
  };
}

/**
 * What a device that is looked for (`transport: auto`) must leave alone: what its configuration says, and the ports that
 * are given to other devices, as paths and USB ids.
 */
export function leftAlone(config: DevicesConfig, own: 'idCardReader' | 'receiptPrinter'): string[] {
  const said = config[own];
  const others = Object.entries(config).flatMap(([name, device]) => {
    if (name === own || typeof device !== 'object' || !('transport' in device)) return [];
    const { transport } = device;
    if (typeof transport !== 'object' || transport === null) return [];
    return ['path', 'device'].flatMap((key) => {
      const place = (transport as Readonly<Record<string, unknown>>)[key];
      return typeof place === 'string' ? [place] : [];
    });
  });
  return [...(said && 'exclude' in said ? said.exclude : []), ...others];
}

/**
 * Opens a device by its configuration, or, where it is simulated, by where it stands on the bench; null for a device
 * that the kiosk does not have, and for one that is to be simulated where there is no bench.
 */
function given<Config extends object, Opened>(
  configured: Config | undefined,
  place: object | undefined,
  open: (config: Exclude<Config, { readonly simulated: true }>) => Opened,
): Opened | null {
  if (configured === undefined || (isSimulated(configured) && place === undefined)) return null;
  const { simulated: _onBench, ...rest } = configured as Config & { readonly simulated?: true };
  // What the bench adds is the address that `simulated: true` stands for.
  const address = isSimulated(configured) ? place : {};
  return open({ ...rest, ...address } as unknown as Exclude<Config, { readonly simulated: true }>);
}

/** The scanner, and once more if it is a keyboard, whose keys the page sees. */
function openScanner(
  config: DevicesConfig['codeScanner'],
  options: DriverOptions,
): readonly [CodeScanner | null, KeyboardWedgeScanner | null] {
  if (config === undefined) return [null, null];
  if (!isSimulated(config) && config.protocol !== 'keyboard-wedge')
    return [openCodeScanner({ ...config, ...options }), null];
  const wedge = isSimulated(config) ? ({ protocol: 'keyboard-wedge' } as const) : config;
  const scanner = openCodeScanner({ ...wedge, ...options });
  return [scanner, scanner];
}

type CameraSelection = Exclude<NonNullable<DevicesConfig['faceCamera']>, { readonly simulated: true }>;

const cameraConfig = ({ source, ...select }: CameraSelection) => ({ select, ...(source && { source }) });

/** The page takes pictures by the camera's label; where the kernel cannot tell it whole, by what is known of it. */
function cameraOf(camera: Camera | null, select: CameraSelection | null): CameraSource | null {
  if (camera === null || select === null) return null;
  const known = camera.capabilities.source === 'page' ? (select.label ?? `(${select.usb})`) : null;
  const label = camera.status.label ?? known;
  return label === null ? null : { kind: 'device', label };
}
