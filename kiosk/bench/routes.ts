import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { Clock, Result } from '@huimin/drivers';
import { renderReceiptSvg } from '@huimin/drivers/receipt-printer';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify';
import { z } from 'zod';
import { eventStream } from './events.ts';
import { guard, sendError } from './guard.ts';
import { type DeviceSet, type Hands, noSuchPaper, notSimulated, type Refusal } from './hands.ts';
import { lookOf } from './look.ts';
import type { Person } from './people.ts';
import { drawCameraStill, drawPortrait } from './portrait.ts';
import { drawQr } from './qr.ts';
import type { Stage } from './stage.ts';
import { type Trays, trayItem } from './trays.ts';
import type { PersonEntry } from './wire.ts';

interface Parts {
  readonly people: readonly Person[];
  readonly stage: Stage;
  readonly trays: Trays;
  readonly set: DeviceSet;
  readonly hands: Hands;
  readonly clock: Clock;
  readonly page: string;
}

const person = z.string().nullable();
const bodies = {
  card: { schema: z.strictObject({ person }), right: '{"person": "wang-guilan"} or {"person": null}' },
  badge: { schema: z.strictObject({ person }), right: '{"person": "staff-zhou"} or {"person": null}' },
  camera: {
    schema: z.strictObject({ person, light: z.number().min(0).max(1).optional() }),
    right: '{"person": "wang-guilan", "light": 0.8}, person or null, light from 0 to 1',
  },
  device: {
    schema: z.strictObject({ fault: z.string().nullable() }),
    right: '{"fault": "paper-out"} or {"fault": null}',
  },
  network: {
    schema: z.strictObject({ online: z.boolean() }),
    right: '{"online": true} or {"online": false}',
  },
};

/** Drawings come as pictures, never as pages: nothing in them may act. */
const PICTURE = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
const PAGE =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; " +
  "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; object-src 'none'";

function sendSvg(reply: FastifyReply, svg: string): FastifyReply {
  return reply.header('content-security-policy', PICTURE).type('image/svg+xml').send(svg);
}

/** The whole of `/bench`: the page, the camera's picture, and the API. */
export function benchRoutes(parts: Parts): FastifyPluginAsync {
  return async (app) => {
    guard(app);
    apiRoutes(app, parts);
    await servePage(app, parts.page);
  };
}

function apiRoutes(app: FastifyInstance, { people, stage, trays, set, hands, clock }: Parts): void {
  const api = '/bench/api';
  const refuse = (reply: FastifyReply, { status, code, message }: Refusal) =>
    sendError(reply, status, code, message);

  /** Reads a body, lets `act` do it, and answers with the bench as it is then. */
  const post = <Body>(
    path: string,
    { schema, right }: { readonly schema: z.ZodType<Body>; readonly right: string },
    act: (
      body: Body,
      params: Readonly<Record<string, string>>,
    ) => Result<void, Refusal> | Promise<Result<void, Refusal>>,
  ) =>
    app.post<{ Params: Record<string, string> }>(`${api}/${path}`, async (request, reply) => {
      const body = schema.safeParse(request.body);
      if (!body.success) {
        const [issue] = body.error.issues;
        const where = issue?.path.length ? `"${issue.path.join('.')}": ` : '';
        return sendError(reply, 400, 'invalid-body', `${where}${issue?.message}. Right is ${right}.`);
      }
      const done = await act(body.data, request.params);
      return done.ok ? { ok: true, ...hands.state() } : refuse(reply, done.error);
    });

  post('card', bodies.card, (body) => hands.placeCard(body.person));
  post('badge', bodies.badge, (body) => hands.scanBadge(body.person));
  post('camera', bodies.camera, (body) => hands.standBefore(body.person, body.light));
  post('device/:name', bodies.device, (body, { name = '' }) => hands.setFault(name, body.fault));
  post('network', bodies.network, (body) => hands.setOnline(body.online));
  post('trays/:id/take', { schema: z.unknown(), right: 'any body, or none' }, (_body, { id = '' }) =>
    hands.take(id),
  );

  app.get(`${api}/people`, async () => people.map(entryOf));
  app.get(`${api}/state`, async () => hands.state());
  app.get(`${api}/trays`, async () => trays.papers.map(trayItem));
  app.get(`${api}/events`, eventStream(app, stage, hands));

  app.get<{ Params: { id: string } }>(`${api}/people/:id/portrait`, async (request, reply) => {
    const found = people.find((one) => one.id === request.params.id);
    if (!found)
      return sendError(reply, 404, 'unknown-person', `Nobody here is called "${request.params.id}".`);
    return sendSvg(reply, drawPortrait(lookOf(found, clock.now())));
  });

  app.get<{ Params: { id: string } }>(`${api}/trays/:id`, async (request, reply) => {
    const paper = trays.find(request.params.id);
    if (!paper) return refuse(reply, noSuchPaper(request.params.id).error);
    reply.header('cache-control', 'no-store');
    switch (paper.kind) {
      case 'certificate':
        return reply.type('application/pdf').send(Buffer.from(paper.pdf));
      case 'receipt':
        return sendSvg(reply, renderReceiptSvg(paper.receipt, { drawQr }));
    }
  });

  app.get('/bench/camera', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    if (!set.faceCamera) return refuse(reply, notSimulated('faceCamera').error);
    if (!set.faceCamera.plugged) return sendError(reply, 503, 'unplugged', 'The camera is unplugged.');
    const { person: id, light } = stage.scene.camera;
    const there = people.find((one) => one.id === id);
    return sendSvg(reply, drawCameraStill(there ? lookOf(there, clock.now()) : null, light));
  });

  app.all(`${api}/*`, async (request, reply) =>
    sendError(reply, 404, 'not-found', `The bench has nothing at ${request.method} ${request.url}.`),
  );
}

const entryOf = (one: Person): PersonEntry => ({
  id: one.id,
  name: one.name,
  role: one.role,
  cardType: one.role === 'resident' ? one.card.type : null,
  about: one.about,
  ...(one.role !== 'resident' && { pin: one.pin }),
  portrait: `/bench/api/people/${encodeURIComponent(one.id)}/portrait`,
});

async function servePage(app: FastifyInstance, page: string): Promise<void> {
  if (!existsSync(page)) {
    app.get('/bench', async (_request, reply) =>
      sendError(reply, 503, 'not-built', 'The bench page is not built yet: run "npm run build".'),
    );
    return;
  }
  app.get('/bench', async (_request, reply) => reply.redirect('/bench/', 308));
  await app.register(fastifyStatic, {
    root: page,
    prefix: '/bench/',
    decorateReply: false,
    setHeaders: (reply) => {
      reply.header('content-security-policy', PAGE);
      reply.header('x-content-type-options', 'nosniff');
      reply.header('referrer-policy', 'no-referrer');
    },
  });
}
