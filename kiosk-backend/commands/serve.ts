import { isLoopback } from '../loopback.ts';
import { type Command, UserError } from './command.ts';

const DEMO_OPERATOR = '示范市社区服务（演示）';

/** The backend itself: what runs when no word is typed. */
export const serve: Command = {
  name: '',
  usage: '[--port N] [--host ADDRESS] [--production] [--operator NAME] [--public-address URL]',
  words: 0,
  options: {
    port: { type: 'string', default: '8700' },
    host: { type: 'string', default: '127.0.0.1' },
    production: { type: 'boolean', default: false },
    operator: { type: 'string' },
    'public-address': { type: 'string' },
  },
  async run({ option, flag, data }) {
    const port = Number(option('port'));
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new UserError(`--port wants a number from 0 to 65535, not "${option('port')}".`);
    }
    const host = option('host') ?? '';
    const production = flag('production');
    const operator = option('operator');
    if (!production && !isLoopback(host)) {
      throw new UserError(
        `Demo mode does not listen on ${host}: its code and console are open. Add --production.`,
      );
    }
    if (production && !operator) {
      throw new UserError(
        '--production wants --operator NAME: whose kiosks these are, for their certificates.',
      );
    }
    const publicAddress = option('public-address');
    if (publicAddress !== undefined && !/^https?:\/\//.test(publicAddress)) {
      throw new UserError(`--public-address wants http(s)://…, not "${publicAddress}".`);
    }
    const { startBackend } = await import('../server.ts');
    const backend = await startBackend({
      data,
      databaseUrl: process.env.DATABASE_URL,
      host,
      port,
      demo: !production,
      operator: operator ?? DEMO_OPERATOR,
      publicAddress,
    });
    const stop = () => void backend.close().then(() => process.exit(0));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    process.once('disconnect', stop); // the process that started this one is gone
    process.stdout.write(`ready backend ${backend.url}\n`);
  },
};
