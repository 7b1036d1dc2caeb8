import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import {
  errorResponseSchema,
  fromBase64url,
  requestSigningText,
  signatureHeaders,
  toBase64url,
} from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import type { z } from 'zod';

/** Why a request brought nothing: three different things, treated differently. */
export interface RequestError {
  readonly kind: 'retryable' | 'unauthorised' | 'rejected';
  /** For technicians; no personal data. */
  readonly message: string;
}

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
  /** True when the backend answers at all. */
  reachable(): Promise<boolean>;
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/** Signed requests to the backend. Every way in which a network can fail is a `retryable` value. */
export function createClient(options: {
  readonly url: string;
  readonly kiosk: string;
  /** The Ed25519 key, PKCS#8 in base64url. */
  readonly identityKey: string;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
}): Client {
  const { url, kiosk, network, clock, random } = options;
  const closing = new AbortController();
  const key = createPrivateKey({
    key: Buffer.from(fromBase64url(options.identityKey)),
    format: 'der',
    type: 'pkcs8',
  });

  const request = async (
    path: string,
    init: RequestInit,
    timeoutMs: number,
  ): Promise<Result<Response, RequestError>> => {
    if (!network.online) return err({ kind: 'retryable', message: 'the network is unplugged' });
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]);
      return ok(await fetch(new URL(path, url), { ...init, signal, redirect: 'error' }));
    } catch (cause) {
      return err({ kind: 'retryable', message: `the backend cannot be reached: ${reasonOf(cause)}` });
    }
  };

  return {
    post: async (path, body, answer, timeoutMs = DEFAULT_TIMEOUT_MS) => {
      const text = JSON.stringify(body);
      const headers = signedHeaders(key, { kiosk, path, text, clock, random });
      const response = await request(path, { method: 'POST', body: text, headers }, timeoutMs);
      if (!response.ok) return response;
      const answered = await response.value.json().catch(() => null);
      if (!response.value.ok) return err(errorOf(response.value.status, answered));
      const parsed = answer.safeParse(answered);
      return parsed.success
        ? ok(parsed.data)
        : err({ kind: 'retryable', message: 'the backend answered in a form that is not known here' });
    },
    reachable: async () => {
      const response = await request('/healthz', { method: 'GET' }, 3000);
      if (response.ok) await response.value.body?.cancel();
      return response.ok && response.value.ok;
    },
    close: () => closing.abort(),
  };
}

function signedHeaders(
  key: KeyObject,
  parts: {
    readonly kiosk: string;
    readonly path: string;
    readonly text: string;
    readonly clock: Clock;
    readonly random: (bytes: number) => Uint8Array;
  },
): Record<string, string> {
  const time = new Date(parts.clock.now()).toISOString();
  const nonce = toBase64url(parts.random(16));
  const bodyHash = createHash('sha256').update(parts.text).digest('hex');
  const signed = requestSigningText({ method: 'POST', path: parts.path, bodyHash, time, nonce });
  return {
    'content-type': 'application/json',
    [signatureHeaders.kiosk]: parts.kiosk,
    [signatureHeaders.time]: time,
    [signatureHeaders.nonce]: nonce,
    [signatureHeaders.signature]: toBase64url(sign(null, Buffer.from(signed), key)),
  };
}

function errorOf(status: number, body: unknown): RequestError {
  const parsed = errorResponseSchema.safeParse(body);
  if (parsed.success) return { kind: parsed.data.error.kind, message: parsed.data.error.message };
  const kind = status === 401 || status === 403 ? 'unauthorised' : 'retryable';
  return { kind, message: `the backend answered ${status}` };
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
