import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Command, type CommandCall, commands, UserError } from './commands/index.ts';

const everybodys = {
  data: { type: 'string', default: 'data/backend' },
  help: { type: 'boolean', default: false },
} as const;

const usage = (): string => {
  const lines = commands.map(({ name, usage }) =>
    ['npm run backend --', name, usage].filter(Boolean).join(' '),
  );
  return [
    `Usage: ${lines.join('\n       ')}`,
    'Each also takes --data DIR. DATABASE_URL=postgres://… uses PostgreSQL instead of the file in DIR.',
  ].join('\n');
};

type Options = NonNullable<ParseArgsConfig['options']>;

function parsed(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options: { ...everybodys, ...options }, allowPositionals: true });
  } catch (error) {
    const [sentence] = error instanceof Error ? error.message.split('. ') : [];
    throw new UserError(`${sentence}.`);
  }
}

/** The command that was typed: the first word that is no option nor an option's text. */
function commandFor(args: readonly string[]): Command {
  const all = Object.fromEntries(commands.flatMap(({ options }) => Object.entries(options)));
  const [word] = parsed(args, all).positionals;
  const [serve, ...others] = commands;
  if (word === undefined) return serve;
  const found = others.find(({ name }) => name === word);
  if (found) return found;
  const known = others.map(({ name }) => name).join(', ');
  throw new UserError(`There is no command "${word}"; there are ${known}.`);
}

function readCall(command: Command, args: readonly string[]): { call: CommandCall; help: boolean } {
  const { values, positionals } = parsed(args, command.options);
  const words = command.name === '' ? positionals : positionals.slice(1);
  if (words.length > command.words)
    throw new UserError(`There is one word too many: ${words.slice(command.words).join(' ')}.`);
  const typed = new Map<string, unknown>(Object.entries(values));
  const option = (name: string): string | undefined => {
    const value = typed.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const data = option('data') ?? everybodys.data.default;
  const databaseUrl = process.env.DATABASE_URL;
  const call: CommandCall = {
    words,
    option,
    flag: (name) => typed.get(name) === true,
    data,
    async place() {
      const { placeOf } = await import('./storage/index.ts');
      return placeOf({ data, databaseUrl });
    },
    now: () => new Date(),
    say: (line) => void process.stdout.write(`${line}\n`),
    fail: (line) => {
      process.stderr.write(`${line}\n`);
      process.exitCode = 1;
    },
    async withStorage(use) {
      const { openKept, openStorage } = await import('./storage/index.ts');
      const db = await (command.first ? openStorage : openKept)({ data, databaseUrl });
      try {
        return await use(db);
      } finally {
        await db.destroy();
      }
    },
  };
  return { call, help: typed.get('help') === true };
}

async function main(args: readonly string[]): Promise<void> {
  const command = commandFor(args);
  const { call, help } = readCall(command, args);
  if (help) return void process.stdout.write(`${usage()}\n`);
  await command.run(call);
}

/** What to say of an error; null when it is a defect and the stack should be seen. */
function sentenceFor(error: unknown): string | null {
  if (error instanceof UserError) return `${error.message} See --help.`;
  if (error instanceof Error && /^(Storage|Tls)Unavailable$/.test(error.name)) return error.message;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken by another program; choose one with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${address ?? 'of that name'}; choose one with --host.`;
    case 'EACCES':
      return `This user may not listen on port ${port}; choose one above 1023 with --port.`;
    default:
      return null;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const sentence = sentenceFor(error);
  if (sentence === null) throw error;
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
});
