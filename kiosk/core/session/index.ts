import type {
  Camera,
  CertificatePrinter,
  Clock,
  CodeScanner,
  IcCardReader,
  IdCardReader,
  IdCardReading,
  PresenceSensor,
  ReceiptPrinter,
} from '@huimin/drivers';
import { createActor } from 'xstate';
import type {
  Availability,
  CameraSource,
  Intent,
  Language,
  LocalText,
  Settings,
  Snapshot,
  Spoken,
} from '../../bridge/index.ts';
import type { Catalogue, Service } from '../services/index.ts';
import { watchBadges } from './badge-watch.ts';
import { watchCards } from './card-watch.ts';
import type { VisitContext, VisitPorts } from './context.ts';
import { type IdleLimits, watchIdle } from './idle.ts';
import { createVisitMachine } from './machine.ts';
import { type Place, pageKey, present, type Surroundings } from './present.ts';
import { isOffered } from './rules.ts';

export type { VisitContext, VisitPorts, VisitReport } from './context.ts';
export { certificatePrinterFault } from './faults.ts';
export { type IdleLimits, idleLimits } from './idle.ts';
export {
  type CertificateOrder,
  type IssueDeps,
  issueCertificate,
  type MadeCertificate,
  type ReceiptOrder,
} from './issue.ts';
export { settleOpenPrints } from './settle.ts';

/** The kiosk's one visit at a time: intents in, snapshots out. */
export interface Session {
  readonly snapshot: Snapshot;
  onSnapshot(listener: (snapshot: Snapshot) => void): void;
  /** `page` is the page the person saw; a press meant for an earlier page does nothing. */
  intend(page: number, intent: Intent): void;
  /** Something was touched. */
  touch(): void;
  /** Something in the surroundings changed: show the truth again. */
  refresh(): void;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly clock: Clock;
  readonly idleLimits: IdleLimits;
  readonly catalogue: Catalogue;
  readonly community: LocalText;
  readonly languages: readonly Language[];
  /** The camera as it is now; null without one. */
  readonly camera: () => CameraSource | null;
  /** What the visit needs of them; one that the kiosk does not have is null. */
  readonly devices: {
    readonly idCardReader: Pick<IdCardReader, 'status' | 'onStatus' | 'readCard' | 'waitForRemoval'> | null;
    readonly certificatePrinter: Pick<CertificatePrinter, 'status' | 'onStatus'> | null;
    readonly receiptPrinter: Pick<ReceiptPrinter, 'status' | 'onStatus'> | null;
    readonly codeScanner: Pick<CodeScanner, 'onCode'> | null;
    readonly badgeReader: Pick<IcCardReader, 'status' | 'onStatus' | 'readUid'> | null;
    readonly presenceSensor: Pick<PresenceSensor, 'onEvent'> | null;
    readonly faceCamera: Pick<Camera, 'onStatus'> | null;
  };
  readonly ports: Pick<
    VisitPorts,
    'newId' | 'badge' | 'checkPin' | 'checkFace' | 'lookUp' | 'issue' | 'report'
  >;
  online(): boolean;
  availability(service: Service, context: VisitContext): Availability;
  speak(key: string, text?: LocalText): Spoken;
}

export function createSession(options: SessionOptions): Session {
  const { clock, catalogue, devices } = options;
  const listeners: ((snapshot: Snapshot) => void)[] = [];
  let cardPresent = false;
  let otherCard = false;
  let page = 0;
  let shownKey = '';

  const machine = createVisitMachine({
    ...options.ports,
    now: () => clock.monotonic(),
    wallClock: () => clock.now(),
    hasCamera: () => options.camera() !== null,
    languages: options.languages,
    service: (id) => catalogue.services.find((service) => service.id === id) ?? null,
    hasGroup: (id) => catalogue.groups.some((group) => group.id === id),
    available: (service, context) => options.availability(service, context).canBegin,
  });
  const actor = createActor(machine, {
    clock: {
      setTimeout: (callback, ms) => clock.after(ms, callback),
      clearTimeout: (cancel: () => void) => cancel(),
    },
  });
  const place = (): Place => {
    const path: string[] = [];
    let value: unknown = actor.getSnapshot().value;
    while (typeof value === 'object' && value !== null) {
      const [key = ''] = Object.keys(value);
      path.push(key);
      value = Object.values(value)[0];
    }
    return [...path, value].join('.') as Place;
  };

  const idle = watchIdle({
    clock,
    limits: options.idleLimits,
    onChange: () => publish(),
    onEnd: () => actor.send({ type: 'idle' }),
  });

  const take = (): Snapshot => {
    const { context } = actor.getSnapshot();
    // Nobody's visit, nobody's other card.
    if (context.card === null) otherCard = false;
    const around: Surroundings = {
      catalogue,
      community: options.community,
      camera: options.camera(),
      idCardReader: devices.idCardReader?.status ?? null,
      certificatePrinter: devices.certificatePrinter?.status ?? null,
      receiptPrinter: devices.receiptPrinter?.status ?? null,
      online: options.online(),
      // An unplugged reader cannot tell whether a card still lies on it.
      cardPresent: cardPresent && devices.idCardReader?.status.device !== 'noDevice',
      otherCard,
      idle: idle.warning,
      availability: (service) => options.availability(service, context),
      speak: options.speak,
    };
    const shown = present(place(), context, around);
    const key = pageKey(shown.view);
    if (key !== shownKey) {
      page += 1;
      shownKey = key;
    }
    return { ...shown, page };
  };
  let snapshot: Snapshot;
  const publish = (): void => {
    snapshot = take();
    idle.set(idleMode(snapshot, usualSettings));
    for (const tell of listeners) tell(snapshot);
  };
  const usualSettings = actor.getSnapshot().context.settings;
  actor.subscribe(() => publish());
  actor.start();
  snapshot = take();

  const onCard = (reading: IdCardReading): void => {
    cardPresent = true;
    const own = actor.getSnapshot().context.card;
    const isOther = own !== null && own.number !== reading.card.number;
    idle.touch();
    if (own === null || (isOther && ['collect', 'rate'].includes(place()))) {
      actor.send({ type: 'card.read', card: reading.card, chipPhoto: reading.photo });
      return;
    }
    // During a visit its own card changes nothing; another one is not read further.
    reading.photo.fill(0);
    otherCard = isOther;
    publish();
  };
  const cards =
    devices.idCardReader === null
      ? null
      : watchCards({
          reader: devices.idCardReader,
          clock,
          onCard,
          onRemoved: () => {
            cardPresent = false;
            otherCard = false;
            publish();
          },
          onProblem: (problem) => actor.send({ type: 'card.problem', problem }),
        });
  const onBadge = (code: string): void => {
    idle.touch();
    actor.send({ type: 'badge', code });
  };
  const badges =
    devices.badgeReader === null ? null : watchBadges({ reader: devices.badgeReader, clock, onBadge });
  const unsubscribe = [
    devices.idCardReader?.onStatus(() => publish()),
    devices.certificatePrinter?.onStatus(() => publish()),
    devices.receiptPrinter?.onStatus(() => publish()),
    devices.codeScanner?.onCode(onBadge),
    devices.faceCamera?.onStatus(() => publish()),
    devices.presenceSensor?.onEvent(({ name }) => {
      // Whoever has walked away is not waited for at length: the warning comes at once.
      if (name === 'PersonNotPresent') idle.hurry();
    }),
  ];

  return {
    get snapshot() {
      return snapshot;
    },
    onSnapshot: (listener) => {
      listeners.push(listener);
    },
    intend: (intendedPage, intent) => {
      idle.touch();
      const isSetting = ['language', 'text-size', 'contrast', 'elder-mode'].includes(intent.do);
      if (intendedPage !== page && !isSetting) return;
      if (intent.do === 'stay' || intent.do === 'repeat' || !isOffered(snapshot, intent)) return;
      const { do: type, ...rest } = intent;
      // The bridge has validated the intent: its parts are those of the event of the same name.
      actor.send({ type, ...rest } as Parameters<typeof actor.send>[0]);
    },
    touch: () => idle.touch(),
    refresh: () => publish(),
    close: async () => {
      for (const stop of unsubscribe) stop?.();
      idle.close();
      actor.stop();
      await Promise.all([cards?.close(), badges?.close()]);
    },
  };
}

/**
 * Nobody is hurried on the last page, nor while the kiosk itself is at work, nor on the first page, unless somebody
 * changed its settings and left.
 */
function idleMode(snapshot: Snapshot, usual: Settings): 'off' | 'normal' | 'elder' {
  const { view, settings } = snapshot;
  if (view.screen === 'working' || view.screen === 'farewell') return 'off';
  if (view.screen === 'welcome' && sameSettings(settings, usual)) return 'off';
  return settings.elder ? 'elder' : 'normal';
}

const sameSettings = (a: Settings, b: Settings): boolean =>
  a.language === b.language && a.textSize === b.textSize && a.contrast === b.contrast && a.elder === b.elder;
