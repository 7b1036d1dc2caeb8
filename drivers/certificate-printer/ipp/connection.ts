/** HTTP to one printer, over connections that are kept. */

import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { type Clock, err, ok, type Result } from '../../device.ts';

export interface ExchangeFailure {
  /**
   * `not-reached`: no connection, so not a byte was seen. `lost`: anything may have been seen. `refused`: by HTTP
   * (status 4xx), before IPP saw it.
   */
  readonly kind: 'not-reached' | 'lost' | 'refused';
  /** One sentence for a technician. */
  readonly detail: string;
}

export interface Exchange {
  readonly body: Uint8Array;
  /** The longest time without an answer, milliseconds. */
  readonly patienceMs: number;
  /** Asking twice does no harm: true for questions, false for whatever makes or changes a job. */
  readonly repeatable: boolean;
}

export interface Connection {
  exchange(exchange: Exchange): Promise<Result<Uint8Array, ExchangeFailure>>;
  /** Ends every exchange under way. */
  close(): void;
}

export interface ConnectionOptions {
  /** `http:` or `https:` */
  readonly url: URL;
  readonly clock: Clock;
  /** SHA-256 of the printer's certificate, as `AA:BB:…`; checked instead of its issuer. */
  readonly fingerprint256?: string;
}

/** Far above any answer to the questions asked here. */
const MAX_ANSWER_BYTES = 4 << 20;
/**
 * A kept connection that has not answered for this long may have been closed at the other end. What may not be
 * repeated is not entrusted to it. Printers keep idle connections for 5 s and more.
 */
const TRUSTED_MS = 2_000;

/** Shows nothing of a request to a printer with another certificate: it is checked before HTTP gets the connection. */
class PinnedAgent extends HttpsAgent {
  #fingerprint: string;

  constructor(fingerprint: string, keepAlive: boolean) {
    super({ keepAlive });
    this.#fingerprint = fingerprint;
  }

  override createConnection(
    options: object,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const socket = tlsConnect({ ...options, rejectUnauthorized: false });
    const fail = (error: Error): void => callback?.(error, socket);
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.off('error', fail);
      if (socket.getPeerCertificate().fingerprint256 === this.#fingerprint) callback?.(null, socket);
      else {
        socket.destroy();
        fail(new Error('the printer shows another certificate than the configured one'));
      }
    });
  }
}

interface Attempt {
  readonly ended: Result<Uint8Array, ExchangeFailure>;
  /** A kept connection turned out to be dead before the answer began. */
  readonly wasDead?: true;
}

export const createConnection = ({ url, clock, fingerprint256 }: ConnectionOptions): Connection => {
  const secure = url.protocol === 'https:';
  const agentOf = (keepAlive: boolean): HttpAgent => {
    if (fingerprint256 !== undefined) return new PinnedAgent(fingerprint256, keepAlive);
    return secure ? new HttpsAgent({ keepAlive }) : new HttpAgent({ keepAlive });
  };
  const kept = agentOf(true);
  const fresh = agentOf(false);
  const underWay = new Set<() => void>();
  let closed = false;
  let answeredAt = Number.NEGATIVE_INFINITY;

  const attempt = (body: Uint8Array, patienceMs: number, agent: HttpAgent): Promise<Attempt> =>
    new Promise((resolve) => {
      let connected = false;
      let answering = false;
      const send = secure ? httpsRequest : httpRequest;
      const request = send(url, {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/ipp', 'content-length': body.length },
      });
      let over = false;
      const end = (result: Attempt): void => {
        if (over) return;
        over = true;
        cancelTimeout();
        underWay.delete(abandon);
        resolve(result);
        if (!result.ended.ok) request.destroy();
      };
      const fail = (detail: string, kind: ExchangeFailure['kind'] = connected ? 'lost' : 'not-reached') =>
        end({ ended: err({ kind, detail }) });
      const abandon = (): void => fail('the driver was closed');
      const cancelTimeout = clock.after(patienceMs, () => fail(`no answer within ${patienceMs} ms`));
      underWay.add(abandon);
      request.on('socket', (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true));
      });
      request.on('error', (error) => {
        if (!request.reusedSocket || answering) fail(error.message);
        else end({ ended: err({ kind: 'lost', detail: error.message }), wasDead: true });
      });
      request.on('response', (response) => {
        answering = true;
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) fail('the answer is too long');
          else chunks.push(chunk);
        });
        response.on('error', (error) => fail(error.message));
        response.on('close', () => fail('the connection was closed in mid answer'));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status === 200) {
            answeredAt = clock.monotonic();
            end({ ended: ok(Buffer.concat(chunks)) });
          } else fail(`HTTP status ${status}`, status >= 400 && status < 500 ? 'refused' : 'lost');
        });
      });
      request.end(body);
    });

  return {
    async exchange({ body, patienceMs, repeatable }) {
      if (closed) return err({ kind: 'not-reached', detail: 'the driver was closed' });
      const trusted = repeatable || clock.monotonic() - answeredAt <= TRUSTED_MS;
      const first = await attempt(body, patienceMs, trusted ? kept : fresh);
      if (!first.wasDead || !repeatable || closed) return first.ended;
      return (await attempt(body, patienceMs, fresh)).ended;
    },
    close() {
      closed = true;
      for (const abandon of [...underWay]) abandon();
      kept.destroy();
      fresh.destroy();
    },
  };
};
