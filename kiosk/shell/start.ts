// `npm start`: backend, core and shell, each started, watched and ended together.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { aptScript, canInstall, probeApt } from './apt.ts';
import { nextDelay } from './backoff.ts';
import { browserArguments, browserPreferences, findBrowser, hasDisplay, type Machine } from './browser.ts';
import { nextStep, type Probes, type Step } from './choice.ts';
import { namesBackend } from './config-peek.ts';
import {
  electronPackage,
  findElectron,
  forgetFailure,
  recallFailure,
  rememberFailure,
} from './electron-binary.ts';
import { Family, type Member, within } from './family.ts';
import { type KeepWorld, keepRunning, type Part } from './keep.ts';
import { messagesFor } from './messages.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { probePort } from './ports.ts';

const home = path.resolve(import.meta.dirname, '../..');
const say = messagesFor(process.env);
const family = new Family();
const machine: Machine = { platform: process.platform, env: process.env, exists: existsSync };
const root = process.getuid?.() === 0;

/** How a run comes to its end; the sentence is for the person at the terminal. */
interface Ending {
  readonly code: number;
  readonly sentence?: string;
}
const failed = (sentence: string): Ending => ({ code: 1, sentence });

type Shell = { kind: 'electron'; file: string } | { kind: 'browser'; file: string } | { kind: 'none' };

const tell = (line: string) => process.stderr.write(`${line}\n`);

function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+ '.*'$/, '') : String(error);
}

/** What can be known to be wrong before anything is started. */
async function checkUpFront(options: Options): Promise<Ending | undefined> {
  const ports = [
    { port: options.port, option: '--port' },
    ...(options.backend.kind === 'local' ? [{ port: options.backendPort, option: '--backend-port' }] : []),
  ];
  for (const { port, option } of ports) {
    const state = await probePort(port);
    if (state === 'taken') return failed(say.portTaken(port, option));
    if (state === 'refused') return failed(say.portRefused(port, option));
  }
  try {
    mkdirSync(options.data, { recursive: true, mode: 0o700 });
    accessSync(options.data, constants.W_OK);
  } catch (error) {
    return failed(say.dataUnwritable(options.data, reason(error)));
  }
  return undefined;
}

/** Runs a program to its end with its output shown; true when it went well. */
async function runThrough(name: string, command: string, args: readonly string[]): Promise<boolean> {
  return (await family.start(name, command, args, { ours: false }).ended).code === 0;
}

/** Runs a program quietly with dots for the time that passes; undefined when it went well, else its last words. */
async function runQuietly(
  name: string,
  args: readonly string[],
  limitMs: number,
  env = {},
): Promise<string | undefined> {
  const [command = '', ...rest] = args;
  let said = '';
  const quiet = (text: string) => {
    said = (said + text).slice(-4096);
  };
  const tick = setInterval(() => process.stderr.write('.'), 2000);
  const member = family.start(name, command, rest, { quiet, env });
  const ended = await within(limitMs, member.ended);
  clearInterval(tick);
  if (ended === undefined) return 'it took too long';
  if (ended.code === 0) return undefined;
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return inPlainWords(lines[0]?.trim() ?? ended.how);
}

/** What a download says when there is no network. */
const inPlainWords = (said: string): string =>
  /fetch failed|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.test(said) ? 'it could not be downloaded' : said;

async function fetchElectron(options: Options): Promise<Probes['electron']> {
  const here = electronPackage();
  if (here === undefined) return { state: 'absent', why: 'its package is not installed' };
  const note = path.join(options.data, 'electron-failure.json');
  let file = findElectron(here.folder, process.env, existsSync);
  let why: string | undefined;
  if (file === undefined) {
    process.stderr.write(say.fetchingElectron());
    const install = [process.execPath, path.join(here.folder, 'install.js')];
    why = await runQuietly('electron', install, 180_000);
    process.stderr.write('\n');
    file = findElectron(here.folder, process.env, existsSync);
  }
  if (file !== undefined) {
    // Its libraries may be missing: a binary that cannot even say its version opens no window.
    const args = [file, '-p', 'process.versions.electron'];
    why = await runQuietly('electron', args, 20_000, { ELECTRON_RUN_AS_NODE: '1' });
    if (why === undefined) {
      forgetFailure(note);
      return { state: 'here', file };
    }
  }
  rememberFailure(note, here.version, Date.now(), why ?? 'it cannot be fetched');
  return { state: 'absent', why: why ?? 'it cannot be fetched' };
}

function probe(options: Options): Probes {
  const here = electronPackage();
  const recalled =
    here === undefined || options.shell === 'electron'
      ? undefined
      : recallFailure(path.join(options.data, 'electron-failure.json'), here.version, Date.now());
  const browser = findBrowser(machine);
  return {
    headless: options.headless,
    asked: options.shell,
    display: hasDisplay(machine),
    electron: recalled === undefined ? { state: 'maybe' } : { state: 'absent', why: recalled },
    browser:
      browser !== undefined
        ? { state: 'here', file: browser }
        : { state: canInstall(probeApt()) ? 'maybe' : 'absent' },
  };
}

async function chooseShell(options: Options): Promise<Shell | Ending> {
  let probes = probe(options);
  for (;;) {
    const step: Step = nextStep(probes);
    switch (step.do) {
      case 'nothing':
        return { kind: 'none' };
      case 'use-electron':
        return { kind: 'electron', file: step.file };
      case 'use-browser':
        if (step.insteadOfElectron !== undefined) tell(say.noElectron(step.insteadOfElectron));
        return { kind: 'browser', file: step.file };
      case 'fetch-electron':
        probes = { ...probes, electron: await fetchElectron(options) };
        break;
      case 'install-browser': {
        tell(say.installingBrowser());
        await runThrough('apt-get', 'sh', ['-c', aptScript(['chromium'])]);
        const file = findBrowser(machine);
        probes = { ...probes, browser: file === undefined ? { state: 'absent' } : { state: 'here', file } };
        break;
      }
      case 'print-address':
        tell(step.because === 'no-display' ? say.noDisplay() : say.noBrowser());
        return { kind: 'none' };
      case 'give-up':
        if (step.because === 'no-display') return failed(say.noDisplayForShell());
        if (step.because === 'no-browser') return failed(say.browserNotFound());
        return failed(say.electronNotFound(step.why));
    }
  }
}

/** Waits until a program of ours is ready. One that ends with code 1 has said why itself. */
async function awaitReady(member: Member, seconds: number): Promise<string | Ending> {
  const first = await within(seconds * 1000, Promise.race([member.ready, member.ended]));
  if (first === undefined) return failed(say.neverReady(member.name, seconds));
  if (typeof first === 'string') return first;
  return first.code === 1 ? { code: 1 } : failed(say.ended(member.name, first.how));
}

const keepWorld: KeepWorld = {
  now: () => performance.now(),
  wait: (ms) => sleep(ms),
  closed: () => family.closed,
  tell,
  say,
};

/** Starts a part and keeps it: its address once it is ready, or how all ends because it never was. */
async function begin(part: Part, given: (ending: Ending) => void): Promise<string | Ending> {
  const member = part.start();
  const address = await awaitReady(member, part.readySeconds);
  if (typeof address !== 'string') return address;
  void keepRunning(part, member, keepWorld).then((sentence) => {
    if (sentence !== undefined) given(failed(sentence));
  });
  return address;
}

/** A browser profile without a past, and with what no command-line option can say. */
function freshProfile(profile: string): void {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  mkdirSync(path.join(profile, 'Default'), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(profile, 'Default', 'Preferences'), JSON.stringify(browserPreferences));
}

/** Keeps the browser running for as long as we do. */
async function superviseBrowser(file: string, address: string, profile: string): Promise<void> {
  let delay: number | undefined;
  for (;;) {
    freshProfile(profile);
    const startedAt = Date.now();
    // What a browser says on its standard error is for its own developers.
    const options = { ours: false, quiet: () => {} };
    await family.start('browser', file, browserArguments({ address, profile, root }), options).ended;
    if (family.closed) return;
    delay = nextDelay(delay, Date.now() - startedAt);
    tell(say.browserEnded(delay));
    await sleep(delay * 1000);
  }
}

async function run(options: Options): Promise<Ending> {
  let config: string | undefined;
  try {
    config = options.config === undefined ? undefined : readFileSync(options.config, 'utf8');
  } catch (error) {
    return failed(say.configUnreadable(options.config ?? '', reason(error)));
  }
  const wrong = await checkUpFront(options);
  if (wrong !== undefined) return wrong;

  const shell = await chooseShell(options);
  if ('code' in shell) return shell;
  const builds = ['screen', 'bench', ...(shell.kind === 'electron' ? ['electron'] : [])];
  if (!(await runThrough('build', process.execPath, [path.join(home, 'tools/build.ts'), ...builds]))) {
    return failed(say.buildFailed());
  }

  const givenUp = Promise.withResolvers<Ending>();
  const inTheField = config !== undefined && namesBackend(config);
  const core = ['--data', path.join(options.data, 'kiosk'), '--port', String(options.port)];
  // Whatever the configuration does not name is simulated, so that one real device can be tried alone; but a kiosk in
  // the field must not pretend to have what it lacks.
  if (!inTheField) core.push('--bench');
  if (options.config !== undefined) core.push('--config', options.config);
  if (options.backend.kind === 'remote') core.push('--backend', options.backend.url);
  if (options.backend.kind === 'none') core.push('--backend', 'none');
  let backend: string | undefined;
  // A configuration that names its backend is taken at its word: none is started here.
  if (options.backend.kind === 'local' && !inTheField) {
    const folder = path.join(options.data, 'backend');
    const args = ['kiosk-backend/main.ts', '--data', folder, '--port', String(options.backendPort)];
    const [entry = '', ...rest] = args;
    const ready = /^ready backend (\S+)$/;
    const start = () =>
      family.start('backend', process.execPath, [path.join(home, entry), ...rest], { ready });
    const address = await begin({ name: 'backend', readySeconds: 60, start }, givenUp.resolve);
    if (typeof address !== 'string') return address;
    backend = address.replace(/\/$/, '');
    core.push('--backend', backend);
  }

  const ready = /^ready kiosk (\S+)$/;
  const [program, ...args] =
    shell.kind === 'electron'
      ? [shell.file, path.join(home, 'kiosk/dist/electron/main.js'), ...(root ? ['--no-sandbox'] : [])]
      : [process.execPath, path.join(home, 'kiosk/core/main.ts')];
  const start = () => family.start('kiosk', program, [...args, ...core], { ready });
  const address = await begin({ name: 'kiosk', readySeconds: 120, start }, givenUp.resolve);
  if (typeof address !== 'string') return address;
  if (shell.kind === 'none') tell(say.openAddress(address));
  if (!inTheField) tell(say.otherAddresses(new URL('bench', address).href, backend));
  if (shell.kind === 'browser') {
    void superviseBrowser(shell.file, address, path.join(options.data, 'browser'));
  }
  return givenUp.promise;
}

/** Resolves when someone asks us to end: Ctrl+C, a signal, or the end of the process that started us. */
function askedToEnd(): Promise<Ending> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve({ code: 0 }));
    if (process.channel !== undefined) process.on('disconnect', () => resolve({ code: 0 }));
  });
}

const parsed = parseOptions(process.argv.slice(2), say);
if (parsed.kind === 'help') {
  console.log(usage);
} else if (parsed.kind === 'problem') {
  tell(parsed.sentence);
  process.exitCode = 1;
} else {
  const { options } = parsed;
  const stop = askedToEnd();
  const absolute = { ...options, data: path.resolve(options.data) };
  if (options.config !== undefined) Object.assign(absolute, { config: path.resolve(options.config) });
  const first = await Promise.race([run(absolute), stop]);
  // A child that heard the same Ctrl+C (Windows) may be seen to end before we are: that is no failure.
  const ending = first.code === 0 ? first : ((await within(200, stop)) ?? first);
  if (ending.sentence !== undefined) tell(ending.sentence);
  await family.end(3000);
  process.exit(ending.code);
}
