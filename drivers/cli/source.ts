import { type CommandError, commandError, err, ok, type Result } from '../device.ts';
import type { TransportConfig } from '../transport/index.ts';
import type { Place } from './invocation.ts';
import { likely } from './probably.ts';
import { type DeviceClass, PROGRAM } from './usage.ts';
import type { World } from './world.ts';

/** The port of a class's device: the one that was named, or with `auto` the only one that is probably such a device. */
export async function portOf(
  place: Place,
  deviceClass: DeviceClass,
  world: World,
): Promise<Result<TransportConfig, CommandError>> {
  const { port } = place;
  if (port === undefined) {
    const detail = `say where the device is: --port PORT, or --port auto`;
    return err(commandError('invalidCommand', 'usage', detail));
  }
  if (port.kind !== 'auto') return ok(port);
  switch (deviceClass) {
    case 'id-card':
      return findIdCard(world);
    case 'receipt-printer':
      return findReceiptPrinter(world);
    case 'certificate-printer':
    case 'code-scanner':
    case 'camera':
    case 'ic-card':
    case 'keypad':
    case 'lights':
    case 'presence-sensor':
      return onlyLikely(deviceClass, world);
    default:
      return deviceClass satisfies never;
  }
}

type Finding = Promise<Result<TransportConfig, CommandError>>;

const notFound = (deviceClass: DeviceClass): Result<never, CommandError> =>
  err(commandError('deviceNotReady', 'no-device', `no ${deviceClass} answers at any port`));

async function findIdCard({ listPorts, clock, interrupted: signal }: World): Finding {
  const { detectIdCardReader } = await import('../id-card-reader/index.ts');
  const detected = await detectIdCardReader({ listPorts, clock, signal });
  if (detected.ok) return ok(detected.value.transport);
  if (signal.aborted) return err(commandError('canceled', 'canceled', 'interrupted'));
  return notFound('id-card');
}

async function findReceiptPrinter({ listPorts, clock, interrupted: signal }: World): Finding {
  const { detectReceiptPrinter } = await import('../receipt-printer/index.ts');
  const { ports } = await listPorts();
  const found = await detectReceiptPrinter({ candidates: ports, clock, signal });
  if (signal.aborted) return err(commandError('canceled', 'canceled', 'interrupted'));
  return found === null ? notFound('receipt-printer') : ok(found);
}

/** Classes that cannot be asked: the only port that looks like one. */
async function onlyLikely(deviceClass: DeviceClass, { listPorts }: World): Finding {
  const { ports } = await listPorts();
  const candidates = ports.filter((found) =>
    likely(found).some((guess) => guess.deviceClass === deviceClass),
  );
  const [only, another] = candidates;
  if (only === undefined) {
    const detail = `no port looks like a ${deviceClass}; name it: --port PORT`;
    return err(commandError('deviceNotReady', 'no-device', detail));
  }
  if (another === undefined) return ok(only.config);
  const detail = `more than one port looks like a ${deviceClass}; ${PROGRAM} list shows them, name one`;
  return err(commandError('invalidCommand', 'usage', detail));
}
