import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Authority } from '../authority/index.ts';
import {
  type Bundle,
  bundleSigningText,
  canonicalJson,
  type Resident,
  residentSchema,
  SIGNED_FOR_MS,
} from '../contract/index.ts';
import type { Storage, Tables } from '../storage/index.ts';

/** What the contract takes: where that changes, every record is judged again. */
const FORM = hash('sha256', canonicalJson(z.toJSONSchema(residentSchema)), 'base64url');
/** Rows written in one statement; PostgreSQL takes 65,535 parameters. */
const ROWS_A_STATEMENT = 500;

export interface SignedResidents {
  /** In the order of their ids. */
  readonly bundles: readonly Bundle[];
  /** What is wrong with rows that were found unfit just now, e.g. `name`, once for each of them; nobody is named. */
  readonly faults: readonly string[];
}

type Kept = Tables['resident_bundles'];

/**
 * The residents of a community as kiosks take them. A signature is made when a row is new, has changed, or was signed
 * longer ago than a signature stands, and is kept in the database, where the first of several backends that sign at once
 * is right. A row that does not fit the contract is left out and
 * counted, and never keeps the others from travelling.
 */
export async function signedResidents(
  { db, authority }: { readonly db: Storage; readonly authority: Authority },
  community: string,
  now: Date,
): Promise<SignedResidents> {
  const rows = await db
    .selectFrom('residents')
    .leftJoin('resident_bundles', 'resident_bundles.resident', 'residents.id')
    .selectAll('residents')
    .select(['content', 'signed_at', 'signature', 'fault'])
    .where('community', '=', community)
    .orderBy('id')
    .execute();
  const known: { readonly resident: Resident; readonly kept: Kept }[] = [];
  const made: Kept[] = [];
  for (const row of rows) {
    const resident = toResident(row);
    const content = hash('sha256', `${authority.pin}\n${FORM}\n${canonicalJson(resident)}`, 'base64url');
    const stands = row.content === content && isFresh(row, now);
    const { signed_at, signature, fault } = stands ? row : await sign(authority, resident, now);
    if (signed_at === null) throw new Error('a signature without its time');
    const kept = { resident: row.id, content, signed_at, signature, fault };
    if (!stands) made.push(kept);
    known.push({ resident, kept });
  }
  const stored = new Map<string, Kept>();
  for (let from = 0; from < made.length; from += ROWS_A_STATEMENT)
    for (const row of await keep(db, made.slice(from, from + ROWS_A_STATEMENT), now))
      stored.set(row.resident, row);
  const bundles = known.flatMap(({ resident, kept }): Bundle[] => {
    const first = stored.get(kept.resident);
    const { signed_at: signedAt, signature } = first?.content === kept.content ? first : kept;
    return signature === null ? [] : [{ resident, signedAt, signature }];
  });
  return { bundles, faults: made.flatMap(({ fault }) => fault ?? []) };
}

/** What stands in a field that the contract does not take, e.g. `name, residence`; null for a record that is fit. */
export function faultOf(resident: Resident): string | null {
  const fit = residentSchema.safeParse(resident);
  return fit.success ? null : [...new Set(fit.error.issues.map(({ path }) => path.join('.')))].join(', ');
}

export const toResident = (row: Tables['residents']): Resident => ({
  id: row.id,
  idNumber: row.id_number,
  name: row.name,
  residence: row.residence,
  community: row.community,
  residentSince: row.resident_since,
  status: row.status,
});

/** A clock that ran ahead has signed in the future; that is put right as soon as the clock is. */
const isFresh = (
  kept: { readonly signed_at: string | null; readonly fault: string | null },
  now: Date,
): boolean =>
  kept.signed_at !== null &&
  (kept.fault !== null || Math.abs(now.getTime() - Date.parse(kept.signed_at)) < SIGNED_FOR_MS);

async function sign(
  authority: Authority,
  resident: Resident,
  now: Date,
): Promise<Pick<Kept, 'signed_at' | 'signature' | 'fault'>> {
  const signedAt = now.toISOString();
  const fault = faultOf(resident);
  if (fault !== null) return { signed_at: signedAt, signature: null, fault };
  const signature = await authority.sign(bundleSigningText({ resident, signedAt }));
  return { signed_at: signedAt, signature, fault: null };
}

/**
 * What is kept then. A resident who was deleted in the meantime is let go; what another has signed in the meantime stays,
 * so that all kiosks are told the same signature.
 */
function keep(db: Storage, rows: readonly Kept[], now: Date): Promise<readonly Kept[]> {
  const after = (ms: number): string => new Date(now.getTime() + ms).toISOString();
  return db.transaction().execute(async (trx) => {
    const there = await trx
      .selectFrom('residents')
      .select('id')
      .where(
        'id',
        'in',
        rows.map(({ resident }) => resident),
      )
      .execute();
    const ids = new Set(there.map(({ id }) => id));
    const values = rows.filter(({ resident }) => ids.has(resident));
    if (values.length === 0) return [];
    await trx
      .insertInto('resident_bundles')
      .values(values)
      .onConflict((conflict) =>
        conflict
          .column('resident')
          .doUpdateSet(({ ref }) => ({
            content: ref('excluded.content'),
            signed_at: ref('excluded.signed_at'),
            signature: ref('excluded.signature'),
            fault: ref('excluded.fault'),
          }))
          .where((kept) =>
            kept.or([
              kept('resident_bundles.content', '!=', kept.ref('excluded.content')),
              kept('resident_bundles.signed_at', '<=', after(-SIGNED_FOR_MS)),
              kept('resident_bundles.signed_at', '>=', after(SIGNED_FOR_MS)),
            ]),
          ),
      )
      .execute();
    return trx
      .selectFrom('resident_bundles')
      .selectAll()
      .where(
        'resident',
        'in',
        values.map(({ resident }) => resident),
      )
      .execute();
  });
}
