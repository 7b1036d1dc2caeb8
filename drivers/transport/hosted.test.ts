import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../device.ts';
import { supervise } from '../supervisor.ts';
import { type ForkedPortHost, forkPortHost } from './host/fork.ts';
import { hostedTransport } from './hosted.ts';
import type { Link, Transport } from './link.ts';
import { manualClock } from './manual-clock.ts';
import { listPorts } from './ports.ts';
import { openPty, openSocat, type Pty } from './pty.ts';
import { linkReason } from './reasons.ts';
import { serialTransport } from './serial.ts';
import { transportOf } from './transport-of.ts';

const everyByte = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) & 0xff);
const program = (name: string): URL => new URL(`./testing/${name}.ts`, import.meta.url);

/** Patient, because starting a process on a busy machine takes its time. */
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 10_000 });

const probe = await openPty();
if (probe.ok) await probe.value.close();
const absence = probe.ok ? '' : ` (skipped: ${probe.error})`;

async function terminal(open: typeof openPty = openPty): Promise<Pty> {
  const opened = await open();
  if (!opened.ok) throw new Error(opened.error);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

/** A starter that remembers what it started, and ends it with the test. */
function hosts(main?: URL) {
  const started: ForkedPortHost[] = [];
  onTestFinished(() => {
    for (const host of started) host.end();
  });
  const startPortHost = () => {
    const host = main === undefined ? forkPortHost() : forkPortHost(main);
    started.push(host);
    return host;
  };
  const pid = () => started.at(-1)?.pid ?? expect.unreachable('no process was started');
  return { started, startPortHost, pid };
}

async function opened(transport: Transport): Promise<Link> {
  const result = await transport.open();
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

const serial = ({ path }: Pick<Pty, 'path'>) => ({ kind: 'serial', path, baudRate: 115200 }) as const;

function collect(link: Pick<Link, 'onData'>): () => Uint8Array {
  const chunks: Uint8Array[] = [];
  link.onData((chunk) => chunks.push(chunk.slice()));
  return () => Uint8Array.from(Buffer.concat(chunks));
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(!probe.ok)(`a port held by a process of its own${absence}`, () => {
  test('carries every byte value both ways, and is opened again through the same process', async () => {
    const pty = await terminal();
    const atDevice = collect(pty.master);
    const { started, startPortHost } = hosts();
    const transport = hostedTransport(serial(pty), { startPortHost });
    expect(transport.name).toBe(serialTransport(serial(pty)).name);
    for (let round = 1; round <= 3; round++) {
      const link = await opened(transport);
      const atHost = collect(link);
      await link.write(everyByte);
      await pty.master.write(everyByte);
      await eventually(() => expect(atHost()).toEqual(everyByte));
      await eventually(() => expect(atDevice()).toHaveLength(round * everyByte.length));
      expect(atDevice().subarray(-everyByte.length)).toEqual(everyByte);
      const reasons: string[] = [];
      link.onClose((reason) => reasons.push(reason));
      await link.close();
      await link.close();
      await link.write(everyByte);
      expect(reasons).toEqual(['closed']);
    }
    expect(started).toHaveLength(1);
  });

  test('that is killed in mid read is a lost link with a name; the next opening works', async () => {
    const pty = await terminal();
    const { started, startPortHost, pid } = hosts();
    const transport = hostedTransport(serial(pty), { startPortHost });
    const link = await opened(transport);
    const ended = new Promise<string>((resolve) => link.onClose(resolve));
    const atHost = collect(link);
    await pty.master.write(everyByte.subarray(0, 600));
    await eventually(() => expect(atHost()).toHaveLength(600));
    process.kill(pid(), 'SIGKILL');
    expect(await ended).toBe('the process that held the port was killed by SIGKILL');
    await link.write(everyByte);
    await link.close();
    const again = await opened(transport);
    const after = collect(again);
    await pty.master.write(everyByte);
    await eventually(() => expect(after()).toEqual(everyByte));
    expect(started).toHaveLength(2);
    await again.close();
  });

  test('that crashes is opened again by a supervisor, which is told so by name', async () => {
    const pty = await terminal();
    const { started, startPortHost, pid } = hosts();
    const { promise: wasUp, resolve: up } = Promise.withResolvers<void>();
    const { promise: isUpAgain, resolve: again } = Promise.withResolvers<void>();
    const reasons: string[] = [];
    let ups = 0;
    const supervisor = supervise({
      transport: hostedTransport(serial(pty), { startPortHost }),
      clock: systemClock,
      random: Math.random,
      onUp() {
        ups += 1;
        (ups === 1 ? up : again)();
      },
      onDown: (_, reason) => reasons.push(reason),
    });
    await wasUp;
    process.kill(pid(), 'SIGSEGV');
    await isUpAgain;
    expect(reasons).toEqual(['crashed']);
    expect(started).toHaveLength(2);
    await supervisor.close();
  });

  test('that stops answering while its port is open is a lost link with a name, and is killed', async () => {
    const pty = await terminal();
    const clock = manualClock();
    const { started, startPortHost, pid } = hosts();
    const transport = hostedTransport(serial(pty), { startPortHost, clock });
    const link = await opened(transport);
    const reasons: string[] = [];
    link.onClose((reason) => reasons.push(reason));
    for (let beat = 1; beat <= 5; beat++) {
      const answered = new Promise((resolve) => started[0]?.onMessage(resolve));
      await clock.advance(2500);
      expect(await answered).toEqual({ type: 'pong', id: 0 });
    }
    expect(reasons).toEqual([]);
    const first = pid();
    process.kill(first, 'SIGSTOP');
    const written = link.write(everyByte);
    await clock.advance(7499);
    expect(reasons).toEqual([]);
    await clock.advance(1);
    await written;
    expect(reasons).toEqual([`serial ${pty.path} 115200 does not answer`]);
    expect(linkReason(reasons[0] ?? '')).toBe('no-answer');
    await eventually(() => expect(isAlive(first)).toBe(false));
    const again = await opened(transport);
    const atHost = collect(again);
    await pty.master.write(everyByte);
    await eventually(() => expect(atHost()).toEqual(everyByte));
    expect(started).toHaveLength(2);
    await again.close();
    // Nobody is asked anything when no port is open.
    const said: unknown[] = [];
    started[1]?.onMessage((message) => said.push(message));
    await clock.advance(60_000);
    expect(said).toEqual([]);
  });

  test('that is killed while it opens is a failed opening', async () => {
    const pty = await terminal();
    const { startPortHost, pid } = hosts();
    const transport = hostedTransport(serial(pty), { startPortHost });
    const opening = transport.open();
    process.kill(pid(), 'SIGKILL');
    expect(await opening).toEqual({
      ok: false,
      error: 'the process that held the port was killed by SIGKILL',
    });
  });

  test('is unplugged when its terminal goes, also when the process was started while the terminal was open', async () => {
    for (const open of [openPty, openSocat]) {
      const pty = await open();
      if (!pty.ok) continue;
      const { startPortHost } = hosts();
      const link = await opened(hostedTransport(serial(pty.value), { startPortHost }));
      const ended = new Promise<string>((resolve) => link.onClose(resolve));
      await pty.value.close();
      expect(await ended).toBe('unplugged');
    }
  });

  test('plugged in again is up within two seconds, by the machine’s own clock, hosted or not', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'replug-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const replug = async (make: (config: ReturnType<typeof serial>) => Transport): Promise<void> => {
      const node = path.join(folder, make.name);
      const plug = async (): Promise<Pty> => {
        const pty = await terminal();
        await symlink(pty.path, node);
        return pty;
      };
      let pty = await plug();
      let attempts = 0;
      let upAt = 0;
      const reasons: string[] = [];
      const transport = make({ kind: 'serial', path: node, baudRate: 115200 });
      const supervisor = supervise({
        transport: {
          name: transport.name,
          open() {
            attempts += 1;
            return transport.open();
          },
        },
        clock: systemClock,
        random: Math.random,
        onUp() {
          upAt = performance.now();
        },
        onDown(_, reason) {
          upAt = 0;
          reasons.push(reason);
        },
      });
      onTestFinished(() => supervisor.close());
      const isUp = () => eventually(() => expect(upAt).toBeGreaterThan(0));
      await isUp();
      // The best of several: starting a process on a computer that has other things to do may take as long by itself.
      let best = Number.POSITIVE_INFINITY;
      for (let tries = 0; tries < 4 && best >= 2000; tries++) {
        reasons.length = 0;
        attempts = 0;
        await rm(node);
        await pty.close();
        // Gone for long enough that the pauses have grown to their longest.
        await eventually(() => expect(attempts).toBeGreaterThan(6));
        const pluggedAt = performance.now();
        pty = await plug();
        await isUp();
        best = Math.min(best, upAt - pluggedAt);
        expect(reasons).toEqual(['unplugged', 'no-such-port']);
      }
      expect(best).toBeLessThan(2000);
      await supervisor.close();
    };
    await Promise.all([replug(hostedTransport), replug(serialTransport)]);
  }, 60_000);

  test('opened and closed a thousand times leaves nothing behind', async () => {
    const pty = await terminal();
    const { started, startPortHost, pid } = hosts();
    const transport = hostedTransport(serial(pty), { startPortHost });
    const cycle = async () => (await opened(transport)).close();
    const descriptors = async () => (await readdir(`/proc/${pid()}/fd`)).length;
    for (let i = 0; i < 20; i++) await cycle();
    const before = process.platform === 'linux' ? await descriptors() : 0;
    for (let i = 0; i < 1000; i++) await cycle();
    expect(started).toHaveLength(1);
    if (process.platform === 'linux')
      await eventually(async () => expect(await descriptors()).toBeLessThanOrEqual(before + 2));
  }, 60_000);

  test.each(['SIGTERM', 'SIGKILL', 'SIGINT'] as const)(
    'ends when the program that uses it gets %s',
    async (signal) => {
      const pty = await terminal();
      const parent = spawn(process.execPath, [fileURLToPath(program('parent')), pty.path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void parent.kill('SIGKILL'));
      const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
      const pid = Number(line);
      expect(isAlive(pid), line).toBe(true);
      parent.kill(signal);
      await once(parent, 'exit');
      await eventually(() => expect(isAlive(pid)).toBe(false));
    },
  );

  test('is not disturbed by what this program was started with', async () => {
    const pty = await terminal();
    vi.stubEnv('NODE_OPTIONS', '--require /nowhere/at-all.cjs');
    vi.stubEnv('DEBUG', 'serialport*');
    onTestFinished(() => void vi.unstubAllEnvs());
    const link = await opened(hostedTransport(serial(pty), hosts()));
    await link.close();
  });

  test('keeps no program running that has closed its port', async () => {
    const pty = await terminal();
    const parent = spawn(process.execPath, [fileURLToPath(program('parent')), pty.path, 'close'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const saidAt = performance.now();
    expect(await once(parent, 'exit')).toEqual([0, null]);
    expect(performance.now() - saidAt).toBeLessThan(4000);
    await eventually(() => expect(isAlive(Number(line))).toBe(false));
  });

  test('is kept for a while, and ended when no port has been open for a while', async () => {
    const pty = await terminal();
    const { startPortHost, pid } = hosts();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const transport = hostedTransport(serial(pty), { startPortHost, clock: manualClock() });
    await (await opened(transport)).close();
    const first = pid();
    vi.advanceTimersByTime(4900);
    await (await opened(transport)).close();
    expect(pid()).toBe(first);
    vi.advanceTimersByTime(5100);
    vi.useRealTimers();
    await eventually(() => expect(isAlive(first)).toBe(false));
    await (await opened(transport)).close();
    expect(pid()).not.toBe(first);
  });
});

describe('a process that holds ports', () => {
  const nowhere = { kind: 'serial', path: '/dev/no-such-port', baudRate: 9600 } as const;

  test('tells why a port could not be opened as the port itself would', async () => {
    const { startPortHost } = hosts();
    const refused = await hostedTransport(nowhere, { startPortHost }).open();
    expect(refused).toEqual(await serialTransport(nowhere).open());
    const missing = await transportOf({ kind: 'hid', device: 'fffe:fffe' }, { startPortHost }).open();
    expect(missing).toMatchObject({ ok: false, error: expect.stringMatching(/HID/) });
    const usb = await transportOf({ kind: 'usb', device: 'fffe:fffe' }, { startPortHost }).open();
    expect(usb).toEqual({ ok: false, error: 'no such device: USB fffe:fffe' });
    const printer = await transportOf({ kind: 'usblp', path: '/dev/usb/lp9' }, { startPortHost }).open();
    expect(printer).toEqual({ ok: false, error: 'no such port: /dev/usb/lp9' });
  });

  test('that hangs in native code is given up and ended', async () => {
    const clock = manualClock();
    const { startPortHost, started, pid } = hosts(program('hung-host'));
    const transport = hostedTransport(nowhere, { startPortHost, clock });
    const opening = transport.open();
    const first = pid();
    const isReady = new Promise((resolve) => started[0]?.onMessage(resolve));
    expect(await isReady).toEqual({ type: 'ready', id: 0 });
    await clock.advance(4999);
    expect(isAlive(first)).toBe(true);
    await clock.advance(1);
    expect(await opening).toEqual({ ok: false, error: 'serial /dev/no-such-port 9600 does not answer' });
    // The next opening does not go to the one that hangs, even before that is gone.
    const next = transport.open();
    expect(started).toHaveLength(2);
    await eventually(() => expect(isAlive(first)).toBe(false));
    started[1]?.end();
    expect((await next).ok).toBe(false);
  });

  test('that hangs while a port is open lets go of it at the latest when it is ended', async () => {
    const clock = manualClock();
    const { startPortHost, pid } = hosts(program('hung-host'));
    const link = await opened(
      hostedTransport({ kind: 'serial', path: 'opens', baudRate: 9600 }, { startPortHost, clock }),
    );
    const reasons: string[] = [];
    link.onClose((reason) => reasons.push(reason));
    const written = link.write(everyByte);
    const closed = link.close();
    await clock.advance(4999);
    expect(reasons).toEqual([]);
    await clock.advance(1);
    await closed;
    await written;
    expect(reasons).toEqual(['closed']);
    await eventually(() => expect(isAlive(pid())).toBe(false));
  });

  test('that is slow to start is waited for, but not without end', async () => {
    const clock = manualClock();
    const { startPortHost, started, pid } = hosts(program('mute-host'));
    const opening = hostedTransport(nowhere, { startPortHost, clock }).open();
    await clock.advance(19_999);
    expect(isAlive(pid())).toBe(true);
    await clock.advance(1);
    expect(await opening).toMatchObject({ ok: false, error: expect.stringMatching(/does not answer$/) });
    await eventually(() => expect(isAlive(pid())).toBe(false));
    expect(started).toHaveLength(1);
  });

  test('that talks nonsense is not believed', async () => {
    const { startPortHost } = hosts(program('lying-host'));
    const refused = await hostedTransport(nowhere, { startPortHost }).open();
    expect(refused).toEqual({ ok: false, error: 'busy telling lies' });
    expect(await listPorts({ startPortHost })).toEqual({
      ports: [],
      problems: ['ports could not be listed: the answer makes no sense'],
    });
  });

  test('that cannot be started is a failed opening and a listing with a problem', async () => {
    const { startPortHost } = hosts(program('no-such-program'));
    expect(await hostedTransport(nowhere, { startPortHost }).open()).toEqual({
      ok: false,
      error: 'the process that held the port ended (1)',
    });
    expect(await listPorts({ startPortHost })).toEqual({
      ports: [],
      problems: ['ports could not be listed: the process that held the port ended (1)'],
    });
  });

  test('that cannot even be tried to start is a listing with a problem', async () => {
    const startPortHost = (): never => {
      throw new Error('spawn EAGAIN');
    };
    expect(await listPorts({ startPortHost })).toEqual({
      ports: [],
      problems: ['ports could not be listed: spawn EAGAIN'],
    });
  });

  test('lists what there is, each with a configuration that can be opened', async () => {
    const { startPortHost, pid } = hosts();
    const { ports, problems } = await listPorts({ startPortHost });
    expect(problems).toEqual([]);
    for (const { config } of ports) expect(transportOf(config).name).toContain(config.kind);
    await eventually(() => expect(isAlive(pid())).toBe(false));
  });
});
