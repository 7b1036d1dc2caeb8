// The program of the guest: runs one check after the other and reports each as a line of JSON.
import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { runCheck, toldInFull } from './check.ts';
import { checks } from './checks.ts';
import { type GuestReport, REPORT_PORT } from './report.ts';

const PORTS = '/sys/class/virtio-ports';

/** The kernel numbers ports as it likes; the name is ours. */
function openReportPort(): number {
  const port = readdirSync(PORTS).find(
    (name) => readFileSync(`${PORTS}/${name}/name`, 'utf8').trim() === REPORT_PORT,
  );
  if (port === undefined) throw new Error('this machine has no port to report by');
  return openSync(`/dev/${port}`, 'w');
}

const file = openReportPort();
const report = (message: GuestReport): void => void writeSync(file, `${JSON.stringify(message)}\n`);

process.on('uncaughtException', (error) => report({ kind: 'trouble', text: toldInFull(error) }));

report({ kind: 'up', seconds: Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) });
// By their places in the list; all of them unless told.
const wanted = process.argv.slice(2).map(Number);
const chosen = wanted.length === 0 ? checks : checks.filter((_, place) => wanted.includes(place));
for (const check of chosen) report({ kind: 'result', result: await runCheck(check) });
report({ kind: 'end' });
