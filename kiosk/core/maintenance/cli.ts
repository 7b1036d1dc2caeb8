// `npm run kiosk -- <status|export|acknowledge|put-back|rotate-key>`: for a technician, while the kiosk is stopped.
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Store } from '../store/index.ts';

const USAGE = `Usage: npm run kiosk -- status
       npm run kiosk -- export --to DIR
       npm run kiosk -- acknowledge FILE
       npm run kiosk -- put-back
       npm run kiosk -- rotate-key
Each also takes --data DIR and --config FILE, and wants the kiosk to be stopped.`;

/** Said to the person at the terminal instead of a stack trace. */
class Refusal extends Error {}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
/** Loaded when a command runs, so that a wrong word is answered at once. */
const kiosk = () =>
  Promise.all([
    import('@huimin/drivers'),
    import('../config/index.ts'),
    import('../keys.ts'),
    import('../store/index.ts'),
    import('../yaml/index.ts'),
  ]);

const options = {
  config: { type: 'string' },
  data: { type: 'string', default: 'data/kiosk' },
  to: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

interface Call {
  readonly store: Store;
  readonly data: string;
}

async function withStore(
  { data, config: file }: { readonly data: string; readonly config?: string | undefined },
  use: (call: Call) => Promise<void>,
): Promise<void> {
  const [
    { systemClock },
    { readConfig },
    { createKioskKeys },
    { bestKeyHolder, openStore },
    { describeProblem },
  ] = await kiosk();
  const config = readConfig(file ?? null, { bench: false });
  if (!config.ok) throw new Refusal(config.problems.map(describeProblem).join('\n'));
  const folder = resolve(data);
  // A folder in which no kiosk ever ran is no place to make a new one.
  if (!existsSync(join(folder, 'lock')))
    throw new Refusal(`There are no data of a kiosk in ${folder}; name their folder with --data.`);
  const opened = await openStore({
    folder,
    kiosk: config.value.kiosk,
    // A key that a desktop's keyring guards opens in the kiosk only; the holder says so.
    keyHolder: bestKeyHolder({
      folder,
      random,
      credentials: process.env.CREDENTIALS_DIRECTORY,
      keyring: async () => null,
    }),
    clock: systemClock,
    random,
    createKeys: createKioskKeys,
    onDamage: note,
  });
  if (!opened.ok)
    throw new Refusal(`${folder} cannot be used: ${opened.error}. Stop the kiosk first if it runs.`);
  try {
    await use({ store: opened.value, data: folder });
  } finally {
    await opened.value.close();
  }
}

async function status({ store }: Call): Promise<void> {
  const { waiting, rejected } = store.counts();
  const since = store.oldestUnsent()?.at;
  say(`${waiting} waiting${since === undefined ? '' : `, the oldest since ${since} by the kiosk's clock`}`);
  say(`${rejected} refused by the backend`);
  for (const { event, reason } of await store.refused(20))
    say(`  number ${event.sequence}, ${event.body.kind}, of ${event.deviceTime}: ${reason}`);
  const { endorsement } = store;
  say(
    endorsement === null
      ? 'not enrolled'
      : `enrolled as ${endorsement.kiosk}, endorsed until ${endorsement.notAfter}`,
  );
}

async function carry({ store, data }: Call, to: string): Promise<void> {
  const { exportUnsent } = await import('./export.ts');
  const exported = await exportUnsent({ store, folder: to, clock: { now: Date.now }, random });
  if (!exported.ok)
    throw new Refusal(`Nothing was written: ${exported.error}. Nothing is lost: the kiosk keeps it.`);
  if (exported.value === null) return say('Nothing waits to be carried.');
  const { path, count, first, last } = exported.value;
  say(
    `${count} events (numbers ${first} to ${last}) are in ${path}; the kiosk keeps them until they are answered.`,
  );
  if (statSync(to).dev === statSync(data).dev)
    note(`${to} is on the same disk as the kiosk: is the stick there?`);
}

async function take({ store }: Call, path: string): Promise<void> {
  const { acknowledge } = await import('./acknowledge.ts');
  const answers = await acknowledge({ store, path });
  if (!answers.ok) throw new Refusal(`${answers.error}.`);
  const { taken, rejected } = answers.value;
  say(
    `${taken} events were taken in by the backend, ${rejected} refused; ${store.counts().waiting} still wait.`,
  );
}

/** What the backend refused is tried again, once what it minded was put right. */
async function putBack({ store }: Call): Promise<void> {
  const refused = await store.refused(store.counts().rejected);
  for (const { event } of refused) {
    const kept = await store.putBack(event.id);
    if (!kept.ok) throw new Refusal(`${kept.error}.`);
  }
  say(`${refused.length} refused events wait to be sent again.`);
}

async function rotateKey({ store }: Call): Promise<void> {
  const rotated = await store.rotateKey();
  if (!rotated.ok) throw new Refusal(`The key was not changed: ${rotated.error}.`);
  say('Everything is sealed with a new key; the old one is destroyed.');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [word, ...rest] = positionals;
  if (values.help) return say(USAGE);
  switch (word) {
    case 'status':
      return withStore(values, status);
    case 'export': {
      const { to } = values;
      if (to === undefined) throw new Refusal('export wants --to DIR: where the stick is.');
      return withStore(values, (call) => carry(call, to));
    }
    case 'acknowledge': {
      const [path] = rest;
      if (path === undefined)
        throw new Refusal('acknowledge wants the file that the backend wrote (….ack.hmx).');
      return withStore(values, (call) => take(call, path));
    }
    case 'put-back':
      return withStore(values, putBack);
    case 'rotate-key':
      return withStore(values, rotateKey);
    default:
      throw new Refusal(word === undefined ? USAGE : `There is no command "${word}".\n${USAGE}`);
  }
}

await main().catch((cause: unknown) => {
  const isForPeople =
    cause instanceof Refusal ||
    (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('ERR_PARSE_ARGS'));
  if (!isForPeople) throw cause;
  note(cause.message);
  process.exitCode = 1;
});
