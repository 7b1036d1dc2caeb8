import { expect, test } from 'vitest';
import { createDebouncer, toStatus, unknownStatus } from './condition.ts';
import { NOTHING_WRONG } from './esc-pos/index.ts';

test('trouble is reported at once, being ready only when said twice', () => {
  const ready = toStatus(NOTHING_WRONG);
  const open = toStatus({ ...NOTHING_WRONG, coverOpen: true });
  const low = toStatus({ ...NOTHING_WRONG, paperNearEnd: true });
  const debounce = createDebouncer();
  expect(debounce(unknownStatus('starting'), ready)).toEqual(ready);
  expect(debounce(ready, open)).toEqual(open);
  expect(debounce(open, ready)).toBeNull();
  expect(debounce(open, open)).toBeNull();
  expect(debounce(open, ready)).toBeNull();
  expect(debounce(open, ready)).toEqual(ready);
  expect(debounce(ready, low)).toBeNull();
  expect(debounce(ready, ready)).toBeNull();
  expect(debounce(ready, low)).toBeNull();
  expect(debounce(ready, low)).toEqual(low);
});
