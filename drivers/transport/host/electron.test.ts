import { EventEmitter, once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { hostedTransport } from '../hosted.ts';
import { openPty } from '../pty.ts';
import { electronPortHosts, type ParentPort } from './electron.ts';
import type { MessagePortLike } from './message-port.ts';
import type { ToHost } from './protocol.ts';
import { serve } from './serve.ts';

/** A worker's message port as Electron's: messages come in events, and wait for `start`. */
function portMain(port: MessagePort): MessagePortLike {
  const events = new EventEmitter();
  port.on('close', () => events.emit('close'));
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: string, listener: (...args: never[]) => void) =>
      events.on(event, listener as (...args: unknown[]) => void),
    start: () => void port.on('message', (data) => events.emit('message', { data })),
    close: () => port.close(),
  };
}

/** Electron's main process: gives out channels, with a port host at the other end. */
function mainProcess() {
  const events = new EventEmitter();
  const asked: unknown[] = [];
  const others: MessagePort[] = [];
  const parent: ParentPort = {
    postMessage(message) {
      asked.push(message);
      const { type, id } = message as { type: string; id: number };
      if (type !== 'port-host') return;
      const { port1, port2 } = new MessageChannel();
      onTestFinished(() => port2.close());
      others.push(port2);
      const receive = serve((told) => port2.postMessage(told));
      const opened: number[] = [];
      port2.on('message', (told: ToHost) => {
        if (told.type === 'open') opened.push(told.id);
        receive(told);
      });
      // The system takes its ports from a process that has ended.
      port2.on('close', () => {
        for (const each of opened) receive({ type: 'close', id: each });
      });
      tell({ type, id }, [portMain(port1)]);
    },
    on: (event, listener) => events.on(event, listener),
  };
  const tell = (data: unknown, ports: MessagePortLike[] = []) =>
    void setImmediate(() => events.emit('message', { data, ports }));
  return { parent, asked, others, tell };
}

const probe = await openPty();
if (probe.ok) await probe.value.close();

describe.skipIf(!probe.ok)(
  `a port held by another utility process of Electron's${probe.ok ? '' : ` (skipped: ${probe.error})`}`,
  () => {
    async function bench() {
      const pty = await openPty();
      if (!pty.ok) throw new Error(pty.error);
      onTestFinished(() => pty.value.close());
      const shell = mainProcess();
      const startPortHost = electronPortHosts(shell.parent);
      const transport = hostedTransport(
        { kind: 'serial', path: pty.value.path, baudRate: 9600 },
        { startPortHost },
      );
      const open = async () => {
        const opened = await transport.open();
        if (!opened.ok) throw new Error(opened.error);
        onTestFinished(() => opened.value.close());
        return opened.value;
      };
      return { pty: pty.value, ...shell, open };
    }

    test('is asked for once, and carries bytes both ways', async () => {
      const { pty, asked, open, tell } = await bench();
      const link = await open();
      tell({ type: 'screen' });
      tell(null);
      const [atHost, atDevice]: [number[], number[]] = [[], []];
      link.onData((chunk) => atHost.push(...chunk));
      pty.master.onData((chunk) => atDevice.push(...chunk));
      // A view into a larger buffer, as Node's buffers often are.
      await link.write(Buffer.from('not this, ABC, nor that').subarray(10, 13));
      await pty.master.write(Uint8Array.of(1, 2, 255));
      await vi.waitFor(() =>
        expect([atHost, Buffer.from(atDevice).toString()]).toEqual([[1, 2, 255], 'ABC']),
      );
      await link.close();
      await (await open()).close();
      expect(asked).toEqual([{ type: 'port-host', id: 1 }]);
    });

    test('that ends is a lost link, and another is asked for', async () => {
      const { asked, open, others, tell } = await bench();
      const told = await open();
      const first = new Promise<string>((resolve) => told.onClose(resolve));
      tell({ type: 'port-host-ended', id: 1, code: 11 });
      expect(await first).toBe('the process that held the port ended (11)');
      const cut = await vi.waitFor(open);
      const second = new Promise<string>((resolve) => cut.onClose(resolve));
      others[1]?.close();
      expect(await second).toBe('the process that held the port ended');
      expect(asked).toEqual([
        { type: 'port-host', id: 1 },
        { type: 'port-host', id: 2 },
      ]);
    });
  },
);

test('a port host that is no longer needed is ended, and its channel closed', async () => {
  const { parent, asked, others } = mainProcess();
  const host = electronPortHosts(parent)();
  host.hold(true);
  const ended = new Promise<string>((resolve) => host.onEnd(resolve));
  const told: unknown[] = [];
  host.onMessage((message) => told.push(message));
  host.send({ type: 'open', id: 1, config: { kind: 'usblp', path: '/dev/usb/lp99' } });
  await vi.waitFor(() =>
    expect(told).toEqual([
      { type: 'ready', id: 0 },
      { type: 'refused', id: 1, reason: 'no such port: /dev/usb/lp99' },
    ]),
  );
  const closed = once(others[0] ?? expect.unreachable('no channel'), 'close');
  host.end();
  host.end();
  host.send({ type: 'list', id: 2 });
  await closed;
  expect(await ended).toBe('was ended');
  expect(asked).toEqual([
    { type: 'port-host', id: 1 },
    { type: 'end-port-host', id: 1 },
  ]);
});
