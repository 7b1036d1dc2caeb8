import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeIpp } from './decode.ts';
import { encodeIpp } from './encode.ts';
import type { IppAttribute, IppMessage, IppValue } from './message.ts';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'binary', maxLength: 30 }).filter((value) => value.isWellFormed());
const octets = fc.uint8Array({ maxLength: 20 });

const { attribute } = fc.letrec<{ value: IppValue; attribute: IppAttribute }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      type: fc.constantFrom(
        'text',
        'name',
        'keyword',
        'uri',
        'uriScheme',
        'charset',
        'naturalLanguage',
        'mimeMediaType',
      ),
      value: text,
    }),
    fc.record({ type: fc.constantFrom('integer', 'enum'), value: int }),
    fc.record({ type: fc.constant('boolean'), value: fc.boolean() }),
    fc.record({ type: fc.constant('octetString'), value: octets }),
    fc.record({ type: fc.constant('dateTime'), value: fc.uint8Array({ minLength: 11, maxLength: 11 }) }),
    fc.record({ type: fc.constant('resolution'), x: int, y: int, unit: fc.constantFrom(3, 4) }),
    fc.record({ type: fc.constant('range'), lower: int, upper: int }),
    fc.record({ type: fc.constantFrom('textWithLanguage', 'nameWithLanguage'), language: text, value: text }),
    fc.record({ type: fc.constantFrom('unsupported', 'unknown', 'no-value') }),
    fc.record({ type: fc.constant('other'), tag: fc.constantFrom(0x11, 0x40, 0x7f, 0xff), value: octets }),
    fc.record({
      type: fc.constant('collection'),
      members: fc.array(tie('attribute'), { maxLength: 3 }),
    }),
  ) as fc.Arbitrary<IppValue>,
  attribute: fc.record({
    name: fc.string({ minLength: 1, maxLength: 20 }),
    values: fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
  }),
}));

const message: fc.Arbitrary<IppMessage> = fc.record({
  version: fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(0, 1)),
  code: fc.integer({ min: 0, max: 0xffff }),
  requestId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  groups: fc.array(
    fc.record({ tag: fc.constantFrom(1, 2, 4, 5), attributes: fc.array(attribute, { maxLength: 4 }) }),
    { maxLength: 4 },
  ),
  data: octets,
});

test('every message decodes to itself', () => {
  fc.assert(
    fc.property(message, (original) => {
      expect(decodeIpp(encodeIpp(original))).toEqual({ ok: true, value: original });
    }),
  );
});

test('damaged messages are values, never exceptions', () => {
  const damage = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(message, damage, fc.nat(400), (original, changes, length) => {
      const damaged = encodeIpp(original).slice(0, length);
      for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte;
      expect(typeof decodeIpp(damaged).ok).toBe('boolean');
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => typeof decodeIpp(noise).ok === 'boolean'),
  );
});

test('every beginning of a message is refused', () => {
  const whole = encodeIpp({
    version: [2, 0],
    code: 0,
    requestId: 1,
    groups: [{ tag: 1, attributes: [{ name: 'a', values: [{ type: 'range', lower: 1, upper: 2 }] }] }],
    data: new Uint8Array(),
  });
  for (let length = 0; length < whole.length; length += 1) {
    expect(decodeIpp(whole.subarray(0, length)).ok).toBe(false);
  }
  expect(decodeIpp(whole).ok).toBe(true);
});

test('the successful Print-Job answer of RFC 8010 A.2', () => {
  const answer = bytes(`
    0101 0000 00000001 01
    47 0012 617474726962757465732d63686172736574 0005 7574662d38
    48 001b 617474726962757465732d6e61747572616c2d6c616e6775616765 0005 656e2d7573
    41 000e 7374617475732d6d657373616765 000d 7375636365737366756c2d6f6b
    02
    21 0006 6a6f622d6964 0004 00000093
    45 0007 6a6f622d757269 0027 6970703a2f2f7072696e7465722e6578616d706c652e636f6d2f6970702f7072696e742f313437
    23 0009 6a6f622d7374617465 0004 00000003
    03`);
  const decoded = decodeIpp(answer);
  expect(decoded.ok && decoded.value.groups[1]).toEqual({
    tag: 2,
    attributes: [
      { name: 'job-id', values: [{ type: 'integer', value: 147 }] },
      { name: 'job-uri', values: [{ type: 'uri', value: 'ipp://printer.example.com/ipp/print/147' }] },
      { name: 'job-state', values: [{ type: 'enum', value: 3 }] },
    ],
  });
});

test('nesting without end and values out of place are refused', () => {
  const head = '0200 0000 00000001 04';
  const open = '34 0000 0000 4a 0000 0001 61';
  expect(decodeIpp(bytes(`${head} 34 0001 61 0000 4a 0000 0001 61 ${open.repeat(5000)}`))).toEqual({
    ok: false,
    error: 'collections are nested too deeply',
  });
  for (const bad of [
    '4a 0000 0001 61',
    '37 0000 0000',
    '21 0000 0004 00000001',
    '21 0001 61 0003 000001',
    '21 ffff',
  ]) {
    expect(decodeIpp(bytes(`${head} ${bad} 03`)).ok).toBe(false);
  }
});

test('what does not fit its length field is not encoded', () => {
  const value = { type: 'text', value: 'x'.repeat(32_768) } as const;
  const groups = [{ tag: 1, attributes: [{ name: 'a', values: [value] }] }];
  expect(() => encodeIpp({ version: [2, 0], code: 2, requestId: 1, groups, data: new Uint8Array() })).toThrow(
    RangeError,
  );
});
