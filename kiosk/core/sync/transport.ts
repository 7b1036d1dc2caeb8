import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Agent, buildConnector, fetch } from 'undici';
import type { Authority } from '../config/index.ts';
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
  /** It is surely not earlier than this, in milliseconds since 1970; NaN when nothing is known. */
  readonly earliest: number;
}

/** A reason in words that follow "the backend cannot be reached: ". */
class NotTheBackend extends Error {}

const CONNECT_TIMEOUT_MS = 10_000;
/** A connection is not kept for ever: a new one shows that the server still has a good certificate. */
const REQUESTS_A_CONNECTION = 1000;
const MOST_CERTIFICATES = 8;

/**
 * TLS 1.3 to a server for which the one authority of `kiosk.yaml` vouches. The system's list of authorities is never
 * asked, there is no way back to less, a redirect is refused, and proxies named in environment variables are not used:
 * a proxy that ends TLS could read residents' data, and one that does not is a matter of the network's.
 *
 * Dates need a time, and a kiosk's clock may be wrong by years, so it is not asked. A certificate must not have ended
 * before the latest time that is known to have come: what the backend told in this run, or before it. And it must be
 * good at the time the server itself names in its first answer, which catches a certificate that somebody forgot to
 * renew. Whoever stole a server's key can therefore pass for the backend until its certificate ends (a week where the
 * backend issues it itself), and after that only towards a kiosk that has not heard the time since.
 */
export function createTransport(options: TransportOptions): Transport {
  const { url, authority } = options;
  /** It is surely not earlier than this. */
  let latest = Number.isNaN(options.earliest) ? Number.NEGATIVE_INFINITY : options.earliest;
  /** Certificates of open connections on which no time has been heard yet. */
  const unjudged = new Map<Socket, X509Certificate>();
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    minVersion: 'TLSv1.3',
    allowH2: false,
    // A resumed session shows no certificate.
    maxCachedSessions: 0,
    // Node would ask the system's authorities and the kiosk's clock; what is shown is judged below, before a byte is sent.
    ca: [],
    rejectUnauthorized: false,
  });

  const judge = (socket: TLSSocket, host: string): string | null => {
    const presented = presentedBy(socket);
    const [own] = presented;
    const refusal =
      authority === null ? 'no authority is known for it' : whyNotTheBackend(presented, host, authority);
    if (refusal !== null || own === undefined) return refusal;
    if (own.validToDate.getTime() < latest) return endedOn(own);
    unjudged.set(socket, own);
    socket.once('close', () => unjudged.delete(socket));
    return null;
  };

  /** Of certificates not judged by a time so far; the sentence when one is not good at this one. */
  const heard = (time: number): string | null => {
    for (const [socket, own] of unjudged) {
      unjudged.delete(socket);
      const refusal =
        time > own.validToDate.getTime()
          ? endedOn(own)
          : time < own.validFromDate.getTime()
            ? `its certificate begins on ${day(own.validFromDate)}`
            : null;
      if (refusal === null) continue;
      socket.destroy();
      return refusal;
    }
    latest = Math.max(latest, time);
    return null;
  };

  const agent = new Agent({
    maxRequestsPerClient: REQUESTS_A_CONNECTION,
    connect: (to, done) =>
      connect(to, (failure, socket) => {
        if (failure !== null) return done(failure, null);
        const refusal =
          socket instanceof TLSSocket
            ? judge(socket, to.hostname)
            : authority === null
              ? null
              : 'its address in kiosk.yaml does not begin with https://';
        if (refusal === null) return done(null, socket);
        socket.destroy();
        return done(new NotTheBackend(refusal), null);
      }),
  });

  return {
    send: async (path, request) => {
      const response = await fetch(new URL(path, url), { ...request, dispatcher: agent, redirect: 'manual' });
      if (response.status >= 300 && response.status < 400) {
        await response.body?.cancel();
        throw new NotTheBackend(
          'it sends requests elsewhere, which is refused; correct its address in kiosk.yaml',
        );
      }
      const time = Date.parse(response.headers.get('date') ?? '');
      const refusal = Number.isNaN(time) ? null : heard(time);
      if (refusal !== null) throw new NotTheBackend(refusal);
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    close: () => void agent.destroy(),
  };
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

/** By Node's codes, of which those of TLS are OpenSSL's or BoringSSL's reasons. */
const words: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nothing answers at its address'],
  [/ENOTFOUND|EAI_AGAIN/, 'its name is not known to the network'],
  [/ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH/, 'there is no way to its address'],
  [/ECONNRESET|EPIPE|UND_ERR_SOCKET/, 'the connection was cut'],
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
