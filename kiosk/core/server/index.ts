import { createHash, timingSafeEqual } from 'node:crypto';
import fastifyStatic from '@fastify/static';
import fastifyWebsocket from '@fastify/websocket';
import fastify, { type FastifyPluginAsync, type FastifyRequest } from 'fastify';
import { socketPath } from '../../bridge/index.ts';
import { socketCarrier } from './carriers.ts';
import type { Screens } from './screens.ts';

export { portCarrier } from './carriers.ts';
export { type Screens, serveScreens } from './screens.ts';

/** The resident's page may load and reach what it needs and nothing else. */
const SCREEN_POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self' ws://127.0.0.1:* ws://localhost:*",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  // The bench shows the kiosk's screen beside the workbench.
  "frame-ancestors 'self'",
].join('; ');

/** Cookies are shared by all ports of a host: the name keeps two kiosks on one machine apart. */
const cookieName = (host: string): string => `kiosk-session-${/:(\d+)$/.exec(host)?.[1] ?? '80'}`;
const LARGEST_MESSAGE = 1024 * 1024;

export interface ServerOptions {
  readonly port: number;
  readonly screens: Screens;
  /** Folders: the built screen, the voice clips. */
  readonly screenFolder: string;
  readonly voiceFolder: string;
  /** Made anew at every start: only a page this server gave out may open the bridge. */
  readonly token: string;
  readonly bench: FastifyPluginAsync | null;
}

/** Serves the screen on 127.0.0.1 to this machine only. Rejects with the listen error, e.g. EADDRINUSE. */
export async function startServer(
  options: ServerOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { port, screens, screenFolder, voiceFolder, token, bench } = options;
  const app = fastify({ forceCloseConnections: true });
  await app.register(fastifyWebsocket, { options: { maxPayload: LARGEST_MESSAGE } });

  app.addHook('onRequest', async (request, reply) => {
    // A name that was made to point here (DNS rebinding) is not ours.
    if (!isOwnHost(request)) return reply.code(421).send({ error: 'this server answers as 127.0.0.1 only' });
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    return undefined;
  });

  app.get(
    socketPath,
    {
      websocket: true,
      preValidation: async (request, reply) => {
        if (!isOurScreen(request, token))
          return reply.code(401).send({ error: 'not a screen of this kiosk' });
        return undefined;
      },
    },
    (socket) => screens.attach(socketCarrier(socket)),
  );

  await app.register(fastifyStatic, {
    root: screenFolder,
    setHeaders: (reply) => {
      reply.header('content-security-policy', SCREEN_POLICY);
      reply.header('permissions-policy', 'camera=(self), microphone=(), geolocation=()');
      reply.header('cache-control', 'no-cache');
      reply.header(
        'set-cookie',
        `${cookieName(reply.request.host)}=${token}; HttpOnly; SameSite=Strict; Path=/`,
      );
    },
  });
  await app.register(fastifyStatic, {
    root: voiceFolder,
    prefix: '/voice/',
    decorateReply: false,
    immutable: true,
    maxAge: '1d',
  });
  if (bench !== null) await app.register(bench);
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}/`,
    close: async () => {
      screens.close();
      await app.close();
    },
  };
}

const isOwnHost = (request: FastifyRequest): boolean =>
  /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.host);

function isOurScreen(request: FastifyRequest, token: string): boolean {
  const { origin, cookie = '' } = request.headers;
  if (origin !== `http://${request.host}`) return false;
  const name = cookieName(request.host);
  const given = cookie
    .split(/;\s*/)
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1);
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
