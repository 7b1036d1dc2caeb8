// `npm run build [-- screen|bench|electron ...]`: makes what the kiosk serves and what Electron runs, in kiosk/dist.
// What has not changed since the last time is left alone.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { InlineConfig } from 'vite';
import { fingerprint } from './fingerprint.ts';

const root = path.resolve(import.meta.dirname, '..');

export const targetNames = ['screen', 'bench', 'electron'] as const;
export type TargetName = (typeof targetNames)[number];

interface Target {
  /** What the result depends on besides the packages: files and folders, relative to the root. */
  readonly inputs: readonly string[];
  /** One Vite build each, in this order. */
  readonly builds: readonly InlineConfig[];
  /** Files that programs read beside themselves, relative to the root. */
  readonly beside?: readonly string[];
}

/** A page: built as its own vite.config.ts says. */
function page(folder: string, inputs: readonly string[]): Target {
  const config = { root: path.join(root, folder), configFile: path.join(root, folder, 'vite.config.ts') };
  return { inputs, builds: [config] };
}

/** A program: one file with our code in it; packages stay outside, where they find their own files. */
function program(entry: string, file: string): InlineConfig {
  return {
    root,
    configFile: false,
    publicDir: false,
    ssr: { external: ['electron'], target: 'node' },
    build: {
      ssr: true,
      target: 'node24',
      outDir: path.join(root, 'kiosk/dist/electron'),
      emptyOutDir: false,
      rolldownOptions: {
        input: path.join(root, entry),
        output: {
          format: file.endsWith('.cjs') ? 'cjs' : 'es',
          entryFileNames: file,
          codeSplitting: false,
        },
      },
    },
  };
}

/** Warnings are shown; advice on how fast a plugin is, is not. */
const quiet: InlineConfig = {
  logLevel: 'warn',
  build: { rolldownOptions: { checks: { pluginTimings: false } } },
};

const targets: Record<TargetName, Target> = {
  screen: page('kiosk/screen', ['kiosk/screen', 'kiosk/bridge', 'assets']),
  bench: page('kiosk/bench/page', ['kiosk/bench', 'kiosk/bridge', 'kiosk/screen', 'drivers', 'assets']),
  electron: {
    inputs: [
      'kiosk/shell',
      'kiosk/core',
      'kiosk/bench',
      'kiosk/bridge',
      'drivers',
      'kiosk-backend/contract',
      'assets/texts',
    ],
    builds: [
      program('kiosk/shell/electron/main.ts', 'main.js'),
      program('kiosk/shell/electron/preload.ts', 'preload.cjs'),
      program('kiosk/core/main.ts', 'core.js'),
      program('drivers/transport/host/port-host.ts', 'port-host.js'),
    ],
    beside: ['drivers/certificate-printer/windows-spooler/spooler.ps1'],
  },
};

export interface BuildOptions {
  readonly names: readonly TargetName[];
  /** Told before each build that is really made. */
  readonly onProgress: (line: string) => void;
}

/** Builds what is missing or out of date; a failing build throws Vite's own error. */
export async function buildAll({ names, onProgress }: BuildOptions): Promise<void> {
  const dist = path.join(root, 'kiosk/dist');
  mkdirSync(dist, { recursive: true });
  for (const name of names) {
    const { inputs, builds, beside = [] } = targets[name];
    const stamp = path.join(dist, `.stamp-${name}`);
    const now = fingerprint(root, [...inputs, 'package-lock.json', 'tools/build.ts']);
    if (read(stamp) === now) continue;
    onProgress(`Building the ${name} …`);
    rmSync(stamp, { force: true });
    const { build, mergeConfig } = await import('vite');
    for (const config of builds) await build(mergeConfig(config, quiet));
    for (const file of beside)
      copyFileSync(path.join(root, file), path.join(dist, name, path.basename(file)));
    writeFileSync(stamp, now);
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isTarget(name: string): name is TargetName {
  return targetNames.some((known) => known === name);
}

if (import.meta.main) {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !isTarget(name));
  if (unknown !== undefined) {
    console.error(`There is no build named ${unknown}; there are ${targetNames.join(', ')}.`);
    process.exit(1);
  }
  const names = asked.length === 0 ? targetNames : asked.filter(isTarget);
  await buildAll({ names, onProgress: (line) => console.error(line) });
}
