import { scryptSync } from 'node:crypto';
import { type Staff, toBase64url } from '@huimin/backend/contract';
import { manualClock } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { askAPerson } from './face-verifier.ts';
import { createStaffCheck } from './staff.ts';

const salt = new Uint8Array(16).fill(3);
const worker = (id: string, role: Staff['role']): Staff => ({
  id,
  name: '周敏',
  role,
  badge: `B-${id}`,
  pinSalt: toBase64url(salt),
  pinHash: toBase64url(scryptSync('2580', salt, 32, { N: 16384, r: 8, p: 1 })),
});
const zhou = worker('zhou', 'staff');

test('only community staff may say who someone is', () => {
  const check = createStaffCheck(
    () => [zhou, worker('xu', 'volunteer'), worker('he', 'technician')],
    manualClock(),
  );
  expect(check.badge(' B-zhou ').answer).toBe('known');
  expect(check.badge('B-xu').answer).toBe('not-staff');
  expect(check.badge('B-he').answer).toBe('not-staff');
  expect(check.badge('B-nobody').answer).toBe('unknown');
  expect(createStaffCheck(() => [], manualClock()).badge('B-zhou').answer).toBe('not-set-up');
});

test('five wrong PINs lock the badge for five minutes, also for the right one', async () => {
  const clock = manualClock();
  const check = createStaffCheck(() => [zhou], clock);
  expect(await check.pin(zhou, '2580')).toBe('right');
  for (let tries = 1; tries <= 4; tries++) expect(await check.pin(zhou, '0000')).toBe('wrong');
  expect(await check.pin(zhou, '0000')).toBe('locked');
  expect(await check.pin(zhou, '2580')).toBe('locked');
  expect(check.badge('B-zhou').answer).toBe('locked');
  await clock.advance(5 * 60_000 + 1);
  expect(await check.pin(zhou, '2580')).toBe('right');
});

test('without a calibrated matcher no picture is ever a match', async () => {
  const answer = await askAPerson.verify({ frame: new Uint8Array(1000), chipPhoto: new Uint8Array(1024) });
  expect(answer).toEqual({ answer: 'ask-person', reason: 'no-matcher' });
});
