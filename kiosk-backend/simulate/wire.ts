import { Agent, request } from 'node:http';
import type { SignedRequest } from './kiosk.ts';

/** How an answer gets lost: the backend has the request, and the kiosk never learns what came of it. */
export type Loss = 'none' | 'before-answer' | 'within-answer';

export type Answered =
  | { readonly is: 'answer'; readonly status: number; readonly text: string }
  | { readonly is: 'lost' }
  | { readonly is: 'failed'; readonly reason: string };

/** Connections to the backend, kept open between requests. */
export interface Wire {
  post(sent: SignedRequest, loss: Loss): Promise<Answered>;
  close(): void;
}

const TIMEOUT_MS = 60_000;

export function openWire(url: string, connections: number): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    post: ({ path, headers, body }, loss) =>
      new Promise((resolve) => {
        const length = String(Buffer.byteLength(body));
        const options = { method: 'POST', agent, headers: { ...headers, 'content-length': length } };
        const sending = request(new URL(path, url), options, (response) => {
          if (loss === 'within-answer') {
            sending.destroy();
            return resolve({ is: 'lost' });
          }
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', ({ message }) => resolve({ is: 'failed', reason: message }));
          response.on('end', () =>
            resolve({
              is: 'answer',
              status: response.statusCode ?? 0,
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        });
        sending.setTimeout(TIMEOUT_MS, () => sending.destroy(new Error('timeout')));
        sending.on('error', ({ message }) => resolve({ is: 'failed', reason: message }));
        // All of it is on its way to the backend before the line goes dead.
        if (loss === 'before-answer') {
          sending.once('finish', () => {
            setImmediate(() => {
              sending.destroy();
              resolve({ is: 'lost' });
            });
          });
        }
        sending.end(body);
      }),
    close: () => agent.destroy(),
  };
}
