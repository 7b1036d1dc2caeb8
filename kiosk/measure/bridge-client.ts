import { WebSocket } from 'ws';
import {
  type Intent,
  type Page,
  type ScreenName,
  type Snapshot,
  socketPath,
  type ToCore,
  toScreenSchema,
} from '../bridge/index.ts';

const PATIENCE_MS = 60_000;

/** A screen without a picture: the bridge's other end, as the page in the browser is. */
export interface BridgeClient {
  readonly snapshot: Snapshot;
  /** Presses what the page that is shown now offers. */
  intend(intent: Intent): void;
  /** What a scanner that acts as a keyboard types. */
  keys(presses: readonly { readonly key: string; readonly atMs: number }[]): void;
  /** Resolves with the moment (monotonic milliseconds) at which a snapshot satisfied; at once when the last one does. */
  until(satisfied: (snapshot: Snapshot) => boolean): Promise<number>;
  close(): void;
}

/** For {@link BridgeClient.until}: a page of this name. */
export const shows =
  (name: ScreenName) =>
  ({ view }: { readonly view: Page }): boolean =>
    view.screen === name;

/** For {@link BridgeClient.until}: the verification, this far. */
export const verifies =
  (phase: Extract<Page, { screen: 'verify' }>['phase']) =>
  ({ view }: { readonly view: Page }): boolean =>
    view.screen === 'verify' && view.phase === phase;

/** Opens the page for its cookie, then the bridge, and waits for the first snapshot. */
export async function connectScreen(kioskUrl: string): Promise<BridgeClient> {
  const page = await fetch(kioskUrl);
  await page.body?.cancel();
  const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const address = new URL(socketPath, kioskUrl.replace(/^http/, 'ws'));
  const socket = new WebSocket(address, { origin: new URL(kioskUrl).origin, headers: { cookie } });
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let latest: Snapshot | null = null;
  await new Promise<void>((done, fail) => {
    socket.on('error', fail);
    socket.on('message', (data) => {
      const message = toScreenSchema.parse(JSON.parse(String(data)));
      if (message.type !== 'snapshot') return;
      latest = message.snapshot;
      for (const listener of [...listeners]) listener(message.snapshot);
      done();
    });
  });
  const current = (): Snapshot => {
    if (latest === null) throw new Error('the bridge is only handed out with a snapshot');
    return latest;
  };
  return {
    get snapshot() {
      return current();
    },
    intend: (intent) => {
      const message: ToCore = { type: 'intent', page: current().page, intent };
      socket.send(JSON.stringify(message));
    },
    keys: (presses) => {
      const message: ToCore = { type: 'keys', keys: presses.map(({ key, atMs }) => ({ key, at: atMs })) };
      socket.send(JSON.stringify(message));
    },
    until: (satisfied) =>
      new Promise((done, fail) => {
        const look = (snapshot: Snapshot): void => {
          if (!satisfied(snapshot)) return;
          clearTimeout(timer);
          listeners.delete(look);
          done(performance.now());
        };
        const timer = setTimeout(() => {
          listeners.delete(look);
          fail(new Error(`the kiosk stays on ${JSON.stringify(current().view)}`));
        }, PATIENCE_MS);
        listeners.add(look);
        look(current());
      }),
    close: () => socket.close(),
  };
}
