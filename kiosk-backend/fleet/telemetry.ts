import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  errorResponseSchema,
  kioskPaths,
  type Telemetry,
  telemetryRequestSchema,
  telemetryResponseSchema,
} from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';
import { requireCaller } from './signed-requests.ts';

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
      await keepTelemetry(db, requireCaller(request).id, request.body, serverTime);
      return { serverTime };
    },
  );
};

async function keepTelemetry(db: Storage, kiosk: string, told: Telemetry, at: string): Promise<void> {
  const { run, tick } = told;
  // PostgreSQL keeps every character in a text but U+0000, which JSON writes as an escape.
  const row = { run, tick, body: JSON.stringify(told), server_time: at };
  await db
    .insertInto('telemetry')
    .values({ kiosk, ...row })
    .onConflict((conflict) =>
      conflict
        .column('kiosk')
        .doUpdateSet(row)
        // One that was overtaken on its way is no news.
        .where((kept) => kept.or([kept('telemetry.run', '!=', run), kept('telemetry.tick', '<', tick)])),
    )
    .execute();
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
