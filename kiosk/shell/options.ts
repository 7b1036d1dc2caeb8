import { parseArgs } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';
import type { Messages } from './messages.ts';

export interface Options {
  /** The kiosk's configuration; undefined for the virtual bench alone. */
  readonly config: string | undefined;
  readonly data: string;
  /** local: started here · none: the kiosk is alone · remote: one that already runs. */
  readonly backend: { kind: 'local' } | { kind: 'none' } | { kind: 'remote'; url: string };
  readonly headless: boolean;
  /** undefined: whichever is here. */
  readonly shell: 'electron' | 'browser' | undefined;
  readonly port: number;
  readonly backendPort: number;
}

export type ParsedOptions =
  | { kind: 'options'; options: Options }
  | { kind: 'help' }
  | { kind: 'problem'; sentence: string };

const known = {
  config: { type: 'string' },
  data: { type: 'string', default: 'data' },
  backend: { type: 'string' },
  headless: { type: 'boolean', default: false },
  shell: { type: 'string' },
  port: { type: 'string', default: '8701' },
  'backend-port': { type: 'string', default: '8700' },
  help: { type: 'boolean', default: false },
} as const;

export const usage = `npm start -- [options]
  --config FILE         the devices named there; the bench stands in for the others,
                        unless a backend is named there too
  --data DIR            where everything is kept (data)
  --backend URL|none    a backend that already runs, or none; otherwise one is started here
  --headless            no window
  --shell NAME          electron or browser; otherwise whichever is here
  --port N              the kiosk's port (8701)
  --backend-port N      the port of the backend started here (8700)`;

function nearest(option: string): string | undefined {
  const name = option.replace(/^-+/, '');
  const best = closest(name, Object.keys(known));
  return distance(name, best) <= 2 ? `--${best}` : undefined;
}

function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65535 ? port : undefined;
}

function parseBackend(text: string | undefined): Options['backend'] | undefined {
  if (text === undefined) return { kind: 'local' };
  if (text === 'none') return { kind: 'none' };
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return { kind: 'remote', url: text };
}

/** Reads what stands after `npm start --`; anything unclear is one sentence that says what is right. */
export function parseOptions(args: readonly string[], say: Messages): ParsedOptions {
  const problem = (sentence: string): ParsedOptions => ({ kind: 'problem', sentence });
  const { values, tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') return problem(say.noArgument(token.value));
    if (token.kind !== 'option') continue;
    const name = Object.keys(known).find((candidate) => candidate === token.name);
    if (name === undefined) {
      const all = Object.keys(known).map((option) => `--${option}`);
      return problem(say.unknownOption(token.rawName, nearest(token.rawName), all.join(' ')));
    }
    const wantsValue = known[name as keyof typeof known].type === 'string';
    if (wantsValue && (token.value === undefined || token.value.startsWith('--'))) {
      return problem(say.needsValue(token.rawName));
    }
    if (!wantsValue && token.value !== undefined) return problem(say.noArgument(token.value));
  }
  if (values.help === true) return { kind: 'help' };

  const text = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined);
  const port = parsePort(text(values.port) ?? '');
  if (port === undefined) return problem(say.badPort('--port', String(values.port)));
  const backendPort = parsePort(text(values['backend-port']) ?? '');
  if (backendPort === undefined)
    return problem(say.badPort('--backend-port', String(values['backend-port'])));
  const backend = parseBackend(text(values.backend));
  if (backend === undefined) return problem(say.badBackend(String(values.backend)));
  if (backend.kind === 'local' && port === backendPort) return problem(say.samePort(port));
  const shell = text(values.shell);
  if (shell !== undefined && shell !== 'electron' && shell !== 'browser') return problem(say.badShell(shell));
  const headless = values.headless === true;
  const data = text(values.data) ?? known.data.default;
  return {
    kind: 'options',
    options: { config: text(values.config), data, backend, headless, shell, port, backendPort },
  };
}
