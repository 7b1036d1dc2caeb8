import { expect, test } from 'vitest';
import { createTrays } from './trays.ts';

test('the oldest paper falls off when there is no room, and no id is used twice', () => {
  const trays = createTrays();
  for (let n = 0; n < 41; n += 1) trays.add({ kind: 'certificate', at: n, pdf: new Uint8Array() });
  expect(trays.papers).toHaveLength(40);
  expect(trays.find('certificate-1')).toBeUndefined();
  expect(trays.take('certificate-41')?.at).toBe(40);
  expect(trays.take('certificate-41')).toBeUndefined();
  expect(trays.add({ kind: 'certificate', at: 99, pdf: new Uint8Array() }).id).toBe('certificate-42');
});
