import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { authorityPinPattern, certificatesIn } from '@huimin/backend/contract';
import { z } from 'zod';

/** Whose word counts for who the backend is: the authority that issues its certificate, and nobody else. */
export type Authority =
  /** As `sha256:…`, see `authorityPin`; the backend sends its issuer's certificate along. */
  | { readonly pin: string }
  /** PEM; more than one while one authority takes over from another. */
  | { readonly certificates: readonly string[] };

/** True for addresses that only this machine reaches. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

export type AddressProblem = 'no-address' | 'not-https' | 'no-authority';

/** What is wrong with a backend's address; null when a kiosk may talk to it. */
export function problemWithAddress(url: string, hasAuthority: boolean): AddressProblem | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === 'http:') return isLoopback(parsed.hostname) ? null : 'not-https';
  if (parsed?.protocol !== 'https:') return 'no-address';
  return hasAuthority ? null : 'no-authority';
}

/** What would be right. */
export const adviceOn: Readonly<Record<AddressProblem, string>> = {
  'no-address': 'write an address like https://backend.example.org:8700/',
  'not-https': 'write https://: without TLS a backend is talked to on this machine itself only',
  'no-authority':
    'an https:// address needs `authority:` beside it, the sha256:… that `npm run backend -- code` prints, or a PEM file',
};

/** The `backend` part of `kiosk.yaml`; a PEM file named in it is looked for in `folder`. */
export const backendSchemaIn = (folder: string) =>
  z
    .strictObject({
      url: z.string().optional(),
      /** Who vouches for the backend: `sha256:…`, or a PEM file. */
      authority: z
        .string()
        .transform((text, context): Authority => {
          const read = readAuthority(text, folder);
          if (typeof read !== 'string') return read;
          context.issues.push({ code: 'custom', message: read, input: text });
          return z.NEVER;
        })
        .optional(),
      enrolmentCode: z.string().min(1).optional(),
    })
    .superRefine(({ url, authority }, context) => {
      const problem = url === undefined ? null : problemWithAddress(url, authority !== undefined);
      if (problem !== null) context.addIssue({ code: 'custom', path: ['url'], message: adviceOn[problem] });
    });

/** The authority, or what is wrong with how it is written. */
function readAuthority(text: string, folder: string): Authority | string {
  const pin = text.trim().toLowerCase();
  if (/^sha-?256\b/.test(pin))
    return authorityPinPattern.test(pin)
      ? { pin }
      : 'a pin is sha256: and 64 hexadecimal digits, as `npm run backend -- code` prints it';
  let pem: string;
  try {
    pem = readFileSync(resolve(folder, text), 'utf8');
  } catch {
    return `there is no file ${resolve(folder, text)}; a pin begins with sha256:`;
  }
  const certificates = certificatesIn(pem);
  const areAuthorities = certificates.length > 0 && certificates.every(isAuthority);
  return areAuthorities
    ? { certificates }
    : `${resolve(folder, text)} holds no certificate of an authority in PEM`;
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
