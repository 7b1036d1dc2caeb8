import type { Result } from '@huimin/drivers';
import type {
  CertificatePrinterOnBench,
  CodeScannerOnBench,
  IdCardReaderOnBench,
  placeFaceCamera,
  ReceiptPrinterOnBench,
  SimulatedDevice,
} from './devices.ts';
import type { Person } from './people.ts';
import type { Stage } from './stage.ts';
import { type Trays, trayItem } from './trays.ts';
import { type BenchSnapshot, type BenchState, DEVICE_NAMES, type DeviceName } from './wire.ts';

/** The devices on this bench; `null` where the real one is used. */
export interface DeviceSet {
  readonly idCardReader: IdCardReaderOnBench | null;
  readonly receiptPrinter: ReceiptPrinterOnBench | null;
  readonly certificatePrinter: CertificatePrinterOnBench | null;
  readonly faceCamera: ReturnType<typeof placeFaceCamera> | null;
  readonly codeScanner: CodeScannerOnBench | null;
}

/** Why something could not be done, for whoever asked over HTTP. */
export interface Refusal {
  readonly status: 400 | 404;
  readonly code: string;
  readonly message: string;
}

type Done = Result<void, Refusal>;

/** Everything a person at the bench can do. */
export interface Hands {
  /** Lifts what lies on the reader, then lays this person's card there. The card that lies there already stays. */
  placeCard(person: string | null): Done;
  /** Holds a badge before the scanner; `null` puts it away. */
  scanBadge(person: string | null): Done;
  /** `light` from 0 to 1; left out, it stays as it is. */
  standBefore(person: string | null, light: number | undefined): Done;
  setFault(device: string, fault: string | null): Promise<Done>;
  take(paper: string): Done;
  setOnline(online: boolean): Done;
  state(): BenchState;
  snapshot(): BenchSnapshot;
}

const DONE: Done = { ok: true, value: undefined };

const refuse = (status: Refusal['status'], code: string, message: string): { ok: false; error: Refusal } => ({
  ok: false,
  error: { status, code, message },
});

/** How a device is called in a sentence. */
const LABELS: Readonly<Record<DeviceName, string>> = {
  idCardReader: 'ID card reader',
  receiptPrinter: 'receipt printer',
  certificatePrinter: 'certificate printer',
  faceCamera: 'face camera',
  codeScanner: 'code scanner',
};

/** The answer to whoever asks for a device that does not stand on this bench. */
export const notSimulated = (name: DeviceName) =>
  refuse(
    404,
    'not-simulated',
    `The ${LABELS[name]} of this kiosk is not simulated, so the bench cannot touch it.`,
  );

export const noSuchPaper = (id: string) =>
  refuse(404, 'unknown-paper', `No paper "${id}" lies in a tray; GET /bench/api/trays lists what does.`);

interface Parts {
  readonly people: readonly Person[];
  readonly stage: Stage;
  readonly trays: Trays;
  readonly set: DeviceSet;
}

export function createHands({ people, stage, trays, set }: Parts): Hands {
  const find = (id: string): Result<Person, Refusal> => {
    const person = people.find((one) => one.id === id);
    return person
      ? { ok: true, value: person }
      : refuse(
          404,
          'unknown-person',
          `Nobody here is called "${id}"; GET /bench/api/people lists everybody.`,
        );
  };

  const state = (): BenchState => {
    const { faults, ...scene } = stage.scene;
    const devices = DEVICE_NAMES.flatMap((name) => {
      const device: SimulatedDevice | null = set[name];
      if (!device) return [];
      return [[name, { where: device.where, fault: faults[name] ?? null, faults: device.faults }] as const];
    });
    return { ...scene, devices: Object.fromEntries(devices) };
  };

  return {
    placeCard(id) {
      const reader = set.idCardReader;
      if (!reader) return notSimulated('idCardReader');
      const found = id === null ? null : find(id);
      if (found && !found.ok) return found;
      if (found && found.value.role !== 'resident') {
        return refuse(
          400,
          'no-card',
          `${found.value.id} carries a badge, not an ID card; POST /bench/api/badge scans it.`,
        );
      }
      const lying = stage.scene.card;
      if (lying === id) return DONE;
      if (lying !== null) {
        reader.place(null);
        stage.record({ what: 'card-lifted', person: lying }, { card: null });
      }
      if (found?.value.role === 'resident') {
        reader.place(found.value.card);
        stage.record({ what: 'card-laid', person: found.value.id }, { card: found.value.id });
      }
      return DONE;
    },

    scanBadge(id) {
      const scanner = set.codeScanner;
      if (!scanner) return notSimulated('codeScanner');
      if (id === null) {
        const shown = stage.scene.badge;
        if (shown !== null) stage.record({ what: 'badge-away', person: shown }, { badge: null });
        return DONE;
      }
      const found = find(id);
      if (!found.ok) return found;
      const person = found.value;
      if (person.role === 'resident') {
        return refuse(
          400,
          'no-badge',
          `${id} carries an ID card, not a badge; POST /bench/api/card lays it down.`,
        );
      }
      const heard = scanner.scan(person.badge);
      stage.record({ what: heard ? 'badge-scanned' : 'badge-unheard', person: id }, { badge: id });
      return DONE;
    },

    standBefore(id, light = stage.scene.camera.light) {
      if (!set.faceCamera) return notSimulated('faceCamera');
      const found = id === null ? null : find(id);
      if (found && !found.ok) return found;
      const before = stage.scene.camera;
      if (before.person !== id) {
        stage.record({ what: 'camera', person: id }, { camera: { ...before, person: id } });
      }
      if (before.light !== light) {
        stage.record({ what: 'light', percent: Math.round(light * 100) }, { camera: { person: id, light } });
      }
      return DONE;
    },

    async setFault(word, fault) {
      const name = DEVICE_NAMES.find((one) => one === word);
      if (!name) {
        return refuse(
          404,
          'unknown-device',
          `There is no device "${word}"; there are ${DEVICE_NAMES.join(', ')}.`,
        );
      }
      const device: SimulatedDevice | null = set[name];
      if (!device) return notSimulated(name);
      const before = stage.scene.faults[name];
      const meant = await device.setFault(fault);
      if (meant === undefined) {
        return refuse(
          400,
          'unknown-fault',
          `The ${LABELS[name]} has no fault "${fault}"; it can have ${device.faults.join(', ')}, or null to mend it.`,
        );
      }
      const { [name]: _mended, ...others } = stage.scene.faults;
      if (meant !== null && meant !== before) {
        stage.record({ what: 'fault', device: name, fault: meant }, { faults: { ...others, [name]: meant } });
      }
      if (meant === null && before !== undefined) {
        stage.record({ what: 'mended', device: name, fault: before }, { faults: others });
      }
      return DONE;
    },

    take(id) {
      const paper = trays.take(id);
      if (!paper) return noSuchPaper(id);
      stage.record({ what: 'taken', kind: paper.kind, id });
      return DONE;
    },

    setOnline(online) {
      if (stage.scene.network.online !== online)
        stage.record({ what: 'network', online }, { network: { online } });
      return DONE;
    },

    state,
    snapshot: () => ({ state: state(), trays: trays.papers.map(trayItem), log: stage.log }),
  };
}
