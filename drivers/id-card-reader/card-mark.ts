import { createHmac, randomBytes } from 'node:crypto';

/**
 * Marks cards so that one can be told from another without keeping its number: HMAC-SHA256 under a random key that
 * only the returned function holds, hex. The same number has the same mark; marks of two markers never match.
 */
export function cardMarker(): (number: string) => string {
  const key = randomBytes(32);
  return (number) => createHmac('sha256', key).update(number).digest('hex');
}
