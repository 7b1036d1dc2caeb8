import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { contentPolicy } from './security.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.opus': 'audio/ogg',
};

const headers = {
  'Content-Security-Policy': contentPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** What the core serves to the page besides the bridge: spoken clips and the bench's camera. */
const fromCore = /^\/(voice\/[\w./-]+|bench\/camera)$/;

const refuse = (status: number): Response => new Response(null, { status, headers });

async function passOn(request: Request, target: URL, fetchFrom: typeof fetch): Promise<Response> {
  const range = request.headers.get('range');
  const answer = await fetchFrom(target, {
    method: request.method,
    headers: range === null ? {} : { range },
    redirect: 'error',
    credentials: 'omit',
  });
  const kept = ['content-type', 'content-length', 'content-range', 'accept-ranges'].flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return new Response(answer.body, {
    status: answer.status,
    headers: { ...headers, ...Object.fromEntries(kept) },
  });
}

/**
 * Answers `kiosk://screen/…`: the files below `folder`, and a few addresses of the core (at `core()`; undefined
 * while it is not ready). Anything else, and any way out of the folder, is not found.
 */
export function pagesFrom(
  folder: string,
  core: () => string | undefined,
  fetchFrom: typeof fetch,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const url = new URL(request.url);
    if (url.host !== 'screen') return refuse(404);
    if (fromCore.test(url.pathname)) {
      const address = core();
      if (address === undefined) return refuse(503);
      try {
        return await passOn(request, new URL(url.pathname + url.search, address), fetchFrom);
      } catch {
        return refuse(502);
      }
    }
    let name: string;
    try {
      name = decodeURIComponent(url.pathname);
    } catch {
      return refuse(400);
    }
    const file = path.resolve(folder, `.${name.endsWith('/') ? `${name}index.html` : name}`);
    const type = types[path.extname(file)];
    if (!file.startsWith(folder + path.sep) || name.includes('\0') || type === undefined) return refuse(404);
    try {
      const bytes = new Uint8Array(await readFile(file));
      return new Response(request.method === 'HEAD' ? null : bytes, {
        headers: { ...headers, 'Content-Type': type },
      });
    } catch {
      return refuse(404);
    }
  };
}
