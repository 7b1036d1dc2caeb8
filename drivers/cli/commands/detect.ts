import { type CommandError, commandError, err, ok, type Result } from '../../device.ts';
import type { TransportConfig } from '../../transport/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { DetectInvocation } from '../invocation.ts';
import { transportLine } from '../kiosk-lines.ts';
import { formatPort } from '../port.ts';
import type { Voice, World } from '../world.ts';

/** What was found, with what is told of it beyond its port. */
interface Found {
  readonly transport: TransportConfig;
  readonly more: Readonly<Record<string, unknown>>;
}

/** Asks at every port that nothing else claims, at every speed, and tells where the device answered. */
export async function detect(
  { deviceClass }: DetectInvocation,
  world: World,
  voice: Voice,
): Promise<ExitCode> {
  voice.hint(`looking for ${deviceClass} at every port …`);
  const found = deviceClass === 'id-card' ? await idCard(world, voice) : await receiptPrinter(world);
  if (!found.ok) return voice.fail(found.error);
  const { transport, more } = found.value;
  const port = formatPort(transport);
  const yaml = transportLine(transport);
  voice.tell({ ok: true, class: deviceClass, port, transport, ...more, yaml });
  voice.say(`${deviceClass} found: ${port}`);
  for (const [name, value] of Object.entries(more)) voice.say(`  ${name}: ${String(value)}`);
  voice.say(`  ${yaml}`);
  return EXIT.done;
}

async function idCard(
  { clock, listPorts, interrupted: signal }: World,
  voice: Voice,
): Promise<Result<Found, CommandError>> {
  const { detectIdCardReader } = await import('../../id-card-reader/index.ts');
  const detected = await detectIdCardReader({ listPorts, clock, signal });
  if (detected.ok) {
    const { transport, framing, samId } = detected.value;
    return ok({ transport, more: { framing, ...(samId === null ? {} : { samId }) } });
  }
  const { attempts, problems, cutShort } = detected.error;
  for (const { port, detail } of attempts) voice.hint(`${port}: ${detail}`);
  for (const problem of problems) voice.hint(problem);
  if (signal.aborted) return err(commandError('canceled', 'canceled', 'interrupted'));
  return cutShort
    ? err(commandError('timeOut', 'timed-out', 'not every port could be asked in time'))
    : err(commandError('deviceNotReady', 'no-device', 'no ID card reader answers at any port'));
}

async function receiptPrinter({
  clock,
  listPorts,
  interrupted: signal,
}: World): Promise<Result<Found, CommandError>> {
  const { detectReceiptPrinter } = await import('../../receipt-printer/index.ts');
  const { ports } = await listPorts();
  const transport = await detectReceiptPrinter({ candidates: ports, clock, signal });
  if (signal.aborted) return err(commandError('canceled', 'canceled', 'interrupted'));
  if (transport !== null) return ok({ transport, more: {} });
  return err(commandError('deviceNotReady', 'no-device', 'no receipt printer answers at any port'));
}
