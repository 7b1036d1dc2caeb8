/** `npm run simulate -- --kiosks N --events N`: a report on standard output, progress on standard error. */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { MOST_EVENTS } from './kiosk.ts';
import { isGood, type Report, type SimulateOptions, simulate, type Target } from './simulate.ts';

const usage = `Usage: npm run simulate -- [--kiosks N] [--events N] [--faults PERCENT] [--concurrency N] [--seed TEXT] [--json]
         [--postgres | --database-url URL]     a backend of its own: SQLite by default, a PostgreSQL of its own, or yours
         [--url URL [--data DIR]]              a backend that runs, and the database behind it`;

/** As shells say that a program was interrupted. */
const INTERRUPTED = 130;

class UsageError extends Error {}

const options = {
  kiosks: { type: 'string', default: '100' },
  events: { type: 'string', default: '100' },
  faults: { type: 'string', default: '5' },
  concurrency: { type: 'string', default: '128' },
  seed: { type: 'string' },
  postgres: { type: 'boolean', default: false },
  'database-url': { type: 'string' },
  url: { type: 'string' },
  data: { type: 'string', default: 'data/backend' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, typed: string, most: number): number {
  const number = Number(typed);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new UsageError(`--${name} wants a number from 1 to ${most}, not "${typed}".`);
}

function targetOf(values: ReturnType<typeof parsed>): Target {
  const databaseUrl = values['database-url'];
  const { url, data, postgres } = values;
  if (postgres && (databaseUrl !== undefined || url !== undefined)) {
    throw new UsageError(
      '--postgres is a database of its own; it goes with neither --database-url nor --url.',
    );
  }
  if (url !== undefined) {
    if (!URL.canParse(url)) throw new UsageError(`--url wants an address, not "${url}".`);
    return { kind: 'running', url, databaseUrl, data };
  }
  if (postgres) return { kind: 'postgres' };
  return databaseUrl === undefined ? { kind: 'sqlite' } : { kind: 'database', databaseUrl };
}

function optionsOf(values: ReturnType<typeof parsed>): SimulateOptions {
  const percent = Number(values.faults);
  if (!(percent >= 0 && percent <= 90)) throw new UsageError('--faults wants a percentage from 0 to 90.');
  const seed = values.seed ?? randomBytes(4).toString('hex');
  if (!/^[a-z0-9]{1,16}$/.test(seed)) throw new UsageError('--seed wants up to 16 small letters and digits.');
  return {
    kiosks: whole('kiosks', values.kiosks, 10_000),
    events: whole('events', values.events, MOST_EVENTS),
    concurrency: whole('concurrency', values.concurrency, 5000),
    faults: percent / 100,
    seed,
    target: targetOf(values),
    say: (sentence) => void process.stderr.write(`simulate: ${sentence}\n`),
    onInterrupt: (end) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.once(signal, () => void end().finally(() => process.exit(INTERRUPTED)));
      }
    },
  };
}

function inWords(report: Report): string {
  const { latency } = report;
  const counts = (what: Readonly<Record<string, number>>): string =>
    Object.entries(what)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  return [
    `${report.kiosks} kiosks, ${report.events} events each, ${report.database}`,
    `drained ${report.drained}, lost ${report.lost}, doubled ${report.doubled}, chain breaks ${report.chainBreaks}, refused ${report.refused} (${counts(report.rejected)})`,
    `${report.seconds.toFixed(1)} s, ${report.eventsPerSecond} events/s (enrolment before that ${report.enrolmentSeconds.toFixed(1)} s)`,
    `requests ${report.requests}: answers lost ${report.answersLost}, sent again ${report.retries}, events answered as known ${report.replayed}, 429 ${report.tooMany}, 503 ${report.busy}, other failures ${counts(report.failures)}`,
    `request p50 ${latency.p50} ms, p95 ${latency.p95} ms, p99 ${latency.p99} ms`,
    isGood(report) ? 'none lost, none doubled' : 'NOT as it should be',
  ].join('\n');
}

async function main(): Promise<number> {
  const values = parsed(process.argv.slice(2));
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const report = await simulate(optionsOf(values));
  process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : inWords(report)}\n`);
  return isGood(report) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n${usage}\n`);
  process.exitCode = 1;
}
