import { read } from 'node:fs';
import { promisify } from 'node:util';
import type {
  autoDetect,
  DarwinPortBinding,
  LinuxBindingInterface,
  LinuxPortBinding,
} from '@serialport/bindings-cpp';

type Binding = ReturnType<typeof autoDetect>;
type UnixPort = LinuxPortBinding | DarwinPortBinding;

/**
 * The machine's serial binding, with one repair. On Linux and macOS a port that hung up reads as zero bytes; the
 * binding answers by reading again, forever, so an unplugged reader would keep a core busy and never be noticed
 * (serialport/bindings-cpp issue 162; it happens whenever the cable is pulled while bytes are arriving). Here zero
 * bytes are an error, which the stream above takes for what it is: a disconnection.
 */
export function serialBinding(binding: Binding): Binding {
  if (process.platform === 'win32') return binding;
  const repaired: Pick<LinuxBindingInterface, 'list' | 'open'> = {
    list: () => binding.list(),
    async open(options) {
      const port = (await binding.open(options)) as LinuxPortBinding;
      port.read = (buffer, offset, length) => readSome(port, buffer, offset, length);
      return port;
    },
  };
  return repaired as Binding;
}

const readAsync = promisify(read);

async function readSome(port: UnixPort, buffer: Buffer, offset: number, length: number) {
  for (;;) {
    if (port.fd === null) throw canceled();
    try {
      const { bytesRead } = await readAsync(port.fd, buffer, offset, length, null);
      if (bytesRead === 0) throw new Error('the port hung up');
      return { bytesRead, buffer };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw port.isOpen ? error : canceled();
    }
    await readable(port);
  }
}

/** Resolves when there is something to read; the poller rejects it when the port is closed. */
function readable(port: UnixPort): Promise<void> {
  if (!port.isOpen) return Promise.reject(canceled());
  return new Promise((resolve, reject) => {
    port.poller.once('readable', (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

/** How a binding tells the stream that a read ended because the port was closed on purpose. */
const canceled = () => Object.assign(new Error('the port was closed'), { canceled: true });
