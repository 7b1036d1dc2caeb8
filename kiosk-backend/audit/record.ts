import { canonicalJson } from '../contract/index.ts';
import { type Storage, subjectFor, subjectKey } from '../storage/index.ts';
import { type Entry, nextEntry, type Said } from './entry.ts';

/** Everything that is put on record. */
export type Action =
  | 'enrolment-code.made'
  | 'kiosk.enrolled'
  | 'kiosk.revoked'
  | 'certificate.revoked'
  | 'resident.looked-up'
  | 'inbox.delivered'
  | 'carried-file.taken'
  | 'person.accessed'
  | 'person.forgotten'
  | 'data.expired'
  | 'shares.defined'
  | 'shares.written-off'
  | 'backup.made'
  | 'backup.restored';

export type Actor =
  | { readonly kiosk: string }
  /** The account at whose terminal a command was typed, or who signed in. */
  | { readonly operator: string }
  | 'system';

/** Who did what, when, and to whom. */
export interface Act {
  readonly at: Date;
  readonly actor: Actor;
  readonly action: Action;
  /** The number of the ID card of the person concerned. Only a pseudonym of it is kept. */
  readonly idNumber?: string | undefined;
  /** What else an auditor needs; never anything personal. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * Puts acts on record, in the transaction in which they are done. To be called last in it: until the transaction ends,
 * all others that record something wait, since each entry is chained to the one before.
 */
export async function recordActs(trx: Storage, acts: readonly Act[]): Promise<void> {
  if (acts.length === 0) return;
  const said = await allSaid(trx, acts);
  // Holds the counter's row first of all, so that whoever comes next sees these entries before adding its own.
  const { value } = await trx
    .updateTable('counters')
    .set((column) => ({ value: column('value', '+', acts.length) }))
    .where('name', '=', 'audit')
    .returning('value')
    .executeTakeFirstOrThrow();
  let last = await entryAt(trx, value - acts.length);
  const entries: Entry[] = [];
  for (const one of said) {
    const entry = nextEntry(last, one);
    entries.push(entry);
    last = entry;
  }
  await trx.insertInto('audit').values(entries).execute();
}

/** One act: see {@link recordActs}. */
export const recordAct = (trx: Storage, act: Act): Promise<void> => recordActs(trx, [act]);

/** Where somebody took the last entry away, the next one says so for good, and kiosks are served all the same. */
async function entryAt(trx: Storage, sequence: number): Promise<Pick<Entry, 'sequence' | 'hash'> | null> {
  if (sequence === 0) return null;
  const entry = await trx
    .selectFrom('audit')
    .select(['sequence', 'hash'])
    .where('sequence', '=', sequence)
    .executeTakeFirst();
  return entry ?? { sequence, hash: '' };
}

async function allSaid(trx: Storage, acts: readonly Act[]): Promise<Said[]> {
  const key = acts.some(({ idNumber }) => idNumber !== undefined) ? await subjectKey(trx) : null;
  return acts.map(({ at, actor, action, idNumber, detail }) => ({
    at: at.toISOString(),
    actor: nameOf(actor),
    action,
    subject: key === null || idNumber === undefined ? null : subjectFor(idNumber, key),
    detail: canonicalJson(detail ?? {}),
  }));
}

function nameOf(actor: Actor): string {
  if (actor === 'system') return actor;
  return 'kiosk' in actor ? `kiosk:${actor.kiosk}` : `operator:${actor.operator}`;
}
