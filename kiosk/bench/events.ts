import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Hands } from './hands.ts';
import type { Stage } from './stage.ts';

/**
 * Server-sent events: the whole snapshot at once, and again with each change, as event `snapshot`.
 * Ends when the server closes.
 */
export function eventStream(app: FastifyInstance, stage: Stage, hands: Hands) {
  const followers = new Set<ServerResponse>();
  const message = () => `event: snapshot\ndata: ${JSON.stringify(hands.snapshot())}\n\n`;

  const stop = stage.onChange(() => {
    if (followers.size === 0) return;
    const text = message();
    for (const follower of followers) follower.write(text);
  });
  app.addHook('preClose', async () => {
    stop();
    for (const follower of followers) follower.end();
  });

  return (_request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    followers.add(response);
    response.on('close', () => followers.delete(response));
    response.write(message());
  };
}
