import { createHash, randomInt } from 'node:crypto';
import { normaliseCode } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'; // Crockford's: nothing that looks like something else
const LENGTH = 12; // 60 bits
const VALID_DAYS = 7;

const hashOf = (code: string): string => createHash('sha256').update(normaliseCode(code)).digest('hex');

/** Makes a one-time code with which this kiosk, standing in this community, may enrol. Only its hash is kept. */
export async function newEnrolmentCode(
  db: Storage,
  kiosk: string,
  community: string,
  now: Date,
): Promise<string> {
  const code = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const expires = new Date(now.getTime() + VALID_DAYS * 86_400_000);
  await db
    .insertInto('enrolment_codes')
    .values({ code_hash: hashOf(code), kiosk, community, expires_at: expires.toISOString(), used_at: null })
    .execute();
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/** Uses up a code: the community it was made for, or null when it is not (or no longer) good for this kiosk. */
export async function useEnrolmentCode(
  db: Storage,
  kiosk: string,
  code: string,
  now: Date,
): Promise<string | null> {
  const used = await db
    .updateTable('enrolment_codes')
    .set({ used_at: now.toISOString() })
    .where('code_hash', '=', hashOf(code))
    .where('kiosk', '=', kiosk)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now.toISOString())
    .returning('community')
    .executeTakeFirst();
  return used?.community ?? null;
}
