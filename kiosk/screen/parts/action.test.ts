import { expect, test } from 'vitest';
import { actionName, DoublePressGuard } from './action.ts';

test('controls carry the fixed names', () => {
  expect(actionName({ do: 'service', id: 'residence-certificate' })).toBe('service:residence-certificate');
  expect(actionName({ do: 'digit', digit: '7' })).toBe('digit:7');
  expect(actionName({ do: 'language', language: 'en' })).toBe('language:en');
  expect(actionName({ do: 'elder-mode' })).toBe('elder-mode');
  expect(actionName({ do: 'camera-failed' })).toBeNull();
});

test('a double press is one press; digits, other controls and other pages are not held back', () => {
  const guard = new DoublePressGuard();
  expect(guard.passes(1, { do: 'next' }, 0)).toBe(true);
  expect(guard.passes(1, { do: 'next' }, 200)).toBe(false);
  expect(guard.passes(1, { do: 'back' }, 210)).toBe(true);
  expect(guard.passes(2, { do: 'back' }, 220)).toBe(true);
  expect(guard.passes(2, { do: 'back' }, 900)).toBe(true);
  expect(guard.passes(2, { do: 'digit', digit: '1' }, 910)).toBe(true);
  expect(guard.passes(2, { do: 'digit', digit: '1' }, 920)).toBe(true);
});
