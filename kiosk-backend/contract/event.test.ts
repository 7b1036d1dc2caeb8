import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './event.ts';

/** As it was first defined; journals and databases hold hashes of such texts. */
const first = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

const keys = fc.oneof(
  fc.string(),
  fc.nat().map(String),
  fc.constantFrom('__proto__', '01', '-1', '4294967295'),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, undefined),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.integer(),
    fc.array(tie('value')),
    fc.array(fc.tuple(keys, tie('value'))).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

test('canonical JSON is the same text for ever, whatever the order in which it was built', () => {
  fc.assert(
    fc.property(json, (value) => {
      fc.pre(value !== undefined);
      expect(canonicalJson(value)).toBe(first(value));
    }),
  );
  expect(canonicalJson({ b: 1, a: { 10: 'x', 9: 'y', '': null } })).toBe(
    '{"a":{"9":"y","10":"x","":null},"b":1}',
  );
});
