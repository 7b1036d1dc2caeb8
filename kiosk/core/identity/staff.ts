import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { fromBase64url, type Staff } from '@huimin/backend/contract';
import type { Clock } from '@huimin/drivers';

const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);
const TRIES = 5;
const LOCK_MS = 5 * 60_000;

export type BadgeAnswer =
  | { readonly answer: 'known'; readonly worker: Staff }
  /** `not-set-up`: no backend has told this kiosk yet who its staff are. */
  | { readonly answer: 'unknown' | 'not-staff' | 'locked' | 'not-set-up' };

export type PinAnswer = 'right' | 'wrong' | 'locked';

/** Badge and PIN of the people who may vouch for a resident. Works without a network. */
export interface StaffCheck {
  /** Who a scanned badge belongs to, if that person may confirm an identity. */
  badge(code: string): BadgeAnswer;
  /** Five wrong PINs lock the badge for five minutes. */
  pin(worker: Staff, pin: string): Promise<PinAnswer>;
}

export function createStaffCheck(staff: () => readonly Staff[], clock: Clock): StaffCheck {
  const failures = new Map<string, { count: number; lockedUntil: number }>();
  const locked = (worker: Staff): boolean => (failures.get(worker.id)?.lockedUntil ?? 0) > clock.monotonic();

  return {
    badge: (code) => {
      if (staff().length === 0) return { answer: 'not-set-up' };
      const worker = staff().find((candidate) => candidate.badge === code.trim());
      if (worker === undefined) return { answer: 'unknown' };
      // Volunteers help, technicians mend; only community staff may say who someone is.
      if (worker.role !== 'staff') return { answer: 'not-staff' };
      return locked(worker) ? { answer: 'locked' } : { answer: 'known', worker };
    },
    pin: async (worker, pin) => {
      if (locked(worker)) return 'locked';
      const expected = fromBase64url(worker.pinHash);
      const given = await derive(pin, fromBase64url(worker.pinSalt), expected.length, {
        N: 16384,
        r: 8,
        p: 1,
      });
      if (timingSafeEqual(given, expected)) {
        failures.delete(worker.id);
        return 'right';
      }
      const count = (failures.get(worker.id)?.count ?? 0) + 1;
      const isLocked = count >= TRIES;
      failures.set(worker.id, {
        count: isLocked ? 0 : count,
        lockedUntil: isLocked ? clock.monotonic() + LOCK_MS : 0,
      });
      return isLocked ? 'locked' : 'wrong';
    },
  };
}
