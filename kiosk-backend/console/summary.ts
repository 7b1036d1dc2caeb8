import { sql } from 'kysely';
import { z } from 'zod';
import { readStatement, telemetryRequestSchema } from '../contract/index.ts';
import { readTelemetry } from '../fleet/index.ts';
import { forkSchema, readForks } from '../ingest/index.ts';
import { leftOutSchema, readLeftOut } from '../registry/index.ts';
import type { Storage } from '../storage/index.ts';

const MOST_ROWS = 50;

/** What the console shows: counts and device matters; of residents no more than a masked name. */
export const summarySchema = z.object({
  kiosks: z.array(
    z.object({
      id: z.string(),
      number: z.string(),
      community: z.string(),
      lastContact: z.string(),
      /** Since when it is not trusted any more; null while it is. */
      revokedAt: z.string().nullable(),
      /** How far the kiosk's clock is ahead of ours by what it told last, in seconds; null when not known. */
      clockAhead: z.number().nullable(),
      events: z.number(),
      chainGaps: z.number(),
      refusals: z.number(),
      /** How the kiosk is, as it told last; null when it never did. */
      telemetry: telemetryRequestSchema.extend({ at: z.string() }).nullable(),
    }),
  ),
  certificates: z.object({
    count: z.number(),
    offline: z.number(),
    revoked: z.number(),
    latest: z.array(
      z.object({
        number: z.string(),
        type: z.string(),
        /** Masked. */
        holder: z.string(),
        kiosk: z.string(),
        reportedAt: z.string(),
      }),
    ),
  }),
  events: z.array(z.object({ kind: z.string(), accepted: z.number(), rejected: z.number() })),
  /** Printed pages whose last word is not "confirmed". */
  printProblems: z.array(
    z.object({
      kiosk: z.string(),
      document: z.string(),
      number: z.string().nullable(),
      state: z.string(),
      detail: z.string(),
      at: z.string(),
    }),
  ),
  /** Kiosks of which there seem to be two. */
  forks: forkSchema,
  /** Rows of the registry that kiosks are not told of. */
  leftOut: leftOutSchema,
  serverTime: z.string(),
});

export type Summary = z.infer<typeof summarySchema>;

export async function readSummary(db: Storage, now: Date): Promise<Summary> {
  const [kiosks, certificates, events, printProblems, leftOut, forks] = await Promise.all([
    readKiosks(db),
    readCertificates(db),
    readEventCounts(db),
    readPrintProblems(db),
    readLeftOut(db),
    readForks(db),
  ]);
  return { kiosks, certificates, events, printProblems, leftOut, forks, serverTime: now.toISOString() };
}

const count = sql<number>`count(*)`;

async function readKiosks(db: Storage): Promise<Summary['kiosks']> {
  const rows = await db
    .selectFrom('kiosks')
    .select(['id', 'number', 'community', 'last_contact', 'last_kiosk_time', 'revoked_at'])
    .select((of) => [
      of.selectFrom('events').select(count.as('n')).whereRef('events.kiosk', '=', 'kiosks.id').as('events'),
      of
        .selectFrom('chain_gaps')
        .select(count.as('n'))
        .whereRef('chain_gaps.kiosk', '=', 'kiosks.id')
        .as('gaps'),
      of
        .selectFrom('refusals')
        .select(count.as('n'))
        .whereRef('refusals.kiosk', '=', 'kiosks.id')
        .as('refused'),
    ])
    .orderBy('number')
    .execute();
  const told = await readTelemetry(db);
  return rows.map((row) => ({
    id: row.id,
    number: row.number,
    community: row.community,
    lastContact: row.last_contact,
    revokedAt: row.revoked_at,
    clockAhead: clockAhead(row, told.get(row.id)?.clock ?? null),
    events: row.events ?? 0,
    chainGaps: row.gaps ?? 0,
    refusals: row.refused ?? 0,
    telemetry: told.get(row.id) ?? null,
  }));
}

/** A kiosk that knows our time signs with it, so its own word counts; the stamp tells of one that has not told yet. */
function clockAhead(
  row: { readonly last_contact: string; readonly last_kiosk_time: string | null },
  told: { readonly errorMs: number } | null,
): number | null {
  if (told !== null) return Math.round(told.errorMs / 1000);
  return row.last_kiosk_time === null ? null : secondsBetween(row.last_contact, row.last_kiosk_time);
}

async function readCertificates(db: Storage): Promise<Summary['certificates']> {
  const totals = await db
    .selectFrom('certificates')
    .select([count.as('all'), sql<number>`coalesce(sum(offline), 0)`.as('offline')])
    .executeTakeFirstOrThrow();
  const { revoked } = await db
    .selectFrom('revocations')
    .select(count.as('revoked'))
    .executeTakeFirstOrThrow();
  const latest = await db
    .selectFrom('certificates')
    .select(['number', 'type', 'statement', 'kiosk', 'server_time'])
    .orderBy('server_time', 'desc')
    .limit(MOST_ROWS)
    .execute();
  return {
    count: totals.all,
    offline: totals.offline,
    revoked,
    latest: latest.map(({ number, type, statement, kiosk, server_time }) => ({
      number,
      type,
      holder: readStatement(statement)?.claims.holder ?? '',
      kiosk,
      reportedAt: server_time,
    })),
  };
}

const readEventCounts = (db: Storage): Promise<Summary['events']> =>
  db
    .selectFrom('events')
    .select([
      'kind',
      sql<number>`sum(case when outcome = 'accepted' then 1 else 0 end)`.as('accepted'),
      sql<number>`sum(case when outcome = 'rejected' then 1 else 0 end)`.as('rejected'),
    ])
    .groupBy('kind')
    .orderBy('kind')
    .execute();

async function readPrintProblems(db: Storage): Promise<Summary['printProblems']> {
  const rows = await db
    .selectFrom('print_ledger as said')
    .select(['kiosk', 'document', 'number', 'state', 'detail', 'server_time'])
    .where('state', '!=', 'confirmed')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('print_ledger as later')
            .select('later.event')
            .whereRef('later.kiosk', '=', 'said.kiosk')
            .whereRef('later.entry', '=', 'said.entry')
            .where(({ and, eb, or, ref }) =>
              or([
                eb('later.enrolment', '>', ref('said.enrolment')),
                and([
                  eb('later.enrolment', '=', ref('said.enrolment')),
                  eb('later.sequence', '>', ref('said.sequence')),
                ]),
              ]),
            ),
        ),
      ),
    )
    .orderBy('server_time', 'desc')
    .limit(MOST_ROWS)
    .execute();
  return rows.map(({ server_time, ...row }) => ({ ...row, at: server_time }));
}

/** Null when either is not a time. */
function secondsBetween(from: string, to: string): number | null {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return Number.isFinite(seconds) ? seconds : null;
}
