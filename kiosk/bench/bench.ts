import type { Clock, KeyPress, Transport, Unsubscribe } from '@huimin/drivers';
import type { FastifyPluginAsync } from 'fastify';
import {
  placeCertificatePrinter,
  placeCodeScanner,
  placeFaceCamera,
  placeIdCardReader,
  placeReceiptPrinter,
} from './devices.ts';
import { createHands } from './hands.ts';
import type { Person } from './people.ts';
import { benchRoutes } from './routes.ts';
import { createStage } from './stage.ts';
import { createTrays } from './trays.ts';
import type { DeviceName } from './wire.ts';

export interface BenchOptions {
  readonly people: readonly Person[];
  /** Which devices stand on the bench; the others are real, or absent. */
  readonly simulated: Readonly<Record<DeviceName, boolean>>;
  readonly clock: Clock;
  /** Folder of the built page; where there is none, `/bench` says so and only the API is served. */
  readonly page: string;
}

/** The simulated devices, for the kiosk's drivers. A device that is not simulated is not there. */
export interface BenchDevices {
  readonly idCardReader?: { readonly transport: Transport };
  readonly receiptPrinter?: { readonly transport: Transport };
  readonly certificatePrinter?: { readonly uri: string };
  /** Keys as a scanner in keyboard mode sends them, timed on the clock's `monotonic()`; feed them to the driver. */
  readonly codeScanner?: { onBurst(listener: (keys: readonly KeyPress[]) => void): Unsubscribe };
  /** Where the camera's current still is, SVG of 640 x 480; 503 while the camera is unplugged. */
  readonly faceCamera?: { readonly href: string };
}

/** The network's plug: whoever talks to the backend asks it first. */
export interface BenchNetwork {
  readonly online: boolean;
  onChange(listener: (online: boolean) => void): Unsubscribe;
}

export interface Bench {
  readonly devices: BenchDevices;
  readonly network: BenchNetwork;
  /** Everything under `/bench`. Register it without a prefix. */
  readonly plugin: FastifyPluginAsync;
  /** Ends the simulated devices. Close the server first. */
  close(): Promise<void>;
}

const CAMERA = '/bench/camera';

/** Starts the asked-for simulated devices and offers hands to play with them. */
export async function createBench({ people, simulated, clock, page }: BenchOptions): Promise<Bench> {
  const stage = createStage(clock);
  const trays = createTrays();
  const set = {
    idCardReader: simulated.idCardReader ? await placeIdCardReader(clock) : null,
    receiptPrinter: simulated.receiptPrinter ? await placeReceiptPrinter(clock) : null,
    certificatePrinter: simulated.certificatePrinter ? await placeCertificatePrinter(clock) : null,
    faceCamera: simulated.faceCamera ? placeFaceCamera(CAMERA) : null,
    codeScanner: simulated.codeScanner ? placeCodeScanner(clock) : null,
  };

  set.receiptPrinter?.onReceipt((receipt) => {
    const { id } = trays.add({ kind: 'receipt', at: clock.now(), receipt });
    stage.record({ what: 'printed', kind: 'receipt', id });
  });
  set.certificatePrinter?.onCopy((pdf) => {
    const { id } = trays.add({ kind: 'certificate', at: clock.now(), pdf });
    stage.record({ what: 'printed', kind: 'certificate', id });
  });

  const hands = createHands({ people, stage, trays, set });
  return {
    devices: {
      ...(set.idCardReader && { idCardReader: { transport: set.idCardReader.transport } }),
      ...(set.receiptPrinter && { receiptPrinter: { transport: set.receiptPrinter.transport } }),
      ...(set.certificatePrinter && { certificatePrinter: { uri: set.certificatePrinter.uri } }),
      ...(set.codeScanner && { codeScanner: { onBurst: set.codeScanner.onBurst } }),
      ...(set.faceCamera && { faceCamera: { href: CAMERA } }),
    },
    network: {
      get online() {
        return stage.scene.network.online;
      },
      onChange(listener) {
        let before = stage.scene.network.online;
        return stage.onChange(() => {
          const { online } = stage.scene.network;
          if (online === before) return;
          before = online;
          listener(online);
        });
      },
    },
    plugin: benchRoutes({ people, stage, trays, set, hands, clock, page }),
    async close() {
      await Promise.all(Object.values(set).map((device) => device?.close()));
    },
  };
}
