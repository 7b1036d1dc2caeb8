import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../device.ts';
import {
  type FoundPort,
  forkPortHost,
  type Link,
  manualClock,
  memoryTransport,
  openPty,
  type PortListing,
  type TransportConfig,
} from '../transport/index.ts';
import { autoPort } from './auto-port.ts';
import { encodeReply, SW3 } from './codec.ts';
import { type DetectReaderOptions, detectIdCardReader } from './detect.ts';
import { openIdCardReader } from './driver.ts';
import { framedDevice } from './framing/index.ts';
import { parseProfiles, profileOf, profiles } from './profiles.ts';
import type { IdCardReader } from './reader.ts';
import { completed, sdtTransport } from './reader-port.ts';
import { opaqueBytes } from './simulated-bytes.ts';
import { simulateIdCardReader } from './simulator.ts';
import { settledBy } from './testing/bench.ts';
import { inventedCitizen } from './testing/invented-cards.ts';
import { asPort, readerOnPty, testPty } from './testing/pty-reader.ts';

const probe = await openPty();
if (probe.ok) await probe.value.close();
const absence = probe.ok ? '' : ` (skipped: ${probe.error})`;

/** A machine that is busy testing takes its time. */
const BUDGET_MS = 45_000;

const listing =
  (...ports: FoundPort[]) =>
  async (): Promise<PortListing> => ({ ports, problems: [] });

/**
 * Talks before anybody asks, and for a while whenever something is heard. Not without end: a terminal that nobody
 * reads takes a few kilobytes, and then holds up its writer.
 */
function chatter(link: Link): { readonly heard: number } {
  let heard = 0;
  let words = 20;
  link.onData((chunk) => {
    heard += chunk.length;
    words = 20;
  });
  const timer = setInterval(() => {
    if (words-- > 0) void link.write(opaqueBytes(`chatter ${words}`, 48));
  }, 10);
  onTestFinished(() => clearInterval(timer));
  return {
    get heard() {
      return heard;
    },
  };
}

const becomes = (reader: IdCardReader, device: string): Promise<void> =>
  new Promise((done) => {
    const stop = reader.onStatus((status) => {
      if (status.device !== device) return;
      stop();
      done();
    });
    if (reader.status.device === device) done();
  });

describe.skipIf(!probe.ok)(`on real pseudo-terminals${absence}`, () => {
  test('a reader at 9600 baud is found among a stranger who talks and one who is silent', async () => {
    const [silent, stranger] = [await testPty(), await testPty()];
    const scanner = await testPty();
    chatter(stranger.master);
    const left = chatter(scanner.master);
    const { pty } = await readerOnPty(9600);
    const found = await detectIdCardReader({
      listPorts: listing(
        asPort(scanner.path, '05e0:1200'),
        asPort(silent.path),
        asPort(stranger.path, '0403:6001'),
        asPort(pty.path, '1a86:7523'),
      ),
      clock: systemClock,
      budgetMs: BUDGET_MS,
    });
    expect(found).toMatchObject({
      ok: true,
      value: {
        transport: { kind: 'serial', path: pty.path, baudRate: 9600 },
        framing: 'plain',
        samId: '05.03-10000-0000012345-0000054321',
      },
    });
    expect(left.heard).toBe(0);
  }, 60_000);

  test('a reader is opened wherever it is, and found again at another port and another speed', async () => {
    const first = await readerOnPty(57600);
    first.reader.place(inventedCitizen(1));
    const silent = await testPty();
    let ports = [asPort(silent.path), asPort(first.pty.path)];
    const reader = openIdCardReader({
      transport: 'auto',
      listPorts: async () => ({ ports, problems: [] }),
    });
    onTestFinished(() => reader.close());
    await becomes(reader, 'online');
    expect(reader.capabilities).toMatchObject({ baudRate: true, samId: '05.03-10000-0000012345-0000054321' });
    expect(await reader.readCard()).toMatchObject({ ok: true, value: { card: inventedCitizen(1) } });

    const reading = reader.readCard();
    ports = [asPort(silent.path)];
    await first.pty.close();
    expect(await reading).toMatchObject({ ok: false, error: { reason: 'unplugged' } });
    const second = await readerOnPty(115200);
    second.reader.place(inventedCitizen(2));
    ports = [asPort(silent.path), asPort(second.pty.path)];
    await becomes(reader, 'online');
    expect(await reader.readCard()).toMatchObject({ ok: true, value: { card: inventedCitizen(2) } });
  }, 60_000);

  test('four silent ports are asked from one process, and that by another name than their own never', async () => {
    const silent = [await testPty(), await testPty(), await testPty(), await testPty()];
    const printer = await testPty();
    const heard = chatter(printer.master);
    const folder = mkdtempSync(join(tmpdir(), 'by-id-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const link = join(folder, 'receipt-printer');
    symlinkSync(printer.path, link);
    const touched = new Set<string>();
    for (const { path, master } of silent) master.onData(() => touched.add(path));
    const ended: Promise<string>[] = [];
    const reader = openIdCardReader({
      transport: 'auto',
      exclude: [link],
      listPorts: listing(asPort(printer.path), ...silent.map(({ path }) => asPort(path))),
      startPortHost() {
        const host = forkPortHost();
        ended.push(new Promise((end) => host.onEnd(end)));
        onTestFinished(() => host.end());
        return host;
      },
    });
    onTestFinished(() => reader.close());
    await vi.waitFor(() => expect(touched.size).toBe(4), 20_000);
    expect(ended).toHaveLength(1);
    expect(heard.heard).toBe(0);
  }, 30_000);

  test('unplugged while its speed is being changed it is no device any more', async () => {
    const { pty } = await readerOnPty(115200);
    const folder = mkdtempSync(join(tmpdir(), 'by-id-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'reader');
    symlinkSync(pty.path, path);
    const reader = openIdCardReader({ transport: { kind: 'serial', path, baudRate: 115200 } });
    onTestFinished(() => reader.close());
    await becomes(reader, 'online');
    rmSync(path);
    const changed = await reader.setBaudRate(9600, { timeoutMs: 1000 });
    expect(changed).toMatchObject({ ok: false, error: { reason: 'timed-out' } });
    expect(reader.status).toEqual({ device: 'noDevice', media: 'unknown' });
    symlinkSync(pty.path, path);
    await vi.waitFor(() => expect(reader.status.device).toBe('online'), 10_000);
  }, 20_000);

  test('the speed of a reader is set, and the port opened again at that speed', async () => {
    const { pty, reader: simulator } = await readerOnPty(115200);
    simulator.place(inventedCitizen(1));
    const reader = openIdCardReader({ transport: { kind: 'serial', path: pty.path, baudRate: 115200 } });
    onTestFinished(() => reader.close());
    const statuses: string[] = [];
    reader.onStatus(({ device }) => statuses.push(device));
    await becomes(reader, 'online');
    expect(await reader.setBaudRate(38400)).toEqual({ ok: true, value: undefined });
    expect(simulator.baudRate).toBe(38400);
    expect(statuses).toEqual(['online', 'starting', 'online']);
    expect(await reader.readCard()).toMatchObject({ ok: true, value: { card: inventedCitizen(1) } });
  });
});

describe('looking for a reader', () => {
  const hid = (device: string, path: string): FoundPort => ({
    config: { kind: 'hid', device, path },
    usb: device,
  });

  /** Ports in process: by path or device, what answers there. */
  function bench(devices: Record<string, (link: Link) => void>) {
    const clock = manualClock();
    const opened: string[] = [];
    const transportFor = (config: TransportConfig) => {
      const where = 'path' in config && config.path ? config.path : JSON.stringify(config);
      const { transport, peer } = memoryTransport(where);
      devices[where]?.(peer);
      return {
        ...transport,
        open: () => {
          opened.push(where);
          return transport.open();
        },
      };
    };
    const detect = (options: Partial<DetectReaderOptions> & Pick<DetectReaderOptions, 'listPorts'>) =>
      settledBy(clock)(detectIdCardReader({ clock, transportFor, ...options }));
    const reader = (framing: 'plain' | 'miaxis' | 'derk') => (link: Link) =>
      void simulateIdCardReader({ link: framedDevice(link, framing), clock, paced: false });
    return { clock, opened, detect, reader, devices };
  }

  test('asks known devices first, in their framing, and then no other port', async () => {
    const { detect, opened, devices, reader } = bench({});
    devices['/dev/hidraw1'] = reader('miaxis');
    devices['/dev/ttyUSB0'] = reader('plain');
    const found = await detect({
      listPorts: listing(asPort('/dev/ttyUSB0'), hid('10c4:0007', '/dev/hidraw1')),
    });
    expect(found).toMatchObject({ ok: true, value: { framing: 'miaxis', transport: { kind: 'hid' } } });
    expect(opened).toEqual(['/dev/hidraw1']);
  });

  test('leaves alone what is excluded, what is something else, and what it does not know', async () => {
    const { detect, opened } = bench({});
    const result = await detect({
      listPorts: listing(
        asPort('/dev/ttyUSB0', '04b8:0202'),
        asPort('/dev/ttyUSB2', '1a86:7523'),
        asPort('/dev/ttyUSB1'),
        hid('046d:c31c', '/dev/hidraw0'),
        { config: { kind: 'usblp', path: '/dev/usb/lp0' } },
      ),
      exclude: ['/dev/ttyUSB1', '1A86:7523'],
    });
    expect(opened).toEqual([]);
    expect(result).toMatchObject({
      ok: false,
      error: {
        cutShort: false,
        attempts: [
          { port: '/dev/ttyUSB0', outcome: 'left-alone', detail: 'it is a receipt printer' },
          { port: '/dev/ttyUSB2', outcome: 'left-alone', detail: 'it belongs to another device' },
          { port: '/dev/ttyUSB1', outcome: 'left-alone', detail: 'it belongs to another device' },
        ],
      },
    });
  });

  test('leaves a port alone whatever name it is excluded by', async () => {
    const { detect, opened } = bench({});
    const result = await detect({
      listPorts: listing(asPort('/dev/ttyUSB0'), asPort('/dev/by-name/printer')),
      exclude: ['/dev/serial/by-id/usb-printer', '/dev/ttyUSB1'],
      realPath: (path) =>
        ({ '/dev/serial/by-id/usb-printer': '/dev/ttyUSB0', '/dev/by-name/printer': '/dev/ttyUSB1' })[path] ??
        path,
    });
    expect(opened).toEqual([]);
    expect(result).toMatchObject({
      error: { attempts: [{ outcome: 'left-alone' }, { outcome: 'left-alone' }] },
    });
  });

  test('a device whose security module is out of order is a reader all the same', async () => {
    const { detect, devices } = bench({});
    devices['/dev/ttyUSB0'] = (link) => link.onData(() => void link.write(encodeReply(SW3.samSelfTest)));
    expect(await detect({ listPorts: listing(asPort('/dev/ttyUSB0')) })).toMatchObject({
      ok: true,
      value: { samId: null },
    });
  });

  test('takes no longer than it was given, and tells what it tried', async () => {
    const { detect } = bench({});
    const ports = Array.from({ length: 40 }, (_, i) => asPort(`/dev/ttyS${i}`));
    const result = await detect({ listPorts: listing(...ports), budgetMs: 3000 });
    if (result.ok) throw new Error('nobody is there');
    expect(result.error.cutShort).toBe(true);
    expect(result.error.tookMs).toBeLessThanOrEqual(3010);
    expect(result.error.attempts.length).toBeGreaterThan(10);
    expect(result.error.attempts[0]).toMatchObject({ port: '/dev/ttyS0', outcome: 'silent' });
  });
});

test('auto asks where the reader was last, then everywhere, and leaves ports without a reader in peace for a while', async () => {
  const clock = manualClock();
  const opened: string[] = [];
  const answering = new Set<string>();
  const ports: FoundPort[] = [asPort('/dev/ttyUSB0'), asPort('/dev/ttyUSB1')];
  const port = autoPort({
    hosting: { clock },
    exclude: [],
    listPorts: async () => ({ ports, problems: [] }),
    open: (config) => {
      const where = config.kind === 'serial' ? config.path : config.kind;
      const { transport, peer } = memoryTransport(where);
      const device = memoryTransport('the reader itself');
      simulateIdCardReader({ link: { ...peer, onData: device.peer.onData }, clock, paced: false });
      void device.transport.open().then((inner) => {
        peer.onData((chunk) => {
          if (inner.ok && answering.has(where)) void inner.value.write(chunk);
        });
      });
      return {
        name: where,
        open: () => {
          opened.push(where);
          return transport.open();
        },
      };
    },
  });
  const open = async (): Promise<boolean> => {
    opened.length = 0;
    const link = await settledBy(clock)(port.transport.open());
    if (link.ok) await link.value.close();
    return link.ok;
  };

  /** Every speed of every port, in as many openings as it takes, each well within a supervisor's patience. */
  const askEverybody = async (): Promise<void> => {
    const all: string[] = [];
    for (let left = 2 * 5; left > 0; left -= opened.length) {
      const from = clock.monotonic();
      expect(await open()).toBe(false);
      expect(clock.monotonic() - from).toBeLessThan(6000);
      expect(opened.length).toBeGreaterThan(0);
      all.push(...opened);
    }
    expect(all.toSorted()).toEqual([...Array(5).fill('/dev/ttyUSB0'), ...Array(5).fill('/dev/ttyUSB1')]);
  };
  await askEverybody();
  expect(await open()).toBe(false);
  expect(opened).toEqual([]);
  await clock.advance(60_000);
  await askEverybody();

  ports.push(asPort('/dev/ttyUSB2'));
  answering.add('/dev/ttyUSB2');
  expect(await open()).toBe(true);
  expect(port.baudRate).toBe(115200);
  expect(port.transport.name).toBe('auto, /dev/ttyUSB2');
  expect(await open()).toBe(true);
  expect(opened).toEqual(['/dev/ttyUSB2', '/dev/ttyUSB2']);

  answering.clear();
  answering.add('/dev/ttyUSB0');
  expect(await open()).toBe(true);
  expect(opened[0]).toBe('/dev/ttyUSB2');
  expect(port.transport.name).toBe('auto, /dev/ttyUSB0');
  port.stop();
  expect(await open()).toBe(false);
});

describe('profiles', () => {
  test('a product goes before its vendor, whatever the case', () => {
    expect(profileOf('10C4:0007')).toMatchObject({ is: 'reader', framing: 'miaxis' });
    expect(profileOf('0400:c35a')).toMatchObject({ transport: 'usb', splitAt: 7 });
    expect(profileOf('04b8:0e28')).toMatchObject({ is: 'other' });
    expect(profileOf('ffff:0001')).toBeNull();
    const special = parseProfiles([
      {
        usb: ['04b8:0001'],
        is: 'reader',
        maker: 'a',
        model: 'b',
        transport: 'hid',
        framing: 'derk',
        confidence: 'one source',
      },
      ...profiles,
    ]);
    expect(profileOf('04b8:0001', special)).toMatchObject({ is: 'reader' });
  });

  test('complete what a configuration leaves out, and nothing that it says', () => {
    const bulk = { kind: 'usb', device: '0400:c35a' } as const;
    expect(completed(bulk)).toEqual({ source: { ...bulk, splitAt: 7 }, framing: 'plain' });
    expect(completed({ ...bulk, splitAt: 9 })).toEqual({ source: { ...bulk, splitAt: 9 }, framing: 'plain' });
    expect(completed({ kind: 'hid', device: '0483:572b' })).toMatchObject({ framing: 'derk' });
    expect(completed({ kind: 'hid', device: 'ffff:0001' })).toMatchObject({ framing: 'plain' });
    expect(sdtTransport({ kind: 'hid', device: '10c4:0007' }).name).toBe('hid 10c4:0007, miaxis framing');
  });

  test('a wrong line is refused', () => {
    expect(() =>
      parseProfiles([{ usb: ['10c4:7'], is: 'other', what: 'x', confidence: 'one source' }]),
    ).toThrow('10c4:0007');
    expect(() => parseProfiles([...profiles, ...profiles])).toThrow('two profiles speak of 10c4:0007');
  });
});
