import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BenchError } from './wire.ts';

export function sendError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } } satisfies BenchError);
}

/** A browser names the page a request comes from; a page of another origin has no business on this bench. */
function isFromElsewhere({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Lets in JSON from our own page and from programs, and gives every failure the API's shape. */
export function guard(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    if (!SAFE.has(request.method) && isFromElsewhere(request)) {
      return sendError(reply, 403, 'cross-origin', 'The bench listens only to its own page and to programs.');
    }
  });
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status === 415)
      return sendError(reply, 415, 'not-json', 'Send JSON, with content-type: application/json.');
    if (status < 500) return sendError(reply, status, 'invalid-body', `${error.message}.`.replace('..', '.'));
    throw error;
  });
}
