import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { errorResponseSchema, fromBase64url, signedHeaders, toBase64url } from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import { z } from 'zod';
import type { ServerTime } from './server-time.ts';
import { reasonOf, type Transport, type TransportAnswer, type TransportRequest } from './transport.ts';

/** Why a request brought nothing: three different things, treated differently. */
export interface RequestError {
  readonly kind: 'retryable' | 'unauthorised' | 'rejected';
  /** For technicians; no personal data. */
  readonly message: string;
  /** The HTTP status of the refusal; null when no answer came. */
  readonly status: number | null;
  /** The backend's own name for the refusal, e.g. `kiosk-revoked`; null when it gave none. */
  readonly code: string | null;
  /** How long the backend asks to be left alone (RFC 9110 10.2.3); null when it does not ask. */
  readonly retryAfterMs: number | null;
}

/** No answer came. */
export const unanswered = (message: string): RequestError => ({
  kind: 'retryable',
  message,
  status: null,
  code: null,
  retryAfterMs: null,
});

/** The wire the requests go over; the bench can pull its plug. */
export interface Network {
  readonly online: boolean;
  onChange(listener: (online: boolean) => void): void;
}

export interface Client {
  post<T>(
    path: string,
    body: unknown,
    answer: z.ZodType<T>,
    timeoutMs?: number,
  ): Promise<Result<T, RequestError>>;
  /** Whether the backend answers at all, and is well. */
  reach(): Promise<Result<void, RequestError>>;
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const REACH_TIMEOUT_MS = 3000;
/** Stamps have four digits for the year. */
const LAST_STAMP = Date.UTC(9999, 11, 31);

/** Signed requests to the backend. Every way in which a network can fail is a `retryable` value. */
export function createClient(options: {
  readonly transport: Transport;
  readonly kiosk: string;
  /** The Ed25519 key, PKCS#8 in base64url: another one after the kiosk has lost the trust in the one before. */
  readonly identityKey: () => string;
  readonly network: Network;
  readonly clock: Clock;
  /** Requests are stamped with this time, and each answer tells more about it. */
  readonly time: ServerTime;
  readonly random: (bytes: number) => Uint8Array;
  /** Told of each request whether an answer came. */
  readonly onReach?: (reached: boolean) => void;
}): Client {
  const { transport, kiosk, network, clock, time, random } = options;
  const closing = new AbortController();
  let known: { readonly pkcs8: string; readonly key: KeyObject } | null = null;
  const key = (): KeyObject => {
    const pkcs8 = options.identityKey();
    if (known?.pkcs8 !== pkcs8) known = { pkcs8, key: readKey(pkcs8) };
    return known.key;
  };

  /** The whole answer, or none: one that is cut off in the middle is no answer. */
  const request = async (
    path: string,
    init: Omit<TransportRequest, 'signal'>,
    timeoutMs: number,
  ): Promise<Result<Answer, RequestError>> => {
    if (!network.online) return err(unanswered('the network is unplugged'));
    const deadline = new AbortController();
    const cancel = clock.after(timeoutMs, () => deadline.abort(new Error('no answer in time')));
    const sentAt = clock.monotonic();
    try {
      const signal = AbortSignal.any([closing.signal, deadline.signal]);
      const answer = await transport.send(path, { ...init, signal });
      const receivedAt = clock.monotonic();
      const date = Date.parse(answer.headers.get('date') ?? '');
      // The header tells whole seconds (RFC 9110 5.6.7).
      if (!Number.isNaN(date)) time.heard({ time: date + 500, blurMs: 500, sentAt, receivedAt });
      options.onReach?.(true);
      return ok({ ...answer, sentAt, receivedAt });
    } catch (cause) {
      if (!closing.signal.aborted) options.onReach?.(false);
      return err(unanswered(`the backend cannot be reached: ${reasonOf(cause)}`));
    } finally {
      cancel();
    }
  };

  return {
    post: async (path, body, answer, timeoutMs = DEFAULT_TIMEOUT_MS) => {
      const text = JSON.stringify(body);
      const headers = headersFor(key(), { kiosk, path, text, now: time.now(), random });
      const response = await request(path, { method: 'POST', body: text, headers }, timeoutMs);
      if (!response.ok) return response;
      const { sentAt, receivedAt } = response.value;
      const answered = jsonOf(response.value.text);
      if (!isGood(response.value)) return err(errorOf(response.value, answered, time.now()));
      const parsed = answer.safeParse(answered);
      if (!parsed.success)
        return err({
          ...unanswered('the backend answered in a form that is not known here'),
          status: response.value.status,
        });
      const told = timed.safeParse(parsed.data);
      if (told.success) time.heard({ time: Date.parse(told.data.serverTime), blurMs: 0, sentAt, receivedAt });
      return ok(parsed.data);
    },
    reach: async () => {
      const response = await request('/healthz', { method: 'GET' }, REACH_TIMEOUT_MS);
      if (!response.ok) return response;
      return isGood(response.value)
        ? ok(undefined)
        : err(errorOf(response.value, jsonOf(response.value.text), time.now()));
    },
    close: () => {
      closing.abort();
      transport.close();
    },
  };
}

interface Answer extends TransportAnswer {
  /** On the clock that never jumps. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

const timed = z.object({ serverTime: z.string() });

const isGood = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** Null for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const readKey = (pkcs8: string): KeyObject =>
  createPrivateKey({ key: Buffer.from(fromBase64url(pkcs8)), format: 'der', type: 'pkcs8' });

function headersFor(
  key: KeyObject,
  parts: {
    readonly kiosk: string;
    readonly path: string;
    readonly text: string;
    /** Milliseconds since 1970. */
    readonly now: number;
    readonly random: (bytes: number) => Uint8Array;
  },
): Record<string, string> {
  const time = new Date(Math.min(Math.max(parts.now, 0), LAST_STAMP)).toISOString();
  const nonce = toBase64url(parts.random(16));
  const bodyHash = createHash('sha256').update(parts.text).digest('hex');
  const { kiosk, path } = parts;
  return signedHeaders({ kiosk, method: 'POST', path, bodyHash, time, nonce }, (text) =>
    toBase64url(sign(null, Buffer.from(text), key)),
  );
}

function errorOf({ status, headers }: Answer, body: unknown, now: number): RequestError {
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now);
  const parsed = errorResponseSchema.safeParse(body);
  if (parsed.success) {
    return { ...parsed.data.error, status, retryAfterMs };
  }
  const kind = status === 401 || status === 403 ? 'unauthorised' : 'retryable';
  return { kind, message: `the backend answered ${status}`, status, code: null, retryAfterMs };
}

/** Seconds or a date (RFC 9110 10.2.3) as milliseconds from `now`; null for neither. */
export function readRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
