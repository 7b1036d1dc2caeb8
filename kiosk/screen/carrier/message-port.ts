import type { Carrier } from '../../bridge/index.ts';

/** What Electron's preload script posts to the window together with its port. */
export const portGreeting = 'kiosk-port';

/** Wraps the port that Electron's preload script handed over. */
export function carrierOfPort(port: MessagePort): Carrier {
  const closers = new Set<() => void>();
  const closed = (): void => {
    for (const listener of closers) listener();
    closers.clear();
  };
  port.addEventListener('close', closed);
  port.start();
  return {
    send: (text) => port.postMessage(text),
    onMessage: (listener) =>
      port.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (typeof event.data === 'string') listener(event.data);
      }),
    onClose: (listener) => closers.add(listener),
    close: () => {
      port.close();
      closed();
    },
  };
}

/** Waits for ports from this very window's preload script; messages from anyone else are not looked at. */
export function onPort(page: Window, listener: (port: MessagePort) => void): () => void {
  const heard = (event: MessageEvent<unknown>): void => {
    const port = event.ports[0];
    if (event.source === page && event.data === portGreeting && port !== undefined) listener(port);
  };
  page.addEventListener('message', heard);
  return () => page.removeEventListener('message', heard);
}
