import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { err, ok, type Result } from '../device.ts';
import { serialBaudRates } from '../transport/index.ts';
import type { Invocation, Place, ReadInvocation, ReceiptContent } from './invocation.ts';
import { unknownWord } from './nearest.ts';
import { parsePort } from './port.ts';
import {
  COMMANDS,
  type CommandName,
  DETECTABLE,
  DEVICE_CLASSES,
  OPTIONS,
  type OptionName,
  PRINTABLE,
  READABLE,
  USAGE,
} from './usage.ts';

/** Said wrongly: what is wrong, and what is right. */
class Misuse extends Error {}
const misuse = (message: string): never => {
  throw new Misuse(message);
};

type Values = Partial<Record<OptionName, string | boolean>>;

/** What was asked for, or one sentence that says what is wrong with it. */
export function parseArguments(argv: readonly string[]): Result<Invocation, string> {
  try {
    return ok(parse(argv));
  } catch (error) {
    if (error instanceof Misuse) return err(error.message);
    throw error;
  }
}

/** Whether an error is to be told as JSON, known even where the rest of the line is not understood. */
export const wantsJson = (argv: readonly string[]): boolean => argv.includes('--json');

function parse(argv: readonly string[]): Invocation {
  const json = wantsJson(argv);
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h')
    return { command: 'help', topic: null, json };
  if (first === 'help') {
    return {
      command: 'help',
      topic: rest[0] === undefined ? null : oneOf(COMMANDS, rest[0], 'command'),
      json,
    };
  }
  const command = oneOf(COMMANDS, first, 'command');
  const { values, positionals } = split(command, rest);
  if (values.help === true) return { command: 'help', topic: command, json };
  const { subjects, subject: what } = USAGE[command];
  const [word, extra] = positionals;
  if (subjects.length === 0 && word !== undefined)
    misuse(`${command} takes no further word; "${word}" is one`);
  if (subjects.length > 0 && word === undefined) misuse(`say the ${what}: ${subjects.join(', ')}`);
  if (extra !== undefined) misuse(`"${extra}" is one word too many for ${command}`);
  for (const [name, allowed] of Object.entries(USAGE[command].limits ?? {})) {
    if (word !== undefined && name in values && subjects.includes(word) && !allowed.includes(word)) {
      misuse(`--${name} is for ${command} ${allowed.join(', ')} only`);
    }
  }
  return invocation(command, word ?? '', values, json);
}

function invocation(command: CommandName, word: string, values: Values, json: boolean): Invocation {
  const subject = <T extends string>(words: readonly T[]): T => oneOf(words, word, USAGE[command].subject);
  const ofDevice = () => ({ place: placeOf(values), timeoutMs: timeoutOf(values), json });
  switch (command) {
    case 'list':
      return { command, json };
    case 'status':
      return {
        command,
        deviceClass: subject(DEVICE_CLASSES),
        ...ofDevice(),
        columns: columnsOf(values),
        watch: values.watch === true,
      };
    case 'read':
      return {
        command,
        subject: subject(READABLE),
        ...ofDevice(),
        reveal: values.reveal === true,
        latestAddress: values['latest-address'] === true,
        fingerprint: values.fingerprint === true,
        photo: photoOf(values),
      };
    case 'print':
      return subject(PRINTABLE) === 'receipt'
        ? {
            command,
            subject: 'receipt',
            ...ofDevice(),
            content: contentOf(values),
            columns: columnsOf(values),
            font: textOf(values, 'font') ?? null,
            preview: textOf(values, 'preview') ?? null,
          }
        : {
            command,
            subject: 'certificate',
            ...ofDevice(),
            pdf: pdfOf(values),
            copies: numberOf(values, 'copies', 1, 99, 1),
          };
    case 'test':
      return {
        command,
        deviceClass: subject(DEVICE_CLASSES),
        ...ofDevice(),
        columns: columnsOf(values),
        only: (textOf(values, 'only') ?? '').split(',').filter((id) => id !== ''),
        yes: values.yes === true,
      };
    case 'record':
      return {
        command,
        deviceClass: subject(DEVICE_CLASSES),
        ...ofDevice(),
        columns: columnsOf(values),
        out: textOf(values, 'out') ?? misuse('say where to write the recording: --out FILE'),
      };
    case 'detect':
      return { command, deviceClass: subject(DETECTABLE), json };
    default:
      return command satisfies never;
  }
}

function split(command: CommandName, argv: readonly string[]) {
  const allowed: readonly OptionName[] = [...USAGE[command].options, 'help'];
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    allowed.map((name) => [name, { type: 'value' in OPTIONS[name] ? 'string' : 'boolean' } as const]),
  );
  options.help = { type: 'boolean', short: 'h' };
  const parsed = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const seen = new Set<string>();
  for (const token of parsed.tokens) {
    if (token.kind !== 'option') continue;
    const name = allowed.find((known) => known === token.name);
    if (name === undefined) {
      return misuse(
        unknownWord(
          'option',
          token.rawName,
          allowed.map((known) => `--${known}`),
        ),
      );
    }
    if (seen.has(name)) misuse(`--${name} is said twice`);
    seen.add(name);
    const takesValue = 'value' in OPTIONS[name];
    if (takesValue && (token.value === undefined || (!token.inlineValue && /^--[a-z]/.test(token.value)))) {
      misuse(`--${name} needs a value`);
    }
    if (!takesValue && token.value !== undefined) misuse(`--${name} takes no value`);
  }
  return { values: parsed.values as Values, positionals: parsed.positionals };
}

function oneOf<T extends string>(words: readonly T[], word: string, what: string): T {
  return words.find((known) => known === word) ?? misuse(unknownWord(what, word, words));
}

function textOf(values: Values, name: OptionName): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function numberOf(values: Values, name: OptionName, least: number, most: number, otherwise: number): number {
  const written = textOf(values, name);
  if (written === undefined) return otherwise;
  const value = /^\d+(\.\d+)?$/.test(written) ? Number(written) : Number.NaN;
  if (value >= least && value <= most) return value;
  return misuse(`--${name} is a number from ${least} to ${most}, and "${written}" is none`);
}

const LONGEST_WAIT_S = 86_400;
const timeoutOf = (values: Values): number => numberOf(values, 'timeout', 0.1, LONGEST_WAIT_S, 30) * 1000;

function columnsOf(values: Values): number {
  const columns = numberOf(values, 'columns', 16, 96, 48);
  return Number.isInteger(columns) ? columns : misuse('--columns is a whole number');
}

function placeOf(values: Values): Place {
  const ports = [
    textOf(values, 'port'),
    prefixed('tcp', textOf(values, 'tcp')),
    prefixed('usblp', textOf(values, 'usblp')),
  ].filter((port) => port !== undefined);
  const uri = textOf(values, 'uri');
  const simulated = values.simulated === true;
  if (ports.length + (uri === undefined ? 0 : 1) + (simulated ? 1 : 0) > 1) {
    misuse('say one place only: --port, --tcp, --usblp, --uri or --simulated');
  }
  const baudRate = baudOf(values);
  const [written] = ports;
  if (written === undefined && baudRate !== undefined)
    misuse('--baud is for the serial port that --port names');
  const port = written === undefined ? undefined : parsePort(written, baudRate);
  if (port && !port.ok) return misuse(port.error);
  const protocol = textOf(values, 'protocol');
  const framing = textOf(values, 'framing');
  const label = textOf(values, 'label');
  const settings = settingsOf(values);
  return {
    ...(port ? { port: port.value } : {}),
    ...(uri === undefined ? {} : { uri }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(framing === undefined ? {} : { framing }),
    ...(label === undefined ? {} : { label }),
    ...(settings === undefined ? {} : { settings }),
    simulated,
  };
}

/** Where a device is and how it speaks has options of its own. */
function settingsOf(values: Values): Readonly<Record<string, unknown>> | undefined {
  const text = textOf(values, 'settings');
  if (text === undefined) return undefined;
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    return misuse('--settings is no JSON');
  }
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    return misuse('--settings is a JSON object: {"name": value}');
  }
  return { ...written };
}

const prefixed = (kind: string, rest: string | undefined): string | undefined =>
  rest === undefined ? undefined : `${kind}:${rest}`;

function baudOf(values: Values): number | undefined {
  const written = textOf(values, 'baud');
  if (written === undefined) return undefined;
  return (
    serialBaudRates.find((rate) => String(rate) === written) ??
    misuse(`--baud is one of ${serialBaudRates.join(', ')}, and "${written}" is none`)
  );
}

function photoOf(values: Values): ReadInvocation['photo'] {
  const file = textOf(values, 'photo');
  const decoder = textOf(values, 'photo-decoder');
  if (file === undefined && decoder === undefined) return null;
  if (file === undefined) return misuse('--photo-decoder needs --photo FILE');
  if (decoder === undefined)
    return misuse('--photo needs --photo-decoder PROGRAM: the photo is in a closed format');
  return { file, decoder };
}

function contentOf(values: Values): ReceiptContent {
  const text = textOf(values, 'text');
  const file = textOf(values, 'file');
  const testPage = values['test-page'] === true;
  if ([text !== undefined, file !== undefined, testPage].filter(Boolean).length !== 1) {
    misuse('say what to print, one of --text TEXT, --file FILE, --test-page');
  }
  if (text !== undefined) return { kind: 'text', text };
  return file === undefined ? { kind: 'test-page' } : { kind: 'file', file };
}

function pdfOf(values: Values): string | null {
  const pdf = textOf(values, 'pdf');
  if ((pdf !== undefined) === (values['test-page'] === true)) {
    misuse('say what to print, one of --pdf FILE, --test-page');
  }
  return pdf ?? null;
}
