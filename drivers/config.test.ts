import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, parseConfig } from './config.ts';
import { transportSourceSchema } from './transport/index.ts';

const schema = z.strictObject({
  protocol: z.literal('sdt').default('sdt'),
  transport: z.literal('auto').or(transportSourceSchema),
});
const problems = (config: unknown): string[] => {
  try {
    parseConfig('the reader', schema, config);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ message }) => message);
  }
};

test('a right configuration comes back with its defaults', () => {
  expect(parseConfig('the reader', schema, { transport: { kind: 'serial', path: '/dev/ttyUSB0' } })).toEqual({
    protocol: 'sdt',
    transport: { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 115200 },
  });
  expect(parseConfig('the reader', schema, { transport: 'auto' })).toMatchObject({ transport: 'auto' });
});

test('a transport made by hand is taken as it is', () => {
  const transport = { name: 'mine', open: async () => ({ ok: false as const, error: 'no' }) };
  expect(parseConfig('the reader', schema, { transport }).transport).toBe(transport);
});

test.each([
  [
    { transport: { kind: 'serial', path: 'COM3', baudRate: 1200 } },
    /^'transport\.baudRate' must be one of: 9600/,
  ],
  [{ transport: { kind: 'serial', path: 'COM3', baudrate: 9600 } }, /^'baudrate' is not known here$/],
  [{ transport: { kind: 'hid', device: '10c4' } }, /^'transport\.device': write vendor and product/],
  [{ transport: { kind: 'usbb' } }, /^'transport\.kind' must be one of: serial, tcp, hid, usb, usblp$/],
  [{ transport: 7 }, /^'transport' must be one of: auto; or 'transport': expected object/],
  [{}, /^'transport' must be one of: auto; or 'transport': expected object/],
  [{ protocol: 'std', transport: 'auto' }, /^'protocol' must be one of: sdt$/],
])('%j is answered with what is right', (config, sentence) => {
  expect(problems(config)).toEqual([expect.stringMatching(sentence)]);
});

test('the error says what cannot be opened', () => {
  expect(() => parseConfig('the reader', schema, { transport: 'auto', colour: 1 })).toThrow(
    "the reader cannot be opened with this configuration: 'colour' is not known here",
  );
});
