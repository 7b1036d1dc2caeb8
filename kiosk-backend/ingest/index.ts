import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  EVENTS_BODY_BYTES,
  errorResponseSchema,
  eventsRequestSchema,
  eventsResponseSchema,
  kioskPaths,
} from '../contract/index.ts';
import { requireContact } from '../fleet/index.ts';
import type { Storage } from '../storage/index.ts';
import { openIntake } from './take.ts';

export { type NotTaken, type Taken, takeCarriedFile } from './carried.ts';
export { forkSchema, readForks } from './forks.ts';
export { type Result, takeEvents } from './take.ts';

export interface IngestOptions {
  readonly db: Storage;
  readonly now: () => Date;
}

/** Where kiosks' events arrive; register it within `signedRequests`. */
export const ingestRoutes: FastifyPluginAsyncZod<IngestOptions> = async (app, { db, now }) => {
  const intake = openIntake(db);
  app.post(
    kioskPaths.events,
    {
      bodyLimit: EVENTS_BODY_BYTES,
      config: { recordsContact: true },
      schema: {
        tags: ['kiosk'],
        summary: 'What a kiosk has done, exactly once however often it is sent',
        body: eventsRequestSchema,
        response: { 200: eventsResponseSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => {
      const at = now();
      const { caller, contact } = requireContact(request);
      const results = await intake.take(caller, contact, request.body.events, at);
      return { results, serverTime: at.toISOString() };
    },
  );
};
