import type { SerialPortStream } from '@serialport/stream';
import { err, ok, type Result } from '../device.ts';
import type { Link, Transport } from './link.ts';
import { linkEnds } from './link-ends.ts';
import { firstLine, sentences } from './reasons.ts';
import { serialBinding } from './serial-binding.ts';

export interface SerialOptions {
  /** e.g. `/dev/ttyUSB0` or `COM3`. */
  readonly path: string;
  /** Bits per second; always 8N1 without flow control. */
  readonly baudRate: number;
}

/** A serial port. Its native module is loaded at the first opening, so that a machine without one can still run. */
export function serialTransport({ path, baudRate }: SerialOptions): Transport {
  return {
    name: `serial ${path} ${baudRate}`,
    async open() {
      const created = await createPort(path, baudRate);
      if (!created.ok) return created;
      const port = created.value;
      const failure = await new Promise<Error | null>((resolve) => port.open(resolve));
      return failure ? err(explain(failure, path)) : ok(serialLink(port));
    },
  };
}

async function createPort(path: string, baudRate: number): Promise<Result<SerialPortStream, string>> {
  try {
    const [{ SerialPortStream }, { autoDetect }] = await Promise.all([
      import('@serialport/stream'),
      import('@serialport/bindings-cpp'),
    ]);
    const binding = serialBinding(autoDetect());
    return ok(new SerialPortStream({ binding, path, baudRate, autoOpen: false }));
  } catch (error) {
    return err(sentences.noModule('serial port', error));
  }
}

function serialLink(port: SerialPortStream): Link {
  const ends = linkEnds();
  // Without a `data` listener an unplugged port is noticed by nobody, so it is attached before anyone asks for data.
  port.on('data', (chunk: Buffer) => ends.receive(chunk));
  port.on('close', (error?: Error | null) => ends.end(error ? sentences.unplugged : sentences.closed));
  // A failed write reports an error and closes the port by itself; an end that never comes would be worse than two.
  port.on('error', (error: Error) => {
    ends.end(`${sentences.unplugged}: ${firstLine(error)}`);
    if (port.isOpen) port.close();
  });
  return {
    write(bytes) {
      if (ends.ended) return Promise.resolve();
      // A closing port drops queued writes without calling back.
      const written = new Promise<void>((resolve) => port.write(bytes, () => resolve()));
      return ends.untilEnded(written);
    },
    onData: ends.onData,
    onClose: ends.onClose,
    close() {
      if (port.isOpen) port.close();
      return ends.whenEnded;
    },
  };
}

function explain(error: Error, path: string): string {
  const message = firstLine(error);
  if (/no such file|file not found/i.test(message)) return sentences.noSuchPort(path);
  if (/permission denied|access denied/i.test(message))
    return sentences.noPermission(
      path,
      process.platform === 'linux' ? 'add the user to the group dialout' : undefined,
    );
  if (/cannot lock|resource busy/i.test(message)) return sentences.busy(path);
  return sentences.notOpened(path, error);
}
