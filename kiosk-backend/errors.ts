import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { errorResponseSchema } from './contract/index.ts';

type ErrorBody = z.infer<typeof errorResponseSchema>;
type Kind = ErrorBody['error']['kind'];

/** A refusal a route decided on; its message is for the caller to read and holds nothing personal. */
export class Refusal extends Error {
  readonly status: number;
  readonly kind: Kind;
  readonly code: string;
  constructor(status: number, kind: Kind, code: string, message: string) {
    super(message);
    this.status = status;
    this.kind = kind;
    this.code = code;
  }
}

const body = (kind: Kind, code: string, message: string): ErrorBody => ({ error: { kind, code, message } });

/** Fastify's own refusals that say something a caller can act on. */
const known: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'too-large', 'Send less at once.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'media-type', 'Send application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'malformed', 'The body is empty.'],
};

/** Every error as JSON the kiosk can act on. What went wrong inside stays inside: no message, no stack. */
export function answerError(
  error: FastifyError | Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (error instanceof Refusal) {
    reply.code(error.status).send(body(error.kind, error.code, error.message));
    return;
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = error.validation.map((issue) => issue.instancePath || '/').join(', ');
    reply.code(400).send(body('rejected', 'invalid', `Not as described at /docs: ${where}`));
    return;
  }
  const refused = known[error.code];
  if (refused) {
    reply.code(refused[0]).send(body('rejected', refused[1], refused[2]));
    return;
  }
  const status = error.statusCode ?? 500;
  if (status === 429) {
    reply.code(429).send(body('retryable', 'too-many', 'Too many requests; wait a minute.'));
    return;
  }
  if (status >= 400 && status < 500) {
    reply.code(status).send(body('rejected', 'malformed', 'The request could not be read.'));
    return;
  }
  // Messages of database errors quote values; the frames do not.
  const frames = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));
  // The number that SQLite gives tells a full disk from one that fails.
  const errcode = 'errcode' in error ? error.errcode : undefined;
  request.log.error(
    { code: error.code, errcode, name: error.name, route: request.routeOptions.url, frames },
    'failed',
  );
  reply.code(500).send(body('retryable', 'internal', 'Something went wrong here; try again later.'));
}

export function answerNotFound(_request: FastifyRequest, reply: FastifyReply): void {
  reply.code(404).send(body('rejected', 'no-such-address', 'There is nothing at this address.'));
}
