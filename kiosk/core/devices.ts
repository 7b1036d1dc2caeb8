import {
  type CertificatePrinter,
  type Clock,
  type IdCardReader,
  type KeyboardWedgeScanner,
  openCertificatePrinter,
  openCodeScanner,
  openIdCardReader,
  openReceiptPrinter,
  type ReceiptPrinter,
  serialTransport,
  type Transport,
  tcpTransport,
} from '@huimin/drivers';
import type { CameraSource } from '../bridge/index.ts';
import type { Config } from './config/index.ts';
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
  readonly codeScanner: KeyboardWedgeScanner | null;
  readonly camera: CameraSource | null;
  close(): Promise<void>;
}

type TransportConfig = NonNullable<NonNullable<Config['devices']['idCardReader']>['transport']>;

const transportOf = (config: TransportConfig): Transport =>
  config.kind === 'serial' ? serialTransport(config) : tcpTransport(config);

export function openDevices(config: Config['devices'], bench: BenchDevices, clock: Clock): Devices {
  const random = Math.random;
  const readerAt = bench.idCardReader?.transport ?? config.idCardReader?.transport;
  const receiptsAt = bench.receiptPrinter?.transport ?? config.receiptPrinter?.transport;
  const certificatesAt = bench.certificatePrinter?.uri ?? config.certificatePrinter?.uri;
  const asTransport = (at: Transport | TransportConfig): Transport => ('open' in at ? at : transportOf(at));

  const idCardReader =
    readerAt === undefined ? null : openIdCardReader({ transport: asTransport(readerAt), clock, random });
  const receiptPrinter =
    receiptsAt === undefined
      ? null
      : openReceiptPrinter({
          transport: asTransport(receiptsAt),
          clock,
          random,
          columns: config.receiptPrinter?.columns ?? 48,
          rasterise: (character) => rasterise(character),
        });
  const certificatePrinter =
    certificatesAt === undefined ? null : openCertificatePrinter({ uri: certificatesAt, clock, random });
  const codeScanner =
    config.codeScanner === undefined ? null : openCodeScanner({ protocol: config.codeScanner.protocol });
  return {
    idCardReader,
    receiptPrinter,
    certificatePrinter,
    codeScanner,
    camera: cameraOf(config, bench),
    close: async () => {
      const open = [idCardReader, receiptPrinter, certificatePrinter, codeScanner];
      await Promise.all(open.map((device) => device?.close()));
    },
  };
}

function cameraOf(config: Config['devices'], bench: BenchDevices): CameraSource | null {
  if (bench.faceCamera !== undefined) return { kind: 'stills', href: bench.faceCamera.href };
  const label = config.faceCamera?.label;
  return label === undefined ? null : { kind: 'device', label };
}
