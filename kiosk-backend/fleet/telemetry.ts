import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  errorResponseSchema,
  kioskPaths,
  type Telemetry,
  telemetryRequestSchema,
  telemetryResponseSchema,
} from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';
import { requireCaller, signedClaim } from './signed-requests.ts';

export interface TelemetryOptions {
  readonly db: Storage;
  readonly now: () => Date;
}

/** Where kiosks tell how they are; register it within `signedRequests`. */
export const telemetryRoutes: FastifyPluginAsyncZod<TelemetryOptions> = async (app, { db, now }) => {
  app.post(
    kioskPaths.telemetry,
    {
      schema: {
        tags: ['kiosk'],
        summary: 'How a kiosk is now; the latest counts',
        body: telemetryRequestSchema,
        response: { 200: telemetryResponseSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => {
      const serverTime = now().toISOString();
      const { id: kiosk } = requireCaller(request);
      const signedAt = signedClaim(request).time;
      await keepTelemetry(db, request.body, { kiosk, signedAt, at: serverTime });
      return { serverTime, last: await lastOf(db, kiosk) };
    },
  );
};

/** A kiosk signs with our time, which it knows to within so much. */
const TIME_KNOWN_MS = 5000;

async function keepTelemetry(
  db: Storage,
  told: Telemetry,
  request: { readonly kiosk: string; readonly signedAt: string; readonly at: string },
): Promise<void> {
  const { run, tick } = told;
  const { kiosk, signedAt, at } = request;
  const signedBy = new Date(Date.parse(signedAt) + TIME_KNOWN_MS).toISOString();
  // PostgreSQL keeps every character in a text but U+0000, which JSON writes as an escape.
  const row = { run, tick, body: JSON.stringify(told), server_time: at };
  await db
    .insertInto('telemetry')
    .values({ kiosk, ...row })
    .onConflict((conflict) =>
      conflict
        .column('kiosk')
        .doUpdateSet(row)
        // One that was overtaken on its way is no news: by a later one of the same start, or by what came after it was
        // signed. What is kept from a time that lies ahead came when our clock was wrong, and overtakes nothing.
        .where((kept) =>
          kept.or([
            kept.and([kept('telemetry.run', '=', run), kept('telemetry.tick', '<', tick)]),
            kept.and([
              kept('telemetry.run', '!=', run),
              kept.or([
                kept('telemetry.server_time', '<=', signedBy),
                kept('telemetry.server_time', '>', at),
              ]),
            ]),
          ]),
        ),
    )
    .execute();
}

async function lastOf(db: Storage, kiosk: string) {
  const last = await db
    .selectFrom('events')
    .innerJoin('kiosks', (join) =>
      join.onRef('kiosks.id', '=', 'events.kiosk').onRef('kiosks.enrolment', '=', 'events.enrolment'),
    )
    .select(['sequence', 'hash'])
    .where('events.kiosk', '=', kiosk)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last ?? null;
}

/** What each kiosk told last, by its id. */
export async function readTelemetry(db: Storage): Promise<ReadonlyMap<string, Telemetry & { at: string }>> {
  const rows = await db.selectFrom('telemetry').select(['kiosk', 'body', 'server_time']).execute();
  return new Map(
    rows.flatMap(({ kiosk, body, server_time }) => {
      // One that an earlier version kept may have another form; the next one comes soon.
      const read = telemetryRequestSchema.safeParse(JSON.parse(body));
      return read.success ? [[kiosk, { ...read.data, at: server_time }]] : [];
    }),
  );
}
