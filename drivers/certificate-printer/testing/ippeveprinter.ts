/**
 * Starts a printer that we have not written: `ippeveprinter` of CUPS (Debian package cups-ipp-utils), with a private
 * D-Bus, because it wants to announce itself and gives up without a bus.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, eventually, freePort, hasProgram } from './processes.ts';

export interface IppEvePrinter {
  readonly uri: string;
  /** Every printed document lies here as `<job id>.pdf`, complete as soon as it is there. */
  readonly outputDir: string;
  /** Sheets in the tray: 0 empty, 5 low, 250 full. */
  setTray(sheets: number): Promise<void>;
  /** Jams the printer while it prints a job; an idle printer jams with the next one. False clears the jam. */
  jam(on: boolean): void;
  /** Raises a reason of RFC 8011 5.4.12 while a job is printed, e.g. `cover-open-error`; null clears it. */
  fault(reason: string | null): void;
  /** Pulls the plug: the printer's process is killed, whatever it does. */
  unplug(): Promise<void>;
  /** Starts it again on the same port; it has forgotten its jobs. */
  plugIn(): Promise<void>;
  /** Ends every process and removes every file. */
  stop(): Promise<void>;
}

const PROGRAMS = ['/usr/sbin/ippeveprinter', '/usr/bin/ippeveprinter'];

const BUS_CONFIGURATION = (socket: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/>
  </policy>
</busconfig>
`;

/** Runs once per job: stops with what the flag says while it lies there, then lets the page out. */
const PRINT_COMMAND = (folder: string): string => `#!/bin/sh
for document; do :; done
if [ -e '${folder}/fault' ]; then
  read -r reason <'${folder}/fault'
  echo "STATE: +$reason" >&2
  while [ -e '${folder}/fault' ]; do sleep 0.05; done
  echo "STATE: -$reason" >&2
fi
cp "$document" '${folder}/page.part' && mv '${folder}/page.part' "${folder}/out/\${IPP_JOB_ID:-job}.pdf"
`;

/** Why it cannot be started here, or null. */
export const ippEvePrinterUnavailable = (): string | null => {
  if (process.platform !== 'linux') return 'ippeveprinter is tried on Linux only';
  if (!PROGRAMS.some((program) => existsSync(program)))
    return 'no ippeveprinter here (package cups-ipp-utils)';
  return hasProgram('dbus-daemon') ? null : 'no dbus-daemon here (package dbus)';
};

export const startIppEvePrinter = async (): Promise<IppEvePrinter | { readonly unavailable: string }> => {
  const missing = ippEvePrinterUnavailable();
  const program = PROGRAMS.find((path) => existsSync(path));
  if (missing !== null || program === undefined) return { unavailable: missing ?? 'no ippeveprinter here' };
  const folder = mkdtempSync(join(tmpdir(), 'ippeveprinter-'));
  const outputDir = join(folder, 'out');
  mkdirSync(outputDir);
  mkdirSync(join(folder, 'spool'));
  const command = join(folder, 'print');
  writeFileSync(command, PRINT_COMMAND(folder));
  chmodSync(command, 0o755);
  const bus = join(folder, 'bus');
  writeFileSync(join(folder, 'bus.conf'), BUS_CONFIGURATION(bus));

  const children: ChildProcess[] = [];
  const run = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess => {
    const child = spawn(file, args, { stdio: 'ignore', detached: true, env: { ...process.env, ...env } });
    children.push(child);
    return child;
  };
  const killAll = (): void => {
    for (const { pid, exitCode, signalCode } of children) {
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    }
  };
  process.once('exit', killAll);
  const stop = async (): Promise<void> => {
    process.off('exit', killAll);
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  run('dbus-daemon', [`--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--nosyslog']);
  if (!(await eventually(() => existsSync(bus)))) {
    await stop();
    return { unavailable: 'dbus-daemon does not start' };
  }
  const port = await freePort();
  const args = [
    '-r',
    'off',
    '-n',
    'localhost',
    '-p',
    String(port),
    '-d',
    join(folder, 'spool'),
    '-K',
    folder,
  ];
  const web = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<boolean> => {
    try {
      return (await fetch(web)).ok;
    } catch {
      return false;
    }
  };
  const commandLine = [...args, '-f', 'application/pdf', '-c', command, 'Certificates'];
  const plugIn = (): ChildProcess =>
    run(program, commandLine, { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${bus}` });
  let printer = plugIn();
  if (!(await eventually(answers))) {
    await stop();
    return { unavailable: 'ippeveprinter does not start' };
  }
  const fault = (reason: string | null): void => {
    const flag = join(folder, 'fault');
    if (reason === null) rmSync(flag, { force: true });
    else {
      writeFileSync(`${flag}.part`, `${reason}\n`);
      renameSync(`${flag}.part`, flag);
    }
  };

  return {
    uri: `ipp://127.0.0.1:${port}/ipp/print`,
    outputDir,
    async setTray(sheets) {
      // Both trays are set at once; one that is left out counts as empty. Tray 3 is for envelopes.
      const form = new URLSearchParams({
        size1: 'iso_a4_210x297mm',
        type1: 'stationery',
        level1: String(sheets),
        size3: 'na_number-10_4.125x9.5in',
        type3: 'envelope',
        level3: '25',
      });
      const response = await fetch(`${web}/media?${form}`);
      await response.arrayBuffer();
    },
    fault,
    jam: (on) => fault(on ? 'media-jam-error' : null),
    unplug: () => end(printer),
    async plugIn() {
      printer = plugIn();
      if (!(await eventually(answers))) throw new Error('ippeveprinter does not start again');
    },
    stop,
  };
};
