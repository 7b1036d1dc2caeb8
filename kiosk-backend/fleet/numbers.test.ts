import { expect, test } from 'vitest';
import { normaliseNumber, serialIn } from '../contract/index.ts';
import { isInBlocks } from './numbers.ts';

test('a number is compared without what people type differently', () => {
  for (const typed of [
    'jz-0001-000123',
    ' JZ 0001 000123',
    'ＪＺ－０００１－０００１２３',
    'JZ—0001–000123',
    'jz0001000123',
  ]) {
    expect(normaliseNumber(typed)).toBe('JZ0001000123');
  }
});

test('a serial is read only from a number of that kiosk', () => {
  expect(serialIn('JZ-0007-000123', '0007')).toBe(123);
  for (const other of [
    'JZ-0008-000123',
    'JZ-0007-123',
    'JZ-00070-00123',
    'JZ0007000123',
    '0007-000123',
    '',
  ]) {
    expect(serialIn(other, '0007')).toBeNull();
  }
});

test('a number is in a block from its first to its last serial', () => {
  const blocks = [
    { first: 1, last: 500 },
    { first: 1001, last: 1500 },
  ];
  const isIn = (serial: number) => isInBlocks(`JZ-0007-${String(serial).padStart(6, '0')}`, '0007', blocks);
  expect([0, 1, 500, 501, 1000, 1001, 1500, 1501].map(isIn)).toEqual([
    false,
    true,
    true,
    false,
    false,
    true,
    true,
    false,
  ]);
});
