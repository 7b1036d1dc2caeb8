import { createHmac, randomBytes } from 'node:crypto';
import type { Storage } from './schema.ts';

/** The row of `secrets` that holds the key under which people are named. */
export const SUBJECT_KEY = 'subject-key';

/** Sixteen bytes of the HMAC tell any number of people apart, and an index of them stays small. */
const SUBJECT_BYTES = 16;

export const newSubjectKey = (): string => randomBytes(32).toString('base64url');

/**
 * A person as audit and indexes name them: HMAC-SHA256 over the ID number under the database's own key, cut to
 * 16 bytes, base64url. Without the database nobody can tell whom it names.
 */
export const subjectFor = (idNumber: string, key: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64url'))
    .update(idNumber.trim().toUpperCase())
    .digest()
    .subarray(0, SUBJECT_BYTES)
    .toString('base64url');

/** The person an event's body is about; null where it names nobody by an ID number. */
export function subjectOf(body: object, key: string): string | null {
  const idNumber = idNumberIn(body);
  return idNumber === null ? null : subjectFor(idNumber, key);
}

/** The key of this database; it never changes. Read it once, and keep it while the database is open. */
export async function subjectKey(db: Storage): Promise<string> {
  const { value } = await db
    .selectFrom('secrets')
    .select('value')
    .where('name', '=', SUBJECT_KEY)
    .executeTakeFirstOrThrow();
  return value;
}

/** The first `idNumber` at any depth, so that a new kind of event is found too. */
function idNumberIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('idNumber' in value && typeof value.idNumber === 'string' && value.idNumber !== '')
    return value.idNumber;
  for (const inner of Object.values(value)) {
    const found = idNumberIn(inner);
    if (found !== null) return found;
  }
  return null;
}
