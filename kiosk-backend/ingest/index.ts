import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  errorResponseSchema,
  eventsRequestSchema,
  eventsResponseSchema,
  kioskPaths,
} from '../contract/index.ts';
import { requireCaller } from '../fleet/index.ts';
import type { Storage } from '../storage/index.ts';
import { takeEvents } from './take.ts';

export interface IngestOptions {
  readonly db: Storage;
  readonly now: () => Date;
}

/** Two hundred events with everything they may hold fit twice over. */
const BODY_LIMIT = 2 * 1024 * 1024;

/** Where kiosks' events arrive; register it within `signedRequests`. */
export const ingestRoutes: FastifyPluginAsyncZod<IngestOptions> = async (app, { db, now }) => {
  app.post(
    kioskPaths.events,
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: ['kiosk'],
        summary: 'What a kiosk has done, exactly once however often it is sent',
        body: eventsRequestSchema,
        response: { 200: eventsResponseSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => {
      const at = now();
      const results = await takeEvents(db, requireCaller(request), request.body.events, at);
      return { results, serverTime: at.toISOString() };
    },
  );
};
