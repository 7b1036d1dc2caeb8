import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { z } from 'zod';
import { openAuthority } from './authority/index.ts';
import { consoleRoutes } from './console/index.ts';
import { errorResponseSchema } from './contract/index.ts';
import { answerError, answerNotFound, Refusal } from './errors.ts';
import { endorseRoutes, enrolRoutes, type FleetOptions, signedRequests } from './fleet/index.ts';
import { ingestRoutes } from './ingest/index.ts';
import { isLoopback } from './loopback.ts';
import { registryRoutes, seedDemo } from './registry/index.ts';
import { openStorage, type Storage, type StorageOptions } from './storage/index.ts';
import { verifyRoutes } from './verify/index.ts';

export interface BackendOptions extends StorageOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Invented residents, the enrolment code `demo`, an open console; only on this machine itself. */
  readonly demo: boolean;
  /** Whose kiosks these are; goes into the certificates when the authority is made. */
  readonly operator: string;
  /** How the world reaches this backend, when not by `host` and `port`, e.g. `https://kiosk.example.org`. */
  readonly publicAddress?: string | undefined;
  readonly now?: () => Date;
}

export interface Backend {
  /** With a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the backend. Throws `StorageUnavailable`, and Node's own errors when it cannot listen. Whoever asks for demo
 * mode where others could reach it is told so by a RangeError.
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  if (options.demo && !isLoopback(options.host)) throw new RangeError('Demo mode is for this machine only');
  const now = options.now ?? (() => new Date());
  const db = await openStorage(options);
  const app = fastify({
    bodyLimit: 64 * 1024,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
    // Requests are not logged at all; a failure is, without what was sent.
    logger: { level: 'warn', stream: process.stderr },
  });
  app.addHook('onClose', () => db.destroy());
  try {
    const demoCommunity = options.demo ? await seedDemo(db) : null;
    const authority = await openAuthority(db, options.operator, now);
    let address = options.publicAddress?.replace(/\/$/, '');
    const verifyAddress = () => `${address}/verify`;
    await build(app, { db, now, authority, demoCommunity, verifyAddress });
    await app.listen({ host: options.host, port: options.port });
    const own = ownAddress(app, options.host);
    address ??= own;
    return { url: `${own}/`, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function build(app: FastifyInstance, options: FleetOptions): Promise<void> {
  const { db, now } = options;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  await app.register(rateLimit, { global: false });
  await app.register(swagger, {
    openapi: { info: { title: 'Huimin kiosk backend', version: '1' } },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Swagger's page styles itself as it goes; it gets that and nothing from elsewhere.
    staticCSP:
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
  });
  await app.register(healthRoutes, { db });
  await app.register(enrolRoutes, options);
  await app.register(async (signed) => {
    signedRequests(signed, db, now);
    await signed.register(endorseRoutes, options);
    await signed.register(ingestRoutes, { db, now });
    await signed.register(registryRoutes, { db, now });
  });
  await app.register(verifyRoutes, { db, now });
  await app.register(consoleRoutes, { db, now, open: options.demoCommunity !== null });
}

async function healthRoutes(plain: FastifyInstance, { db }: { readonly db: Storage }): Promise<void> {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const ok = z.object({ status: z.literal('ok') });
  app.get(
    '/healthz',
    { schema: { tags: ['operation'], summary: 'The process lives', response: { 200: ok } } },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        tags: ['operation'],
        summary: 'The database answers',
        response: { 200: ok, 503: errorResponseSchema },
      },
    },
    async () => {
      try {
        await sql`select 1`.execute(db);
      } catch {
        throw new Refusal(503, 'retryable', 'not-ready', 'The database does not answer.');
      }
      return { status: 'ok' as const };
    },
  );
}

function ownAddress(app: FastifyInstance, host: string): string {
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('Not listening on a port');
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`;
}
