import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../config.ts';
import { transportSourceSchema } from './config.ts';
import type { PortHost } from './host/process.ts';
import { memoryTransport } from './memory.ts';
import { transportOf } from './transport-of.ts';

const parsed = (source: unknown) => parseConfig('the device', transportSourceSchema, source);

function problemsOf(source: unknown) {
  try {
    parsed(source);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ path, message }) => `${path.map(String).join('.')} | ${message}`);
    throw error;
  }
  return expect.unreachable('it is accepted');
}

test('a configuration becomes the transport it names; one made by hand stays what it is', () => {
  const { transport } = memoryTransport();
  expect(transportOf(parsed(transport))).toBe(transport);
  expect(
    [
      { kind: 'serial', path: '/dev/ttyUSB0' },
      { kind: 'tcp', host: '127.0.0.1', port: 9100 },
      { kind: 'hid', device: '10C4:0007', path: '/dev/hidraw0' },
      { kind: 'usb', device: '0400:C35A', serialNumber: 'A1', splitAt: 7 },
      { kind: 'usblp', path: '/dev/usb/lp0' },
    ].map((config) => transportOf(parsed(config)).name),
  ).toEqual([
    'serial /dev/ttyUSB0 115200',
    'tcp 127.0.0.1:9100',
    'hid 10c4:0007 /dev/hidraw0',
    'usb 0400:c35a A1',
    'usblp /dev/usb/lp0',
  ]);
});

test('what is wrong with a configuration is told field by field', () => {
  expect(problemsOf({ kind: 'hid', device: '10c4', usagePage: -1 })).toEqual([
    expect.stringMatching(/^device \| .*write vendor and product as in "10c4:0007"/),
    expect.stringMatching(/^usagePage \| /),
  ]);
  expect(problemsOf({ kind: 'serial', path: '', baudRate: 1200 })).toEqual([
    expect.stringMatching(/^path \| /),
    expect.stringMatching(/^baudRate \| .*115200/),
  ]);
  expect(problemsOf({ kind: 'tcp', host: 'x', port: 1, speed: 2 })).toEqual([
    expect.stringMatching(/'speed' is not known here/),
  ]);
  expect(problemsOf({ kind: 'carrier pigeon' })).toHaveLength(1);
  expect(problemsOf(null)).toHaveLength(1);
});

test('a network port needs no process of its own, every native one has one', async () => {
  const started: string[] = [];
  const startPortHost = (): PortHost => {
    const { promise, resolve } = Promise.withResolvers<string>();
    return {
      send(message) {
        if (message.type === 'open') started.push(message.config.kind);
        resolve('ended (0)');
      },
      onMessage() {},
      onEnd: (listener) => void promise.then(listener),
      hold() {},
      end() {},
    };
  };
  for (const config of [
    { kind: 'tcp', host: '127.0.0.1', port: 1 },
    { kind: 'serial', path: '/dev/nowhere' },
    { kind: 'hid', device: '10c4:0007' },
    { kind: 'usb', device: '0400:c35a' },
    { kind: 'usblp', path: '/dev/usb/lp0' },
  ])
    expect((await transportOf(parsed(config), { startPortHost }).open()).ok).toBe(false);
  expect(started).toEqual(['serial', 'hid', 'usb', 'usblp']);
});
