import { parseArgs } from 'node:util';
import { isLoopback } from './loopback.ts';
import type { Storage } from './storage/index.ts';

const USAGE = `Usage: npm run backend -- [--data DIR] [--port N] [--host ADDRESS] [--production]
                          [--operator NAME] [--public-address URL]
       npm run backend -- code <kiosk-id> --community NAME [--data DIR]
       npm run backend -- revoke <number> --reason TEXT [--data DIR]
DATABASE_URL=postgres://… uses PostgreSQL instead of the file in DIR.`;

const DEMO_OPERATOR = '示范市社区服务（演示）';

/** Said to the person at the terminal instead of a stack trace. */
class UserError extends Error {}

const options = {
  data: { type: 'string', default: 'data/backend' },
  port: { type: 'string', default: '8700' },
  host: { type: 'string', default: '127.0.0.1' },
  production: { type: 'boolean', default: false },
  operator: { type: 'string' },
  'public-address': { type: 'string' },
  community: { type: 'string' },
  reason: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function readArguments() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    const [sentence] = error instanceof Error ? error.message.split('. ') : [];
    throw new UserError(`${sentence}.`);
  }
}

type Values = ReturnType<typeof readArguments>['values'];

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const [command, subject, ...rest] = positionals;
  if (rest.length > 0) throw new UserError(`There is one word too many: ${rest.join(' ')}.`);
  switch (command) {
    case undefined:
      return serve(values);
    case 'code':
      return printCode(values, subject);
    case 'revoke':
      return printRevocation(values, subject);
    default:
      throw new UserError(`There is no command "${command}"; there are code and revoke.`);
  }
}

// Each command loads the parts it needs, so that a wrong option is answered at once.

async function serve(values: Values): Promise<void> {
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new UserError(`--port wants a number from 0 to 65535, not "${values.port}".`);
  }
  const { host, production } = values;
  if (!production && !isLoopback(host)) {
    throw new UserError(
      `Demo mode does not listen on ${host}: its code and console are open. Add --production.`,
    );
  }
  if (production && !values.operator) {
    throw new UserError(
      '--production wants --operator NAME: whose kiosks these are, for their certificates.',
    );
  }
  const publicAddress = values['public-address'];
  if (publicAddress !== undefined && !/^https?:\/\//.test(publicAddress)) {
    throw new UserError(`--public-address wants http(s)://…, not "${publicAddress}".`);
  }
  const { startBackend } = await import('./server.ts');
  const backend = await startBackend({
    data: values.data,
    databaseUrl: process.env.DATABASE_URL,
    host,
    port,
    demo: !production,
    operator: values.operator ?? DEMO_OPERATOR,
    publicAddress,
  });
  const stop = () => void backend.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.once('disconnect', stop); // the process that started this one is gone
  process.stdout.write(`ready backend ${backend.url}\n`);
}

async function printCode(values: Values, kiosk: string | undefined): Promise<void> {
  if (!kiosk || !/^[a-z0-9-]{3,64}$/.test(kiosk)) {
    throw new UserError('code wants a kiosk id of 3 to 64 small letters, digits and dashes.');
  }
  const { community } = values;
  if (!community) throw new UserError('code wants --community NAME: where the kiosk stands.');
  const { newEnrolmentCode } = await import('./fleet/index.ts');
  const code = await withStorage(values, (db) => newEnrolmentCode(db, kiosk, community, new Date()));
  process.stdout.write(`${code}\n`);
}

async function printRevocation(values: Values, number: string | undefined): Promise<void> {
  if (!number) throw new UserError('revoke wants the number of a certificate.');
  const { reason } = values;
  if (!reason) throw new UserError('revoke wants --reason TEXT.');
  const { revoke } = await import('./verify/index.ts');
  const { known } = await withStorage(values, (db) => revoke(db, number, reason, new Date()));
  process.stdout.write(
    known
      ? `${number} is revoked.\n`
      : `${number} is revoked; no kiosk has reported a certificate of this number yet.\n`,
  );
}

async function withStorage<T>(values: Values, use: (db: Storage) => Promise<T>): Promise<T> {
  const { openStorage } = await import('./storage/index.ts');
  const db = await openStorage({ data: values.data, databaseUrl: process.env.DATABASE_URL });
  try {
    return await use(db);
  } finally {
    await db.destroy();
  }
}

/** What to say of an error; null when it is a defect and the stack should be seen. */
function sentenceFor(error: unknown): string | null {
  if (error instanceof UserError) return `${error.message} See --help.`;
  if (error instanceof Error && error.name === 'StorageUnavailable') return error.message;
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

main().catch((error: unknown) => {
  const sentence = sentenceFor(error);
  if (sentence === null) throw error;
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
});
