import { expect, test } from 'vitest';
import { mediaFault, sameStatus, stemOf, toStatus } from './state.ts';

test.each([
  [3, ['none'], { device: 'online', paper: 'full', cover: 'closed', toner: 'full', reasons: [] }],
  [4, [], { device: 'online' }],
  [5, ['media-empty-error'], { device: 'userError', paper: 'out' }],
  [4, ['media-needed'], { device: 'userError', paper: 'out' }],
  [3, ['media-low-warning'], { device: 'online', paper: 'low' }],
  [5, ['media-jam-error', 'media-empty-error'], { device: 'hardwareError', paper: 'jammed' }],
  [5, ['cover-open-error'], { device: 'userError', cover: 'open' }],
  [5, ['door-open-report'], { device: 'userError', cover: 'open' }],
  [3, ['toner-low-warning'], { device: 'online', toner: 'low' }],
  [3, ['marker-supply-low-report'], { device: 'online', toner: 'low' }],
  [5, ['toner-empty-error'], { device: 'userError', toner: 'out' }],
  [5, ['output-area-full-warning'], { device: 'userError', paper: 'full' }],
  [5, ['paused'], { device: 'offline' }],
  [3, ['connecting-to-device'], { device: 'offline' }],
  [5, ['fuser-over-temp-error'], { device: 'hardwareError' }],
  [5, ['none'], { device: 'hardwareError' }],
  [undefined, ['other-report'], { device: 'online', reasons: ['other-report'] }],
] as const)('state %s with %j', (state, reasons, expected) => {
  expect(toStatus(state, reasons)).toMatchObject(expected);
});

test('severities are taken off stems once', () => {
  expect(stemOf('media-jam-error')).toBe('media-jam');
  expect(stemOf('media-jam')).toBe('media-jam');
  expect(stemOf('x-error-report')).toBe('x-error');
});

test('a finished job waits for jams and covers, and for paper', () => {
  expect(mediaFault(['none'])).toBe('none');
  expect(mediaFault(['toner-low-warning'])).toBe('none');
  expect(mediaFault(['media-empty-error'])).toBe('no-paper');
  expect(mediaFault(['media-empty-error', 'door-open'])).toBe('stuck');
});

test('the order of reasons is no change', () => {
  expect(sameStatus(toStatus(3, ['a', 'b']), toStatus(3, ['b', 'a']))).toBe(true);
  expect(sameStatus(toStatus(3, ['a']), toStatus(3, ['b']))).toBe(false);
});
