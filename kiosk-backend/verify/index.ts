import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { errorResponseSchema, verifyRequestSchema, verifyResponseSchema } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';
import { judgeScan, judgeTyped } from './judge.ts';
import { storedLedger } from './ledger.ts';

export { revoke } from './ledger.ts';

export interface VerifyOptions {
  readonly db: Storage;
  readonly now: () => Date;
}

const pageFolder = fileURLToPath(new URL('./page/', import.meta.url));

/** Verification, for anyone: the page and what it asks. */
export const verifyRoutes: FastifyPluginAsyncZod<VerifyOptions> = async (app, { db, now }) => {
  const ledger = storedLedger(db);
  app.post(
    '/api/verify',
    {
      config: { rateLimit: { max: 60, timeWindow: '1 minute' } },
      schema: {
        tags: ['public'],
        summary: 'Says what stands behind a printed certificate',
        body: verifyRequestSchema,
        response: { 200: verifyResponseSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async ({ body }) =>
      'statement' in body
        ? judgeScan(body.statement, ledger, now())
        : judgeTyped(body.number, body.code, ledger, now()),
  );

  await app.register(fastifyStatic, { root: pageFolder, prefix: '/verify/', wildcard: false, index: false });
  app.get('/verify', { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
};
