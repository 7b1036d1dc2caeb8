import { Server as TlsServer } from 'node:tls';
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
import { openAuthority, openSealingKey, openTls, type TlsSource } from './authority/index.ts';
import { consoleRoutes } from './console/index.ts';
import { errorResponseSchema, type SealingSuite } from './contract/index.ts';
import { answerError, answerNotFound, Refusal } from './errors.ts';
import {
  endorseRoutes,
  enrolRoutes,
  type FleetOptions,
  noteAddress,
  signedRequests,
  telemetryRoutes,
} from './fleet/index.ts';
import { ingestRoutes } from './ingest/index.ts';
import { isLoopback } from './loopback.ts';
import { DEFAULT_KEEP_DAYS, startRetention } from './privacy/index.ts';
import { registryRoutes, seedDemo } from './registry/index.ts';
import { sharesRoutes } from './shares/index.ts';
import { openStorage, type Storage, type StorageOptions, storageFailure } from './storage/index.ts';
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
  /** Serve TLS 1.3 with this certificate; without it plain HTTP, on this machine only or behind a proxy. */
  readonly tls?: TlsSource | undefined;
  /** TLS ends in a proxy in front of this backend, which adds `X-Forwarded-For`. */
  readonly behindProxy?: boolean | undefined;
  /** How kiosks seal what is carried by hand; `aes` unless told. */
  readonly sealing?: SealingSuite | undefined;
  /** For how many days events say whom they are about. */
  readonly keepDays?: number | undefined;
  /** How often one address may try to enrol within a minute; 60 unless told. */
  readonly enrolmentsAMinute?: number | undefined;
  readonly now?: () => Date;
}

export interface Backend {
  /** With a slash at the end. */
  readonly url: string;
  /** Who vouches for this backend, as `sha256:…`; null without TLS, or where the issuer is not known here. */
  readonly pin: string | null;
  close(): Promise<void>;
}

/**
 * Starts the backend. Throws `StorageUnavailable`, and Node's own errors when it cannot listen. Whoever asks for demo
 * mode where others could reach it, or listens to others without TLS, is told so by a RangeError.
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  // A proxy on this machine is how others reach it.
  if (options.demo && (options.behindProxy === true || !isLoopback(options.host)))
    throw new RangeError('Demo mode is for this machine only');
  const isSecure = options.tls !== undefined || options.behindProxy === true;
  if (!isSecure && !isLoopback(options.host)) throw new RangeError('Without TLS it is for this machine only');
  const now = options.now ?? (() => new Date());
  const db = await openStorage(options);
  const app = newApp(options);
  const retention = startRetention(db, {
    keepDays: options.keepDays ?? DEFAULT_KEEP_DAYS,
    now,
    failed: (error) =>
      app.log.warn({ reason: storageFailure(error) }, 'old personal data could not be removed'),
  });
  app.addHook('onClose', () => retention.stop().finally(() => db.destroy()));
  try {
    const demoCommunity = options.demo ? await seedDemo(db) : null;
    const authority = await openAuthority(db, options.operator, now);
    const sealing = await openSealingKey(db, authority, options.sealing ?? 'aes', now);
    let address = options.publicAddress?.replace(/\/$/, '');
    const verifyAddress = () => `${address}/verify`;
    const tls = options.tls
      ? await openTls({
          source: options.tls,
          issue: (name) => authority.serverIdentity(name),
          now,
          warn: (sentence) => app.log.warn(sentence),
          onIssuer: async (pin) => {
            if (address !== undefined) await noteAddress(db, { url: `${address}/`, pin });
          },
        })
      : null;
    app.addHook('onClose', async () => tls?.close());
    if (tls && app.server instanceof TlsServer) tls.serve(app.server);
    const { enrolmentsAMinute } = options;
    const fleet = { db, now, authority, demoCommunity, verifyAddress, sealing, enrolmentsAMinute };
    await build(app, fleet, isSecure);
    await app.listen({ host: options.host, port: options.port });
    const own = ownAddress(app, options.host);
    address ??= own;
    const pin = tls?.pin ?? null;
    await noteAddress(db, { url: `${address}/`, pin });
    return { url: `${own}/`, pin, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Trusts one proxy, the one that this backend hears from. */
const isNearest = (_address: string, hop: number): boolean => hop === 0;

function newApp({ tls, behindProxy }: BackendOptions): FastifyInstance {
  const common = {
    bodyLimit: 64 * 1024,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
    // The address of who asks counts for rate limits: behind a proxy it is the one that the proxy tells.
    trustProxy: behindProxy === true && isNearest,
    // Requests are not logged at all; a failure is, without what was sent.
    logger: { level: 'warn', stream: process.stderr },
  };
  if (!tls) return fastify(common);
  // To routes and hooks the two kinds of servers are alike; the certificate follows before it listens.
  return fastify({ ...common, https: { minVersion: 'TLSv1.3' } }) as unknown as FastifyInstance;
}

async function build(app: FastifyInstance, options: FleetOptions, isSecure: boolean): Promise<void> {
  const { db, now } = options;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  await app.register(helmet, {
    // Browsers that came by TLS once do not come without it again (RFC 6797); other names of the domain are not ours.
    strictTransportSecurity: isSecure && { maxAge: 365 * 86_400, includeSubDomains: false },
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
    await signed.register(telemetryRoutes, { db, now });
    await signed.register(sharesRoutes, { db, now });
    await signed.register(registryRoutes, { db, now, authority: options.authority });
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
  const scheme = app.server instanceof TlsServer ? 'https' : 'http';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound.port}`;
}
