// The program of the process that holds ports. It lives as long as whoever started it listens.
import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import type { MessagePortLike } from './message-port.ts';
import type { ToHost } from './protocol.ts';
import { serve } from './serve.ts';

/** What Electron gives a utility process; absent elsewhere. */
interface ParentPort {
  once(event: 'message', listener: (event: { readonly ports: readonly MessagePortLike[] }) => void): void;
}

const { parentPort } = process as unknown as { readonly parentPort?: ParentPort };

/**
 * A simulator's end of a pseudo-terminal that was inherited would keep that terminal alive when the simulator is gone:
 * the port would never be seen unplugged.
 */
function letGoOfTerminals(): void {
  if (process.platform !== 'linux') return;
  for (const entry of readdirSync('/proc/self/fd')) {
    try {
      if (/^\/dev\/(pts\/)?ptmx$/.test(readlinkSync(`/proc/self/fd/${entry}`))) closeSync(Number(entry));
    } catch {
      // The listing's own descriptor is gone by now.
    }
  }
}

letGoOfTerminals();
if (parentPort === undefined) {
  const receive = serve((message) => void process.send?.(message, () => {}));
  process.on('message', (message) => receive(message as ToHost));
  process.on('disconnect', () => process.exit(0));
  // Ctrl+C reaches everything in a terminal; whoever uses the ports says when they are no longer needed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
} else {
  parentPort.once('message', ({ ports: [port] }) => {
    if (port === undefined) process.exit(1);
    const receive = serve((message) => port.postMessage(message));
    port.on('message', ({ data }) => receive(data as ToHost));
    port.on('close', () => process.exit(0));
    port.start();
  });
}
