import { randomBytes, randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Verification } from '@huimin/backend/contract';
import type { Clock, KeyPress, StartPortHost } from '@huimin/drivers';
import type { FastifyPluginAsync } from 'fastify';
import type { Carrier } from '../bridge/index.ts';
import { availabilityOf } from './availability.ts';
import type { Config } from './config/index.ts';
import { logDevices } from './device-log.ts';
import { type BenchDevices, openDevices } from './devices.ts';
import { describeFailure } from './failure.ts';
import { askAPerson, createStaffCheck } from './identity/index.ts';
import { createIssueDeps, type Papers } from './issuing.ts';
import { createKioskKeys } from './keys.ts';
import { followWithLamps } from './lamps.ts';
import { lookUpResident } from './registry.ts';
import { eventOf } from './reports.ts';
import { serveScreens, startServer } from './server/index.ts';
import type { Catalogue } from './services/index.ts';
import { createSession, type IdleLimits, issueCertificate, settleOpenPrints } from './session/index.ts';
import { type Shares, startShares } from './shares/index.ts';
import { createSpeaker } from './speech.ts';
import type { Store } from './store/index.ts';
import { type Network, readPresent, startSync, VERSION } from './sync/index.ts';
import { voiceClips } from './voice/index.ts';

/** What stands in for hardware; a kiosk whose devices are all real has none. */
export interface BenchParts {
  readonly devices: BenchDevices & {
    readonly codeScanner?: { onBurst(listener: (keys: readonly KeyPress[]) => void): unknown };
  };
  readonly network: Network;
  readonly plugin: FastifyPluginAsync;
}

export interface KioskOptions {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly papers: ReadonlyMap<string, Papers>;
  readonly store: Store;
  /** Where the store lies, and who keeps its key. */
  readonly storage: { readonly folder: string; readonly keyHolder: string };
  readonly backendUrl: string | null;
  readonly port: number;
  readonly bench: BenchParts | null;
  /** How processes that hold native ports are started, where it is not as Node.js does it (Electron). */
  readonly startPortHost?: StartPortHost | undefined;
  readonly clock: Clock;
  readonly idleLimits: IdleLimits;
  /** The built screen and the assets a clerk may change. */
  readonly folders: { readonly screen: string; readonly assets: string };
  /** For technicians; never personal data. */
  readonly log: (sentence: string) => void;
}

export interface Kiosk {
  readonly url: string;
  /** What the kiosks of this community share; services name a resource of it. */
  readonly shares: Shares;
  /** A screen that comes another way than over the network, e.g. Electron's. */
  attach(carrier: Carrier): void;
  close(): Promise<void>;
}

/** A network that is there unless the operating system says otherwise at each request. */
const realNetwork: Network = { online: true, onChange: () => undefined };

/** Puts the core together and opens its door. Rejects with the listen error when the port cannot be had. */
export async function startKiosk(options: KioskOptions): Promise<Kiosk> {
  const { config, catalogue, store, bench, clock, log } = options;
  const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
  const devices = openDevices(config.devices, {
    bench: bench?.devices ?? {},
    clock,
    startPortHost: options.startPortHost,
  });
  const sync = startSync({
    url: options.backendUrl,
    authority: config.backend.authority ?? null,
    kiosk: config.kiosk,
    enrolmentCode: config.backend.enrolmentCode ?? null,
    createKeys: createKioskKeys,
    store,
    network: bench?.network ?? realNetwork,
    addresses: () => JSON.stringify(networkInterfaces()),
    present: () =>
      readPresent({
        ...options.storage,
        version: VERSION,
        devices: devices.all,
        writable: store.writable,
      }),
    clock,
    random,
    log,
  });
  // What residents are told, and what is printed, goes by the time as far as it is known.
  const civil: Clock = {
    now: () => sync.now(),
    monotonic: () => clock.monotonic(),
    after: (ms, callback) => clock.after(ms, callback),
  };
  const staff = createStaffCheck(() => store.staff, civil);
  const newId = (): string => randomUUID();
  const shares = startShares({
    store,
    ask: (request) => sync.shares(request),
    online: () => sync.online,
    wake: () => sync.wake(),
    clock,
    now: () => sync.now(),
    newId,
    log,
  });
  const closing = new AbortController();
  let issuingNow: Promise<unknown> = Promise.resolve();
  let settling: Promise<void> = Promise.resolve();
  const issuing = await createIssueDeps({
    config,
    papers: options.papers,
    store,
    devices,
    sync,
    clock: civil,
    newId,
    closing: closing.signal,
    failed: (cause) => log(describeFailure(cause)),
  });

  /** Pages that a stop or a full disk left open; what cannot be settled now is tried again then. */
  const settle = (): Promise<void> =>
    settleOpenPrints(issuing, closing.signal).catch((cause: unknown) => log(describeFailure(cause)));

  const checkFace = async (frame: Uint8Array, chipPhoto: Uint8Array): Promise<Verification | null> => {
    const answer = await askAPerson.verify({ frame, chipPhoto });
    frame.fill(0);
    return answer.answer === 'match' ? { by: 'face', verifier: askAPerson.name, score: answer.score } : null;
  };

  const clips = voiceClips(join(options.folders.assets, 'voice'));
  const session = createSession({
    clock: civil,
    idleLimits: options.idleLimits,
    catalogue,
    community: config.community,
    languages: config.languages,
    camera: () => devices.camera(),
    devices,
    ports: {
      newId,
      badge: (code) => staff.badge(code),
      checkPin: (worker, pin) => staff.pin(worker, pin),
      checkFace,
      lookUp: (card) => lookUpResident(card, { sync, store }),
      issue: (input, control) => {
        const outcome = issueCertificate(issuing, input, control);
        issuingNow = outcome;
        return outcome;
      },
      report: (report) => {
        const event = eventOf(report, clock.monotonic());
        if (event === null) return;
        void store.commit({ events: [event] }).then((kept) => {
          if (!kept.ok) log(`an event could not be stored: ${kept.error}`);
          sync.wake();
        });
      },
    },
    online: () => sync.online,
    availability: (service, { card, registry }) =>
      availabilityOf(service, {
        nowMs: civil.now(),
        writable: store.writable,
        endorsedUntil: store.endorsement?.notAfter ?? null,
        numbersLeft: store.numbersLeft(),
        hasPrinter: devices.certificatePrinter !== null,
        printer: devices.certificatePrinter?.status ?? null,
        resident: card === null ? null : { registry },
      }),
    speak: createSpeaker(clips.clipFor),
  });
  const endLog = logDevices(devices.all, log);
  if (devices.lights !== null) session.onSnapshot(followWithLamps(devices.lights));
  sync.onOnline(() => session.refresh());
  store.onWritable((writable) => {
    log(writable ? 'the data folder can be written again' : 'the data folder cannot be written');
    session.refresh();
    if (writable) settling = settling.then(settle);
  });

  bench?.devices.codeScanner?.onBurst((keys) => {
    for (const { key, atMs } of keys) devices.onKey(key, atMs);
  });
  const screens = serveScreens({
    session,
    display: config.display,
    onKeys: (keys) => {
      for (const { key, at } of keys) devices.onKey(key, at);
    },
  });

  settling = settle();
  const stop = async (): Promise<void> => {
    closing.abort();
    endLog();
    await session.close();
    await devices.close();
    await Promise.all([settling, issuingNow]);
    await Promise.all([shares.close(), sync.close()]);
    await store.close();
  };
  try {
    const server = await startServer({
      port: options.port,
      screens,
      screenFolder: options.folders.screen,
      voiceFolder: join(options.folders.assets, 'voice'),
      token: Buffer.from(random(24)).toString('base64url'),
      bench: bench?.plugin ?? null,
    });
    return {
      url: server.url,
      shares,
      attach: (carrier) => screens.attach(carrier),
      close: async () => {
        await server.close();
        await stop();
      },
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}
