/** Starts a private CUPS (Debian packages cups, cups-client) with one queue in front of a printer. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { end, eventually, freePort, hasProgram, terminate } from './processes.ts';

export interface Cups {
  /** The queue. */
  readonly uri: string;
  /** Kills the scheduler, whatever it does. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the jobs that it had. */
  restart(): Promise<void>;
  /** Ends every process and removes every file. */
  stop(): Promise<void>;
}

const CUPSD = '/usr/sbin/cupsd';
const LPADMIN = '/usr/sbin/lpadmin';
const QUEUE = 'certificates';

/** Why it cannot be started here, or null. */
export const cupsUnavailable = (): string | null => {
  if (process.platform !== 'linux') return 'CUPS is tried on Linux only';
  if (!existsSync(CUPSD)) return 'no cupsd here (package cups)';
  if (!existsSync(LPADMIN) && !hasProgram('lpadmin')) return 'no lpadmin here (package cups-client)';
  return process.getuid?.() === 0 ? null : 'a private cupsd is started by root only';
};

const FILES = (folder: string): string => `ServerRoot ${folder}
CacheDir ${folder}/cache
StateDir ${folder}/state
RequestRoot ${folder}/spool
TempDir ${folder}/spool/tmp
AccessLog ${folder}/access_log
ErrorLog ${folder}/error_log
PageLog ${folder}/page_log
User lp
Group lp
SystemGroup root
`;

const CONFIGURATION = (port: number): string => `Listen 127.0.0.1:${port}
Browsing Off
DefaultAuthType None
WebInterface No
PreserveJobHistory Yes
PreserveJobFiles No
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
`;

export const startCups = async (printerUri: string): Promise<Cups> => {
  const folder = mkdtempSync(join(tmpdir(), 'cups-'));
  chmodSync(folder, 0o755);
  for (const name of ['cache', 'state', 'spool', 'spool/tmp']) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), 0o777);
  }
  const port = await freePort();
  const configuration = join(folder, 'cupsd.conf');
  const files = join(folder, 'cups-files.conf');
  writeFileSync(configuration, CONFIGURATION(port));
  writeFileSync(files, FILES(folder));
  chmodSync(files, 0o600);

  const answers = async (): Promise<boolean> => {
    try {
      return (await fetch(`http://127.0.0.1:${port}/`)).status > 0;
    } catch {
      return false;
    }
  };
  let scheduler: ChildProcess | null = null;
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(CUPSD, ['-f', '-c', configuration, '-s', files], { stdio: 'ignore', detached: true });
    scheduler = child;
    if (!(await eventually(answers))) throw new Error('cupsd does not start');
    return child;
  };
  const restart = async (): Promise<void> => {
    await start();
  };
  const kill = async (): Promise<void> => {
    if (scheduler) await end(scheduler);
  };
  const killAtExit = (): void => {
    if (scheduler?.pid !== undefined && scheduler.exitCode === null && scheduler.signalCode === null) {
      process.kill(-scheduler.pid, 'SIGKILL');
    }
  };
  process.once('exit', killAtExit);
  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    await kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    const running = await start();
    await promisify(execFile)(LPADMIN, ['-p', QUEUE, '-E', '-v', printerUri, '-m', 'everywhere'], {
      env: { ...process.env, CUPS_SERVER: `127.0.0.1:${port}` },
    });
    // The scheduler asks the printer in the background; a queue that is ended before is a raw one for ever.
    if (!(await eventually(async () => existsSync(join(folder, 'ppd', `${QUEUE}.ppd`)))))
      throw new Error('cupsd makes no description of the printer');
    // Ended politely it writes its queue down; jobs it writes down half a minute after they have changed.
    await terminate(running);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { uri: `ipp://127.0.0.1:${port}/printers/${QUEUE}`, kill, restart, stop };
};
