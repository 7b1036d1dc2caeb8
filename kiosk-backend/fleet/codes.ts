import { createHash, randomInt } from 'node:crypto';
import { normaliseCode } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'; // Crockford's: nothing that looks like something else
const LENGTH = 12; // 60 bits
const VALID_DAYS = 7;
/** How often one code is taken in all: answers get lost, but each use costs a block of numbers. */
const MOST_USES = 10;

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
    .values({
      code_hash: hashOf(code),
      kiosk,
      community,
      expires_at: expires.toISOString(),
      used_at: null,
      identity_key: null,
      uses: 0,
    })
    .execute();
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/**
 * Uses a code: the community it was made for, or null when it is not (or no longer) good for this kiosk. The answer to
 * the first use may have been lost on the way, so the same kiosk may use it again while it is valid: with the same
 * identity key, and as long as nothing has enrolled in its place since with another. To be called in a transaction
 * that is rolled back when the answer is null.
 */
export async function useEnrolmentCode(
  db: Storage,
  request: { readonly kiosk: string; readonly code: string; readonly identityKey: string },
  now: Date,
): Promise<string | null> {
  const { kiosk, code, identityKey } = request;
  const used = await db
    .updateTable('enrolment_codes')
    .set((column) => ({
      used_at: now.toISOString(),
      identity_key: identityKey,
      uses: column('uses', '+', 1),
    }))
    .where('code_hash', '=', hashOf(code))
    .where('kiosk', '=', kiosk)
    .where('expires_at', '>', now.toISOString())
    .where('uses', '<', MOST_USES)
    .where((where) => where.or([where('used_at', 'is', null), where('identity_key', '=', identityKey)]))
    .returning(['community', 'uses'])
    .executeTakeFirst();
  if (!used || used.uses === 1) return used?.community ?? null;
  // A statement of its own: one that waited for the first use would not see the kiosk that came of it.
  const same = await db
    .selectFrom('kiosks')
    .select('id')
    .where('id', '=', kiosk)
    .where('identity_key', '=', identityKey)
    .executeTakeFirst();
  return same ? used.community : null;
}
