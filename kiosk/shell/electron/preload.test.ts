import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { strict } from './stand-in.ts';

const listeners: Record<string, (event: { ports: unknown[] }) => void> = {};
const posted: unknown[][] = [];

// Anything else that the preload script might take from Electron throws.
vi.mock('electron', () => ({
  ipcRenderer: strict('ipcRenderer', {
    on: (channel: string, listener: (event: { ports: unknown[] }) => void) => {
      listeners[channel] = listener;
    },
  }),
}));

beforeEach(() => {
  vi.stubGlobal(
    'window',
    strict('window', {
      location: { origin: 'kiosk://screen' },
      postMessage: (...args: unknown[]) => posted.push(args),
    }),
  );
});
afterEach(() => vi.unstubAllGlobals());

test('the page is handed its end of the channel, for its own origin, and nothing else', async () => {
  await import('./preload.ts');
  expect(Object.keys(listeners)).toEqual(['kiosk-port']);
  const port = { name: 'page' };
  listeners['kiosk-port']?.({ ports: [port] });
  expect(posted).toEqual([['kiosk-port', 'kiosk://screen', [port]]]);
});
