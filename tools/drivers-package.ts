// `npm run package:drivers`: the drivers as a package that any Node can install. Node runs no TypeScript inside
// node_modules, so it holds JavaScript with declarations. Built in drivers/dist, packed into dist/packages.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Neither shipped nor looked into. */
const leftOut = new Set(['node_modules', 'dist', 'testing', 'virtual-machine', 'recordings']);
/** Made anew, or of no use to whoever installs it; declarations are written by hand where a package has none. */
const notCopied = /(?<!\.d)\.ts$|^package\.json$|^tsconfig.*\.json$/;

/** Files that the compiler does not make, relative to `folder`: data, scripts, documents, examples. */
function* dataFiles(folder: string, where = ''): Generator<string> {
  for (const entry of readdirSync(path.join(folder, where), { withFileTypes: true })) {
    const name = path.join(where, entry.name);
    if (entry.isDirectory()) {
      if (!leftOut.has(entry.name)) yield* dataFiles(folder, name);
    } else if (!notCopied.test(entry.name)) yield name;
  }
}

const javascript = (file: string): string => file.replace(/\.ts$/, '.js');

/** What package.json says to those who install it: the same as in the workspace, its entries compiled. */
function published(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = manifest.exports as Readonly<Record<string, string>>;
  const bin = manifest.bin as Readonly<Record<string, string>>;
  const compiled = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).map(([name, file]) => [name, javascript(file)]));
  return { ...manifest, exports: compiled(entries), bin: compiled(bin) };
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? ''}${stdout}${stderr}`);
  return stdout;
}

/** Lets the declarations beside a hand-written one find it: whoever installs the package does not compile its sources. */
function refer(declaration: string): void {
  const folder = path.dirname(declaration);
  const name = path.basename(declaration);
  for (const beside of readdirSync(folder)) {
    if (!beside.endsWith('.d.ts') || beside === name) continue;
    const file = path.join(folder, beside);
    writeFileSync(file, `/// <reference path="./${name}" />\n${readFileSync(file, 'utf8')}`);
  }
}

/** Builds the package's folder anew. `root` is the repository. */
export function buildDrivers(root: string, outDir: string): void {
  const source = path.join(root, 'drivers');
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', 'tsconfig.package.json', '--outDir', outDir], source);
  for (const file of dataFiles(source)) {
    mkdirSync(path.dirname(path.join(outDir, file)), { recursive: true });
    copyFileSync(path.join(source, file), path.join(outDir, file));
    if (file.endsWith('.d.ts')) refer(path.join(outDir, file));
  }
  copyFileSync(path.join(root, 'LICENSE'), path.join(outDir, 'LICENSE'));
  const manifest: unknown = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8'));
  const written = published(manifest as Record<string, unknown>);
  writeFileSync(path.join(outDir, 'package.json'), `${JSON.stringify(written, null, 2)}\n`);
}

/** Packs a built folder; gives the path of the archive. */
export function packDrivers(outDir: string, destination: string): string {
  mkdirSync(destination, { recursive: true });
  const npm = process.env.npm_execpath;
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
  const said =
    npm !== undefined && /\.c?js$/.test(npm)
      ? run(process.execPath, [npm, ...args], outDir)
      : run('npm', args, outDir);
  const [packed] = JSON.parse(said) as readonly { readonly filename: string }[];
  if (packed === undefined) throw new Error(`npm packed nothing: ${said}`);
  return path.join(destination, packed.filename);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = path.resolve(import.meta.dirname, '..');
  const outDir = path.join(root, 'drivers', 'dist');
  buildDrivers(root, outDir);
  process.stdout.write(`${packDrivers(outDir, path.join(root, 'dist', 'packages'))}\n`);
}
