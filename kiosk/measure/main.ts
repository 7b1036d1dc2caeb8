/** `npm run bench [-- --only NAME]`: one JSON document on standard output, progress on standard error. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { home } from '../e2e/process.ts';
import { measureCardRead } from './card-read.ts';
import { measureCertificate, measureReceipt } from './certificate.ts';
import { measureIngest } from './ingest.ts';
import { measureJournal } from './journal.ts';
import { measureJourney } from './journey.ts';
import { measurePrinting } from './printing.ts';
import type { Room } from './room.ts';

const say = (sentence: string): void => void process.stderr.write(`bench: ${sentence}\n`);
/** Where the kiosk keeps its own data by default: the disk that counts. */
const place = join(home, 'data');

/** What has to end, and to be waited for, when somebody interrupts. */
const ends: (() => Promise<void>)[] = [];
let interrupted = false;

async function interrupt(): Promise<void> {
  if (interrupted) return;
  interrupted = true;
  await Promise.allSettled(ends.map((end) => end()));
  process.exit(130);
}

/** In this order: what depends on exact timers comes while nothing else of ours runs. */
const measures: Readonly<Record<string, (room: Room) => Promise<object>>> = {
  card: measureCardRead,
  certificate: measureCertificate,
  receipt: measureReceipt,
  print: measurePrinting,
  journal: ({ folder }) => measureJournal(folder),
  ingest: measureIngest,
  journey: measureJourney,
};
const names = Object.keys(measures);

const load = (): number[] => loadavg().map((value) => Math.round(value * 100) / 100);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const chosen = values.only ?? names;
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    say(`there is no measurement "${unknown}"; there are ${names.join(', ')}`);
    return 1;
  }
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, 'measure-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const loadBefore = load();
  const figures: Record<string, object> = {};
  for (const name of names.filter((each) => chosen.includes(each))) {
    say(`${name} …`);
    const measure = measures[name];
    if (measure !== undefined)
      figures[name] = await measure({ folder, say, onInterrupt: (end) => ends.push(end) });
  }
  const machine = {
    at: new Date().toISOString(),
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    node: process.version,
    /** Of the last 1, 5 and 15 minutes: figures of a busy machine say less. */
    load: { before: loadBefore, after: load() },
  };
  process.stdout.write(`${JSON.stringify({ machine, figures }, null, 2)}\n`);
  return 0;
}

const isUsage = (cause: unknown): cause is Error =>
  cause instanceof Error && 'code' in cause && String(cause.code).startsWith('ERR_PARSE_ARGS');

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void interrupt());
try {
  process.exitCode = await main();
} catch (cause) {
  // A measurement whose parts were taken away fails; `interrupt` ends the process.
  if (interrupted) await new Promise(() => undefined);
  if (!isUsage(cause)) throw cause;
  say(cause.message);
  process.exitCode = 1;
}
