import { err, ok, type Result } from '../device.ts';
import { type TransportConfig, transportConfigSchema } from '../transport/index.ts';

/** What `--port` says: a place, or `auto` for whatever is plugged in. */
export type PortChoice = { readonly kind: 'auto' } | TransportConfig;

/** The forms of `--port`, in the words of `--help`. */
export const PORT_FORMS =
  '/dev/ttyUSB0, COM3, tcp:host:9100, hid:10c4:0007, usb:0400:c35a, usblp:/dev/usb/lp0 or auto';

const IPV6 = /^\[([^\]]+)\]$/;

/** Reads one `--port`. `baudRate` is for serial ports, 115200 unless told. The error is one sentence. */
export function parsePort(text: string, baudRate?: number): Result<PortChoice, string> {
  if (text === 'auto') return ok({ kind: 'auto' });
  const written = asConfig(text, baudRate);
  if (written === null) return err(`"${text}" is no port; write ${PORT_FORMS}`);
  if (baudRate !== undefined && written.kind !== 'serial') {
    return err(`--baud is for serial ports, and "${text}" is none`);
  }
  const parsed = transportConfigSchema.safeParse(written);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err(`"${text}" is no port: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function asConfig(text: string, baudRate: number | undefined): { kind: string } | null {
  const [, scheme = '', rest = ''] = /^(tcp|hid|usb|usblp|serial):(.+)$/.exec(text) ?? [];
  switch (scheme) {
    case 'tcp': {
      const at = rest.lastIndexOf(':');
      if (at <= 0 || !/^\d+$/.test(rest.slice(at + 1))) return null;
      const host = rest.slice(0, at);
      return { kind: 'tcp', ...{ host: IPV6.exec(host)?.[1] ?? host, port: Number(rest.slice(at + 1)) } };
    }
    case 'hid':
    case 'usb':
      return { kind: scheme, ...{ device: rest } };
    case 'usblp':
      return { kind: 'usblp', ...{ path: rest } };
    case 'serial':
      return serial(rest, baudRate);
    default:
      return /^(\/|COM\d+$|\\\\\.\\)/i.test(text) ? serial(text, baudRate) : null;
  }
}

const serial = (path: string, baudRate: number | undefined) =>
  /^\/dev\/usb\/lp\d+$/.test(path)
    ? { kind: 'usblp', path }
    : { kind: 'serial', path, ...(baudRate === undefined ? {} : { baudRate }) };

/** The port as `--port` takes it. */
export function formatPort(config: TransportConfig): string {
  switch (config.kind) {
    case 'serial':
      return config.path;
    case 'tcp':
      return `tcp:${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}`;
    case 'hid':
    case 'usb':
      return `${config.kind}:${config.device}`;
    case 'usblp':
      return `usblp:${config.path}`;
    default:
      return config satisfies never;
  }
}
