import type { TlsSource } from '../authority/index.ts';
import { isLoopback } from '../loopback.ts';
import { type Command, type CommandCall, UserError } from './command.ts';
import { keepDaysTyped } from './retain.ts';

const DEMO_OPERATOR = '示范市社区服务（演示）';

/** The backend itself: what runs when no word is typed. */
export const serve: Command = {
  name: '',
  usage:
    '[--port N] [--host ADDRESS] [--production] [--operator NAME] [--public-address URL] [--tls | --tls-certificate FILE --tls-key FILE | --behind-proxy] [--sealing aes|sm] [--keep-days N]',
  words: 0,
  options: {
    port: { type: 'string', default: '8700' },
    host: { type: 'string', default: '127.0.0.1' },
    production: { type: 'boolean', default: false },
    operator: { type: 'string' },
    'public-address': { type: 'string' },
    tls: { type: 'boolean', default: false },
    'tls-certificate': { type: 'string' },
    'tls-key': { type: 'string' },
    'behind-proxy': { type: 'boolean', default: false },
    sealing: { type: 'string', default: 'aes' },
    'keep-days': { type: 'string' },
  },
  async run(call) {
    const { option, flag, data } = call;
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
    if (publicAddress !== undefined && !(/^https?:\/\//.test(publicAddress) && URL.canParse(publicAddress))) {
      throw new UserError(`--public-address wants http(s)://…, not "${publicAddress}".`);
    }
    const sealing = option('sealing');
    if (sealing !== 'aes' && sealing !== 'sm') {
      throw new UserError(`--sealing wants aes or sm, not "${sealing}".`);
    }
    const tls = tlsFrom(call, publicAddress, host);
    const behindProxy = flag('behind-proxy');
    if (!production && behindProxy) {
      throw new UserError(
        'Demo mode is not for --behind-proxy: its code and console are open. Add --production.',
      );
    }
    if (!tls && !behindProxy && !isLoopback(host)) {
      throw new UserError(
        `Without TLS the backend does not listen on ${host}: add --tls, or --behind-proxy where a proxy ends TLS.`,
      );
    }
    const isReachable = behindProxy || tls?.kind === 'files' || !isLoopback(host);
    if (production && publicAddress === undefined && isReachable) {
      throw new UserError(
        '--production wants --public-address https://NAME:PORT/: kiosks look for it there, and certificates name it for whoever verifies them.',
      );
    }
    const keepDays = await keepDaysTyped(option('keep-days'));
    const { startBackend } = await import('../server.ts');
    const backend = await startBackend({
      tls,
      behindProxy,
      data,
      databaseUrl: process.env.DATABASE_URL,
      host,
      port,
      demo: !production,
      operator: operator ?? DEMO_OPERATOR,
      publicAddress,
      sealing,
      keepDays,
    });
    const stop = () => void backend.close().then(() => process.exit(0));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    process.once('disconnect', stop); // the process that started this one is gone
    if (backend.pin !== null) process.stdout.write(`authority ${backend.pin}\n`);
    process.stdout.write(`ready backend ${backend.url}\n`);
  },
};

/** Where the certificate comes from; undefined without TLS. */
function tlsFrom(
  { option, flag }: CommandCall,
  publicAddress: string | undefined,
  host: string,
): TlsSource | undefined {
  const [certificate, key] = [option('tls-certificate'), option('tls-key')];
  if ((certificate === undefined) !== (key === undefined)) {
    throw new UserError('--tls-certificate FILE and --tls-key FILE go together.');
  }
  const ways = [flag('tls'), certificate !== undefined, flag('behind-proxy')].filter(Boolean);
  if (ways.length > 1) throw new UserError('Choose one of --tls, --tls-certificate and --behind-proxy.');
  if (ways.length > 0 && publicAddress?.startsWith('http:')) {
    throw new UserError(`With TLS --public-address begins with https://, not as "${publicAddress}" does.`);
  }
  if (certificate !== undefined && key !== undefined) return { kind: 'files', certificate, key };
  if (!flag('tls')) return undefined;
  const name = publicAddress === undefined ? host : new URL(publicAddress).hostname;
  return { kind: 'own', name: name.replace(/^\[(.*)\]$/, '$1') };
}
