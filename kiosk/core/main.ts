import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { electronPortHosts, type ParentPort, systemClock } from '@huimin/drivers';
import { createBench, readPeople } from '../bench/index.ts';
import { adviceOn, deviceNames, problemWithAddress, readConfig, simulatedIn } from './config/index.ts';
import { describeFailure } from './failure.ts';
import { loadPapers } from './issuing.ts';
import { electronKeyring } from './keyring.ts';
import { createKioskKeys } from './keys.ts';
import { type Kiosk, startKiosk } from './kiosk.ts';
import { portCarrier } from './server/index.ts';
import { loadCatalogue } from './services/index.ts';
import { idleLimits } from './session/index.ts';
import { bestKeyHolder, openStore } from './store/index.ts';
import { describeProblem } from './yaml/index.ts';

/** Something a person can put right: said in words, without a stack. */
class Refusal extends Error {}

const log = (sentence: string): void => void process.stderr.write(`kiosk: ${sentence}\n`);

async function start(): Promise<{ kiosk: Kiosk; close(): Promise<void> }> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      data: { type: 'string', default: 'data/kiosk' },
      backend: { type: 'string' },
      port: { type: 'string', default: '8701' },
      /** Devices that the configuration does not name are simulated. */
      bench: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Refusal(`'${values.port}' is no port`);
  const config = readConfig(values.config ?? null, { bench: values.bench });
  if (!config.ok) throw new Refusal(config.problems.map(describeProblem).join('\n'));
  const assets = process.env.HUIMIN_ASSETS ?? resolve(import.meta.dirname, '../../assets');
  const dist = process.env.HUIMIN_DIST ?? resolve(import.meta.dirname, '../dist');

  const screen = join(dist, 'screen');
  if (!existsSync(join(screen, 'index.html')))
    throw new Refusal(`the screen is not built in ${screen}: npm run build`);

  const loaded = loadCatalogue(join(assets, 'services'));
  const { catalogue, papers, problems } = loadPapers(loaded.catalogue);
  for (const problem of [...loaded.problems, ...problems]) log(`left out: ${describeProblem(problem)}`);
  const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
  const folder = resolve(values.data);
  const keyHolder = bestKeyHolder({
    folder,
    random,
    credentials: process.env.CREDENTIALS_DIRECTORY,
    keyring: async () => (parentPort === undefined ? null : electronKeyring(parentPort, systemClock)),
  });
  const store = await openStore({
    folder,
    kiosk: config.value.kiosk,
    keyHolder,
    clock: systemClock,
    random,
    createKeys: createKioskKeys,
    onDamage: log,
    onNotice: log,
  });
  if (!store.ok) throw new Refusal(store.error);

  const simulated = simulatedIn(config.value);
  const bench = deviceNames.some((name) => simulated[name])
    ? await createBench({
        people: await readPeople(join(assets, 'demo/people.yaml')).catch((cause: unknown) => {
          throw new Refusal(cause instanceof Error ? cause.message : String(cause));
        }),
        simulated,
        clock: systemClock,
        page: join(dist, 'bench'),
      })
    : null;
  const standIns = deviceNames.filter((name) => simulated[name]);
  if (values.config !== undefined && standIns.length > 0)
    log(`simulated on the bench: ${standIns.join(', ')}`);
  const { url, authority } = config.value.backend;
  const backendUrl = values.backend === 'none' ? null : (values.backend ?? url ?? null);
  const problem = backendUrl === null ? null : problemWithAddress(backendUrl, authority !== undefined);
  if (problem !== null) throw new Refusal(`--backend ${backendUrl}: ${adviceOn[problem]}`);
  const kiosk = await startKiosk({
    config: config.value,
    catalogue,
    papers,
    store: store.value,
    storage: { folder, keyHolder: keyHolder.name },
    backendUrl,
    port,
    bench,
    startPortHost: parentPort && electronPortHosts(parentPort),
    clock: systemClock,
    idleLimits,
    folders: { screen, assets },
    log,
  }).catch(async (cause: unknown) => {
    await bench?.close();
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw new Refusal(`port ${values.port} is taken by another program`);
    throw cause;
  });
  return {
    kiosk,
    close: async () => {
      await kiosk.close();
      await bench?.close();
    },
  };
}

/** Electron's utility process: it hands a port over for each window, and for each process that holds a device's port. */
const { parentPort } = process as unknown as { parentPort?: ParentPort };

const isScreen = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'type' in data && data.type === 'screen';

// What nobody foresaw ends the core, which its shell starts again; messages may quote people, so only places are told.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (cause: unknown) => {
    log(describeFailure(cause));
    process.exit(70);
  });

try {
  const { kiosk, close } = await start();
  parentPort?.on('message', ({ data, ports: [port] }) => {
    if (port !== undefined && isScreen(data)) kiosk.attach(portCarrier(port));
  });
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    close().then(
      () => process.exit(0),
      (cause: unknown) => {
        log(describeFailure(cause));
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  // Whoever started this process is gone: a core without its shell must not hold the devices.
  process.on('disconnect', end);
  process.stdout.write(`ready kiosk ${kiosk.url}\n`);
} catch (cause) {
  const isForPeople =
    cause instanceof Refusal ||
    (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('ERR_PARSE_ARGS'));
  if (!isForPeople) throw cause;
  process.stderr.write(`${cause.message}\n`);
  process.exit(1);
}
