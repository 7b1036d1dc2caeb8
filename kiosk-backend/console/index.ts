import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { errorResponseSchema } from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import { isLoopback } from '../loopback.ts';
import type { Storage } from '../storage/index.ts';
import { consolePage, frontPage } from './page.ts';
import { readSummary, summarySchema } from './summary.ts';

export interface ConsoleOptions {
  readonly db: Storage;
  readonly now: () => Date;
  /** Whether anyone on this machine may look (demo); else nobody may until there is a way to sign in. */
  readonly open: boolean;
}

const pageFolder = fileURLToPath(new URL('./page/', import.meta.url));

/** The name in the request's own `Host` header, which a forwarded one never stands in for; empty where there is none. */
function nameAsked(host: string | undefined): string {
  const address = `http://${host ?? ''}/`;
  return URL.canParse(address) ? new URL(address).hostname.replace(/^\[(.*)\]$/, '$1') : '';
}

/** The operator's console: for now read only, and in the demo only. */
export const consoleRoutes: FastifyPluginAsyncZod<ConsoleOptions> = async (app, { db, now, open }) => {
  const guard = async (request: FastifyRequest): Promise<void> => {
    // The name asked for is checked too: a stranger's page could have its own name lead to this machine.
    if (open && isLoopback(nameAsked(request.headers.host))) return;
    throw new Refusal(
      403,
      'rejected',
      'sign-in',
      'The console opens only after signing in, which comes later.',
    );
  };
  await app.register(fastifyStatic, {
    root: pageFolder,
    prefix: '/console/',
    wildcard: false,
    index: false,
    decorateReply: false,
  });
  app.get('/', { schema: { hide: true } }, (_request, reply) => reply.type('text/html').send(frontPage));
  app.get('/console', { schema: { hide: true }, onRequest: guard }, async (_request, reply) =>
    reply.type('text/html').send(consolePage(await readSummary(db, now()))),
  );
  app.get(
    '/api/console/summary',
    {
      onRequest: guard,
      schema: {
        tags: ['console'],
        summary: 'Kiosks, certificates, events and print problems at a glance',
        response: { 200: summarySchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    () => readSummary(db, now()),
  );
};
