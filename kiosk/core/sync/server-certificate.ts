import { hash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Authority } from '../config/index.ts';

/** id-kp-serverAuth (RFC 5280 4.2.1.12). */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** As the contract's `authorityPin`. */
const pinOf = (certificate: X509Certificate): string =>
  `sha256:${hash('sha256', certificate.publicKey.export({ type: 'spki', format: 'der' }), 'hex')}`;

/**
 * Why a server is not the backend, in words that follow "the backend cannot be reached: "; null when it is. `presented`
 * is what it showed in the handshake, its own certificate first, and it has proven to hold the key of that one.
 *
 * The trust anchor is the authority of `kiosk.yaml`, and it must have issued the certificate itself: there is no chain
 * between them to be followed, so path lengths and name constraints have nothing to say (RFC 5280 6.1). The name must
 * stand in the subject alternative name (RFC 9525 6.3) and the purpose must be that of a server: the same authority
 * also vouches for kiosks, and none of them may pass for the backend. Dates are not judged here, see `transport.ts`.
 */
export function whyNotTheBackend(
  presented: readonly X509Certificate[],
  host: string,
  authority: Authority,
): string | null {
  const [own, ...others] = presented;
  if (own === undefined) return 'it shows no certificate';
  const anchors =
    'pin' in authority
      ? others.filter((one) => pinOf(one) === authority.pin)
      : authority.certificates.map((pem) => new X509Certificate(pem));
  const issuer = anchors.find(
    (anchor) => anchor.ca && own.checkIssued(anchor) && own.verify(anchor.publicKey),
  );
  if (issuer === undefined)
    return `its certificate was not issued by the authority in kiosk.yaml, but by ${issuerIn(own, others)}`;
  if (own.ca || !own.keyUsage?.includes(SERVER_AUTH))
    return 'its certificate is not that of a server (extended key usage)';
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const fits =
    isIP(name) === 0
      ? own.checkHost(name, { subject: 'never', wildcards: true, partialWildcards: false })
      : own.checkIP(name);
  return fits === undefined
    ? `its certificate is not for ${name}, but for ${own.subjectAltName ?? 'no name'}`
    : null;
}

/** True when both are certificates of one authority, whose key counts: it may have renewed its certificate. PEM. */
export function isSameAuthority(one: string, other: string): boolean {
  if (one === other) return true;
  const [first, second] = [read(one), read(other)];
  return first !== null && second !== null && pinOf(first) === pinOf(second);
}

/** True when this is a certificate, in PEM, of the authority that the configuration names. */
export function isNamed(certificate: string, authority: Authority): boolean {
  if ('certificates' in authority)
    return authority.certificates.some((named) => isSameAuthority(named, certificate));
  const given = read(certificate);
  return given !== null && pinOf(given) === authority.pin;
}

function read(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function issuerIn(own: X509Certificate, others: readonly X509Certificate[]): string {
  const issuer = others.find((one) => own.checkIssued(one));
  return issuer === undefined ? 'one that it does not show' : pinOf(issuer);
}
