import { expect, test } from 'vitest';
import { adviceFor } from './advice.ts';

test.each([
  [{ device: 'userError', paper: 'out', cover: 'closed' }, /paper is out/],
  [{ device: 'userError', paper: 'out', cover: 'open' }, /cover is open/],
  [{ device: 'hardwareError', paper: 'jammed' }, /jammed/],
  [{ device: 'hardwareError', media: 'unknown' }, /needs repair/],
  [{ device: 'offline', media: 'unknown' }, /right port and speed/],
  [{ device: 'deviceBusy', head: 'overheated' }, /too hot/],
  [{ device: 'noDevice', reason: 'pcsc-module-missing' }, /npm install smartcard/],
])('%j: a sentence that says what to do', (status, sentence) => {
  expect(adviceFor(status)).toMatch(sentence);
});

test('nothing in the way, nothing said', () => {
  expect(
    adviceFor({ device: 'online', paper: 'full', cover: 'closed', cutter: 'ok', head: 'ok' }),
  ).toBeNull();
});
