import type { Entry } from '../audit/index.ts';
import { type Actor, recordAct } from '../audit/index.ts';
import { dropTraces, type Storage, subjectFor, subjectKey, type Tables } from '../storage/index.ts';
import { claimsOf, type PersonalClaims } from './claims.ts';
import { EVENT_TABLES, type Redacted, redactEvents } from './redact.ts';

/** Who asks about whom. */
export interface Request {
  /** As printed on the ID card. */
  readonly idNumber: string;
  /** Who at the operator's answers the person. */
  readonly actor: Actor;
}

/** Everything the backend holds about one person. */
export interface PersonalFile extends PersonalClaims {
  readonly idNumber: string;
  readonly asOf: string;
  readonly registry: readonly Tables['residents'][];
  readonly certificates: readonly (Pick<
    Tables['certificates'],
    'number' | 'type' | 'kiosk' | 'statement' | 'offline' | 'server_time'
  > & { readonly revocation: { readonly reason: string; readonly revoked_at: string } | null })[];
  /** What kiosks reported about the person, and what else happened during the same visits. */
  readonly events: readonly (Pick<
    Tables['events'],
    'kiosk' | 'id' | 'kind' | 'visit' | 'device_time' | 'server_time' | 'outcome' | 'reason'
  > & { readonly body: unknown })[];
  /** What a second journal under a kiosk's identity said of the person. */
  readonly forks: readonly (Pick<Tables['forks'], 'kiosk' | 'id' | 'kind' | 'device_time' | 'server_time'> & {
    readonly body: unknown;
  })[];
  readonly prints: readonly Pick<
    Tables['print_ledger'],
    'kiosk' | 'visit' | 'document' | 'number' | 'state' | 'detail' | 'server_time'
  >[];
  /** Who looked the person up, or did something that concerned them. */
  readonly audit: readonly Entry[];
}

/**
 * What the backend holds about a person, for their request under the Personal Information Protection Law (PIPL,
 * Art. 45); that it was asked is on record.
 */
export async function personalFile(db: Storage, request: Request, now: Date): Promise<PersonalFile> {
  return db.transaction().execute(async (trx) => {
    const { idNumber, actor } = request;
    const subject = await subjectIn(trx, idNumber);
    const registry = await trx
      .selectFrom('residents')
      .selectAll()
      .where('id_number', '=', normalised(idNumber))
      .execute();
    const certificates = await certificatesOf(trx, subject);
    const events = await eventsOf(trx, subject);
    const prints = await printsOf(trx, events);
    const forks = await trx
      .selectFrom('forks')
      .select(['kiosk', 'id', 'kind', 'device_time', 'server_time', 'body'])
      .where('subject', '=', subject)
      .orderBy('server_time')
      .execute();
    const claimed = await claimsOf(trx, normalised(idNumber));
    const audit = await trx
      .selectFrom('audit')
      .selectAll()
      .where('subject', '=', subject)
      .orderBy('sequence')
      .execute();
    const detail = {
      registry: registry.length,
      certificates: certificates.length,
      events: events.length,
    };
    await recordAct(trx, { at: now, actor, action: 'person.accessed', idNumber, detail });
    return {
      idNumber: normalised(idNumber),
      asOf: now.toISOString(),
      registry,
      certificates,
      events,
      forks: forks.map((row) => ({ ...row, body: JSON.parse(row.body) as unknown })),
      prints,
      ...claimed,
      audit,
    };
  });
}

/** How much was taken out. */
export interface Forgotten extends Redacted {
  readonly registry: number;
}

/**
 * Deletes a person's data (PIPL, Art. 47). Events lose what is personal; that certificates of certain numbers were
 * issued, when, and their statements with a masked name stay, so that paper in somebody's hands can still be checked.
 * The registry's row goes only with `registry`: it is the community's own record. What a kiosk reports later, it holds
 * again.
 */
export async function forgetPerson(
  db: Storage,
  request: Request & { readonly reason: string; readonly registry: boolean },
  now: Date,
): Promise<Forgotten> {
  const forgotten = await db.transaction().execute((trx) => forgetIn(trx, request, now));
  await dropTraces(db);
  return forgotten;
}

async function forgetIn(
  trx: Storage,
  request: Parameters<typeof forgetPerson>[1],
  now: Date,
): Promise<Forgotten> {
  const { idNumber, actor, reason } = request;
  const subject = await subjectIn(trx, idNumber);
  await blankRevocations(trx, subject);
  let redacted: Redacted = { events: 0, certificates: 0 };
  for (const table of EVENT_TABLES) {
    const found = await trx
      .selectFrom(table)
      .select(['kiosk', 'id', 'hash', 'kind', 'body'])
      .where('subject', '=', subject)
      .orderBy('server_time')
      .orderBy('kiosk')
      .orderBy('id')
      .execute();
    const { events, certificates } = await redactEvents(trx, table, found, now);
    redacted = {
      events: redacted.events + events,
      certificates: redacted.certificates + certificates,
    };
  }
  const registry = request.registry
    ? await trx
        .deleteFrom('residents')
        .where('id_number', '=', normalised(idNumber))
        .executeTakeFirstOrThrow()
    : { numDeletedRows: 0n };
  const forgotten = { ...redacted, registry: Number(registry.numDeletedRows) };
  const detail = { ...forgotten, reason };
  await recordAct(trx, { at: now, actor, action: 'person.forgotten', idNumber, detail });
  return forgotten;
}

const normalised = (idNumber: string): string => idNumber.trim().toUpperCase();

const subjectIn = async (trx: Storage, idNumber: string): Promise<string> =>
  subjectFor(idNumber, await subjectKey(trx));

async function certificatesOf(trx: Storage, subject: string): Promise<PersonalFile['certificates']> {
  const rows = await trx
    .selectFrom('certificates')
    .leftJoin('revocations', 'revocations.number_key', 'certificates.number_key')
    .select([
      'certificates.number',
      'type',
      'kiosk',
      'statement',
      'offline',
      'server_time',
      'revocations.reason',
      'revoked_at',
    ])
    .where('subject', '=', subject)
    .orderBy('server_time')
    .execute();
  return rows.map(({ reason, revoked_at, ...row }) => ({
    ...row,
    revocation: reason === null || revoked_at === null ? null : { reason, revoked_at },
  }));
}

async function eventsOf(trx: Storage, subject: string): Promise<PersonalFile['events']> {
  const own = await trx
    .selectFrom('events')
    .select(['kiosk', 'id', 'visit'])
    .where('subject', '=', subject)
    .execute();
  const events: PersonalFile['events'][number][] = [];
  // Kiosk by kiosk: an index leads to a kiosk's events, none to a visit's, which arrive far more often than this asks.
  for (const [kiosk, theirs] of Map.groupBy(own, (event) => event.kiosk)) {
    const rows = await trx
      .selectFrom('events')
      .select(['kiosk', 'id', 'kind', 'visit', 'device_time', 'server_time', 'outcome', 'reason', 'body'])
      .where('kiosk', '=', kiosk)
      .where(({ or, eb }) =>
        or([
          eb('subject', '=', subject),
          eb(
            'visit',
            'in',
            theirs.flatMap(({ visit }) => visit ?? []),
          ),
        ]),
      )
      .orderBy('enrolment')
      .orderBy('sequence')
      .execute();
    events.push(...rows.map((row) => ({ ...row, body: JSON.parse(row.body) as unknown })));
  }
  return events;
}

async function printsOf(trx: Storage, events: PersonalFile['events']): Promise<PersonalFile['prints']> {
  const prints: PersonalFile['prints'][number][] = [];
  for (const { kiosk, id } of events.filter(({ kind }) => kind === 'print.recorded')) {
    const row = await trx
      .selectFrom('print_ledger')
      .select(['kiosk', 'visit', 'document', 'number', 'state', 'detail', 'server_time'])
      .where('kiosk', '=', kiosk)
      .where('event', '=', id)
      .executeTakeFirst();
    if (row) prints.push(row);
  }
  return prints;
}

/** Why a certificate was taken back is an operator's free text, which may name somebody. */
async function blankRevocations(trx: Storage, subject: string): Promise<void> {
  await trx
    .updateTable('revocations')
    .set({ reason: '' })
    .where('number_key', 'in', (of) =>
      of.selectFrom('certificates').select('number_key').where('subject', '=', subject),
    )
    .execute();
}
