// The arrows of DESIGN.md as data: which folder may import which, and who touches Node.
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { parseSync } from 'oxc-parser';

interface Room {
  /** The folder, relative to the root; the longest one that holds a file is its room. */
  readonly folder: string;
  /** Folders whose rooms it may import, through their index.ts; its own room is always open to it. */
  readonly mayImport: readonly string[];
  /** False for what runs in a page or on both sides. */
  readonly node: boolean;
  /** npm packages it may import; absent where any declared one will do. */
  readonly packages?: readonly RegExp[];
}

const pagePackages = [/^react(-dom|-aria-components|-aria|-stately)?$/, /^zustand$/, /^zod$/, /^@fontsource/];
const room = (folder: string, mayImport: readonly string[] = [], more: Partial<Room> = {}): Room => ({
  folder,
  mayImport,
  node: true,
  ...more,
});

/**
 * screen -> bridge <- core -> drivers; core -> contract <- backend. The contract is the vocabulary of events, residents
 * and statements besides the wire, so all of core may use it; nobody else of the kiosk does.
 */
export const rooms: readonly Room[] = [
  room('drivers'),
  room('kiosk/bridge', [], { node: false, packages: [/^zod$/] }),
  room('kiosk/screen', ['kiosk/bridge'], { node: false, packages: pagePackages }),
  room('kiosk/core', ['kiosk/bridge', 'drivers', 'kiosk-backend/contract']),
  room('kiosk/bench', ['drivers']),
  room('kiosk/bench/page', ['kiosk/bench', 'kiosk/bridge'], {
    node: false,
    packages: [...pagePackages, /^pdfjs-dist$/, /^qrcode$/],
  }),
  room('kiosk/shell', ['kiosk/bridge']),
  room('kiosk/e2e', ['kiosk', 'kiosk-backend', 'drivers', 'tools']),
  room('kiosk/measure', ['kiosk', 'kiosk-backend', 'drivers']),
  room('kiosk-backend', ['kiosk-backend']),
  room('kiosk-backend/contract', [], { node: false }),
  // Keys and files, which no page has: entered by its own name.
  room('kiosk-backend/contract/sealing', ['kiosk-backend/contract']),
  room('tools', ['kiosk/shell', 'kiosk/core/voice']),
];

/** Single files that may do more, each with its reason. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  // The composition root of the kiosk: the one place that puts the bench under the core.
  'kiosk/core/main.ts': ['kiosk/bench'],
};

/** Files that belong to the machinery and run in Node, whatever folder they stand in. */
const machinery = /(^|\/)(vite|vitest)\.config\.ts$|\.test\.tsx?$/;

/** How our own packages are imported by name. */
const aliases: readonly (readonly [RegExp, (rest: string) => string])[] = [
  [/^@huimin\/drivers(\/.+)?$/, (rest) => `drivers${rest}/index.ts`],
  [/^@huimin\/backend\/(contract(?:\/sealing)?)$/, (rest) => `kiosk-backend/${rest}/index.ts`],
];

export interface Breach {
  readonly file: string;
  readonly imports: string;
  readonly why: string;
}

function roomOf(file: string, all: readonly Room[]): Room | undefined {
  return all
    .filter(({ folder }) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

/** The first folder below `kiosk/core`, `drivers` or `kiosk-backend` is a room of its own when entered from beside. */
function compartment(file: string, own: Room): string {
  const rest = file.slice(own.folder.length + 1).split('/');
  const subdivided = ['kiosk/core', 'drivers', 'kiosk-backend'].includes(own.folder);
  return subdivided && rest.length > 1 ? `${own.folder}/${rest[0]}` : own.folder;
}

/** Every specifier a file imports, re-exports or imports dynamically; a computed one comes as written. */
export function importsOf(file: string, source: string): readonly string[] {
  const { module, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const named = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((statement) =>
      statement.entries.flatMap((entry) => entry.moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      source.slice(start, end).replace(/^(['"`])(.*)\1$/, '$2'),
    ),
  ];
  return [...new Set(named)];
}

function judgePackage(specifier: string, own: Room): string | undefined {
  if (isBuiltin(specifier)) return own.node ? undefined : `${own.folder} runs where there is no Node`;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name.startsWith('@huimin/')) return 'only @huimin/drivers and @huimin/backend/contract may be imported';
  if (own.packages === undefined || own.packages.some((allowed) => allowed.test(name))) return undefined;
  return `${own.folder} does not use this package`;
}

function judgeOurs(file: string, target: string, own: Room, all: readonly Room[]): string | undefined {
  if (target.startsWith('assets/')) return undefined;
  const other = roomOf(target, all);
  if (other === undefined) return 'it stands in no room';
  const from = compartment(file, own);
  const to = compartment(target, other);
  if (from === to) return undefined;
  const open = [...own.mayImport, ...(exceptions[file] ?? [])];
  const inHouse = own.folder === other.folder;
  if (!inHouse && !open.some((folder) => other.folder === folder || other.folder.startsWith(`${folder}/`))) {
    return `${own.folder} may not import ${other.folder}`;
  }
  // What lies in the common folder of a house belongs to all its rooms.
  const common = to === other.folder && from.startsWith(`${other.folder}/`);
  // Tests look inside the rooms of their own house; journeys and measurements inside all that is open to them.
  const looksInside =
    (inHouse && /\.test\.tsx?$/.test(file)) || ['kiosk/e2e', 'kiosk/measure'].includes(own.folder);
  if (common || looksInside || /(^|\/)index\.tsx?$/.test(target)) return undefined;
  return `a folder is entered through its index.ts: ${to}`;
}

/** What is wrong with the imports of one file, which is named relative to the root, with slashes. */
export function judge(file: string, source: string, all: readonly Room[] = rooms): readonly Breach[] {
  const own = roomOf(file, all);
  if (own === undefined) return [{ file, imports: '', why: 'this file stands in no room of DESIGN.md' }];
  const within = machinery.test(file) ? { ...own, node: true, packages: [/./] } : own;
  return importsOf(file, source).flatMap((imports) => {
    const alias = aliases.find(([pattern]) => pattern.test(imports));
    const relative = imports.startsWith('.') ? path.posix.join(path.posix.dirname(file), imports) : undefined;
    const target = relative ?? (alias ? alias[1](alias[0].exec(imports)?.[1] ?? '') : undefined);
    const why =
      target === undefined
        ? judgePackage(imports, within)
        : judgeOurs(file, target.split('?')[0] ?? '', own, all);
    return why === undefined ? [] : [{ file, imports, why }];
  });
}

function* sources(root: string, where: string): Generator<string> {
  for (const entry of readdirSync(path.join(root, where), { withFileTypes: true })) {
    const name = `${where}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && entry.name !== 'dist') yield* sources(root, name);
    } else if (/\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts')) {
      yield name;
    }
  }
}

/** Every breach in the house at `root`. */
export function breaches(root: string): readonly Breach[] {
  return ['drivers', 'kiosk', 'kiosk-backend', 'tools'].flatMap((folder) =>
    [...sources(root, folder)].flatMap((file) => judge(file, readFileSync(path.join(root, file), 'utf8'))),
  );
}
