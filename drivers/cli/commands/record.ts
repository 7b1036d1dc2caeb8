import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { CommandError, Result } from '../../device.ts';
import type { AnyDevice, ClassModule } from '../devices/found.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { firstLine } from '../format.ts';
import type { RecordInvocation } from '../invocation.ts';
import { moduleOf, type Opened, open } from '../open.ts';
import { deadline, ready } from '../ready.ts';
import { receiptTestPage } from '../test-pages.ts';
import type { Voice, World } from '../world.ts';

/** Writes a session down: one card, one code, one receipt, or whatever a device says in the time that is given. */
export async function record(invocation: RecordInvocation, world: World, voice: Voice): Promise<ExitCode> {
  const { out } = invocation;
  let file: number;
  try {
    // What is there already is somebody's.
    file = openSync(out, 'wx', 0o600);
  } catch (error) {
    return voice.misused(`the recording cannot be written: ${firstLine(error)}`);
  }
  let lines = 0;
  const sink = (text: string): void => {
    lines += 1;
    writeSync(file, text);
  };
  try {
    const done = await session(invocation, sink, world, voice);
    if (!done.ok) {
      // A device that was never reached has left nothing worth keeping.
      if (done.error.reason === 'no-device' || done.error.reason === 'usage') rmSync(out);
      return voice.fail(done.error);
    }
    voice.tell({ ok: true, out, lines });
    voice.say(`recorded: ${lines} lines in ${out}; personal data was replaced`);
    return EXIT.done;
  } finally {
    closeSync(file);
  }
}

type Done = Promise<Result<unknown, CommandError>>;

/** What is done with the device while it is recorded; told apart by class, because each has its own commands. */
async function session(
  invocation: RecordInvocation,
  sink: (text: string) => void,
  world: World,
  voice: Voice,
): Done {
  const { deviceClass, columns, timeoutMs } = invocation;
  const left = deadline(world.clock, timeoutMs);
  const options = () => ({ timeoutMs: left(), signal: world.interrupted });
  const during = async <D extends AnyDevice>(
    module: ClassModule<D>,
    work: (opened: Opened<D>) => Done,
  ): Done => {
    const opened = await open(module, { ...invocation, record: sink }, world);
    if (!opened.ok) return opened;
    try {
      const online = await ready(opened.value, world, voice, left());
      return online.ok ? await work(opened.value) : online;
    } finally {
      await opened.value.close();
    }
  };
  switch (deviceClass) {
    case 'id-card': {
      const { idCard } = await import('../devices/id-card.ts');
      voice.hint('lay a card on the reader');
      return during(idCard, async ({ device, hands }) => {
        const reading = device.readCard(options());
        await hands?.('lay-card');
        return reading;
      });
    }
    case 'code-scanner': {
      const { codeScanner } = await import('../devices/code-scanner.ts');
      voice.hint('hold a code before the scanner');
      return during(codeScanner, async ({ device, hands }) => {
        const reading = device.read(options());
        await hands?.('scan');
        return reading;
      });
    }
    case 'receipt-printer': {
      const { receiptPrinter } = await import('../devices/receipt-printer.ts');
      return during(receiptPrinter, ({ device }) => device.print(receiptTestPage(columns), options()));
    }
    case 'certificate-printer':
    case 'camera':
    case 'ic-card':
    case 'keypad':
    case 'lights':
    case 'presence-sensor':
      voice.hint(`recording for ${timeoutMs / 1000} s; Ctrl+C ends it`);
      return during(await moduleOf(deviceClass), async () => {
        await pause(left(), world);
        return { ok: true, value: undefined };
      });
    default:
      return deviceClass satisfies never;
  }
}

/** Until the time is over or Ctrl+C. */
function pause(ms: number, { clock, interrupted }: World): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const stop = (): void => {
      cancel();
      resolve();
    };
    if (interrupted.aborted) stop();
    else interrupted.addEventListener('abort', stop, { once: true });
  });
}
