import type { X509Certificate } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Authority } from '../config/index.ts';
import { wipeableBytes } from '../wipeable.ts';
import { whyNotTheBackend } from './server-certificate.ts';

/** An answer, whole: one that was cut off is none. */
export interface TransportAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
}

export interface TransportRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What carries requests to the backend and nowhere else. */
export interface Transport {
  /** Rejects when no answer came; {@link reasonOf} tells why in words. */
  send(path: string, request: TransportRequest): Promise<TransportAnswer>;
  close(): void;
}

export interface TransportOptions {
  readonly url: string;
  /** Who vouches for the backend; null only for a backend on this machine without TLS. */
  readonly authority: Authority | null;
  /** By what was heard before, it is not earlier than this, in milliseconds since 1970; -Infinity when nothing was. */
  readonly earliest: number;
  /** The kiosk's own clock, in milliseconds since 1970; it may be wrong by years. */
  readonly ownClock: () => number;
}

/** A reason in words that follow "the backend cannot be reached: ". */
class NotTheBackend extends Error {}

const CONNECT_TIMEOUT_MS = 10_000;
/** A connection that nobody uses is not kept longer: the other end may have closed it by then. */
const IDLE_MS = 4000;
/** A connection is not kept for ever: a new one shows that the server still has a good certificate. */
const REQUESTS_A_CONNECTION = 1000;
const MOST_CERTIFICATES = 8;
/** A connection over which nothing moves for so long is given up, however long the whole answer may take. */
const NO_PROGRESS_MS = 30_000;

/**
 * Over Node's own HTTP, whose buffers of a request and an answer can be wiped. (Those of undici, and so of `fetch`,
 * cannot: its parser keeps what it last read in WebAssembly's memory.) What only the garbage collector can end is the
 * texts themselves and what the socket read, which nothing refers to after the answer.
 *
 * TLS 1.3 to a server for which the one authority of `kiosk.yaml` vouches. The system's list of authorities is never
 * asked, there is no way back to less, a redirect is refused, and proxies named in environment variables are not used:
 * a proxy that ends TLS could read residents' data, and one that does not is a matter of the network's.
 *
 * Dates need a time, and a kiosk's clock may be wrong by years, so it is not asked alone. A certificate must not have
 * ended before the latest time that is known to have come: what the backend told in this run, or before it. And it must
 * be good at the time the server itself names in each answer, which catches a certificate that somebody forgot to renew,
 * and keeps a time for which no certificate stands from counting.
 *
 * A backend whose clock once ran ahead would lock its kiosks out until that time has come. So a certificate that ended
 * before the latest time, but is good by the kiosk's own clock, gets a hearing: where the server's time agrees with
 * both, the later one was wrong and is forgotten. Whoever stole a server's key can therefore pass for the backend until
 * its certificate ends (a week where the backend issues it itself), and after that only towards a kiosk that has not
 * heard the time since, or whose own clock stands in that very week.
 */
export function createTransport(options: TransportOptions): Transport {
  const { url, authority, ownClock } = options;
  /** It is not earlier than this. */
  let latest = options.earliest;
  const certificates = new WeakMap<Socket, X509Certificate>();
  /** It ended before the latest time, and the kiosk's own clock does not speak for it. */
  const isOver = (own: X509Certificate): boolean =>
    own.validToDate.getTime() < latest && notGoodAt(own, ownClock()) !== null;
  const judge = (socket: TLSSocket, host: string): string | null => {
    const presented = presentedBy(socket);
    const [own] = presented;
    const refusal =
      authority === null ? 'no authority is known for it' : whyNotTheBackend(presented, host, authority);
    if (refusal !== null || own === undefined) return refusal;
    if (isOver(own)) return endedOn(own);
    certificates.set(socket, own);
    return null;
  };

  /** The sentence when the certificate of the connection on which a time was told is not good at that time. */
  const heard = (socket: Socket, time: number): string | null => {
    const own = certificates.get(socket);
    if (own === undefined) return null;
    const refusal = isOver(own) ? endedOn(own) : notGoodAt(own, time);
    if (refusal !== null) return refusal;
    const wasAhead = own.validToDate.getTime() < latest;
    latest = wasAhead ? time : Math.max(latest, time);
    return null;
  };

  const secure = new URL(url).protocol === 'https:';
  const agent = secure ? new JudgingAgent(judge) : new HttpAgent({ keepAlive: true, timeout: IDLE_MS });
  const served = new WeakMap<Socket, number>();

  const exchange = (
    path: string,
    { method, headers, body, signal }: TransportRequest,
  ): Promise<TransportAnswer> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      // A request that has no connection yet would not end before the connection comes or fails.
      const giveUp = (): void => reject(signal.reason);
      signal.addEventListener('abort', giveUp);
      const bytes = body === undefined ? null : wipeableBytes(body);
      const length = bytes === null ? {} : { 'content-length': bytes.length };
      const start = secure ? httpsRequest : httpRequest;
      const request = start(new URL(path, url), {
        method,
        agent,
        signal,
        headers: { ...headers, ...length },
      });
      request.on('error', reject);
      request.setTimeout(NO_PROGRESS_MS, () => request.destroy(new Error('no answer in time')));
      request.on('socket', (socket) => served.set(socket, (served.get(socket) ?? 0) + 1));
      request.on('response', (response) => {
        answerOf(response, heard).then(resolve, (cause: unknown) => {
          reject(cause);
          request.destroy();
        });
      });
      request.on('close', () => {
        bytes?.fill(0);
        // A signal that depends on others lives as long as anybody listens, and the request and its answer with it.
        signal.removeEventListener('abort', giveUp);
        const { socket } = request;
        if (socket !== null && (served.get(socket) ?? 0) >= REQUESTS_A_CONNECTION) socket.destroy();
      });
      request.end(bytes);
    });

  return {
    send: async (path, request) => {
      if (!secure && authority !== null)
        throw new NotTheBackend('its address in kiosk.yaml does not begin with https://');
      return exchange(path, request);
    },
    close: () => agent.destroy(),
  };
}

/** Lets HTTP have a connection once the certificate has been judged: why it is refused, or null. */
class JudgingAgent extends HttpsAgent {
  readonly #judge: (socket: TLSSocket, host: string) => string | null;
  readonly #opening = new Set<TLSSocket>();

  constructor(judge: (socket: TLSSocket, host: string) => string | null) {
    super({ keepAlive: true, timeout: IDLE_MS });
    this.#judge = judge;
  }

  override createConnection(
    { host, port, servername }: ConnectionOptions,
    callback?: (failure: Error | null, socket: Duplex) => void,
  ): undefined {
    const socket = tlsConnect({
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(servername === undefined ? {} : { servername }),
      timeout: CONNECT_TIMEOUT_MS,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['http/1.1'],
      // Node would ask the system's authorities and the kiosk's clock; what is shown is judged below, before a byte is
      // sent. No session is given either: a resumed one shows no certificate.
      ca: [],
      rejectUnauthorized: false,
    });
    this.#opening.add(socket);
    // HTTP takes the first failure; those that follow while the socket ends have a listener all the same.
    const fail = (failure: Error): void => callback?.(failure, socket);
    const late = (): void => void socket.destroy(new NotTheBackend('there is no way to its address'));
    socket.on('error', fail);
    socket.once('timeout', late);
    socket.once('close', () => this.#opening.delete(socket));
    socket.once('secureConnect', () => {
      this.#opening.delete(socket);
      socket.off('timeout', late);
      const refusal = this.#judge(socket, host ?? '');
      if (refusal !== null) {
        socket.destroy(new NotTheBackend(refusal));
        return;
      }
      socket.off('error', fail);
      callback?.(null, socket);
    });
  }

  override destroy(): void {
    for (const socket of this.#opening) socket.destroy(new NotTheBackend('the kiosk closed the connection'));
    super.destroy();
  }
}

/**
 * The whole answer as text. What came is wiped as soon as it is read. Rejects when the server names a time at which it
 * is not good, when it sends the request elsewhere and when the answer is cut off.
 */
function answerOf(
  response: IncomingMessage,
  heard: (socket: Socket, time: number) => string | null,
): Promise<TransportAnswer> {
  return new Promise((resolve, reject) => {
    const { statusCode: status = 0, headers } = response;
    const decoder = new StringDecoder('utf8');
    let text = '';
    response.on('error', reject);
    response.on('data', (chunk: Buffer) => {
      text += decoder.write(chunk);
      chunk.fill(0);
    });
    response.on('end', () =>
      resolve({
        status,
        headers: { get: (name) => [headers[name] ?? []].flat()[0] ?? null },
        text: text + decoder.end(),
      }),
    );
    if (status >= 300 && status < 400)
      return reject(
        new NotTheBackend('it sends requests elsewhere, which is refused; correct its address in kiosk.yaml'),
      );
    const time = Date.parse(headers.date ?? '');
    const refusal = Number.isNaN(time) ? null : heard(response.socket, time);
    if (refusal !== null) reject(new NotTheBackend(refusal));
  });
}

/** The certificates of a handshake in the order they came. */
function presentedBy(socket: TLSSocket): readonly X509Certificate[] {
  const all: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && all.length < MOST_CERTIFICATES) {
    all.push(next);
    next = next.issuerCertificate;
  }
  return all;
}

const day = (date: Date): string => date.toISOString().slice(0, 10);
const endedOn = (certificate: X509Certificate): string =>
  `its certificate ended on ${day(certificate.validToDate)}`;

/** Null for a certificate that is good at this time. */
function notGoodAt(certificate: X509Certificate, time: number): string | null {
  if (time > certificate.validToDate.getTime()) return endedOn(certificate);
  return time < certificate.validFromDate.getTime()
    ? `its certificate begins on ${day(certificate.validFromDate)}`
    : null;
}

/** By Node's codes, of which those of TLS are OpenSSL's or BoringSSL's reasons. */
const words: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nothing answers at its address'],
  [/ENOTFOUND|EAI_AGAIN/, 'its name is not known to the network'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'there is no way to its address'],
  [/ECONNRESET|EPIPE/, 'the connection was cut'],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/, 'it does not speak TLS 1.3'],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|HTTPS_PROXY_REQUEST/, 'it answers without TLS'],
];

/** Why a request brought no answer, in words that follow "the backend cannot be reached: ". */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error ? cause.cause : cause;
  if (inner instanceof NotTheBackend) return inner.message;
  const [first] = inner instanceof AggregateError ? inner.errors : [inner];
  const code = first instanceof Error && 'code' in first ? String(first.code) : '';
  const known = words.find(([pattern]) => pattern.test(code));
  return known?.[1] ?? (inner.message || code);
}
