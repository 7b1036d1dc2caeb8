import { createPrivateKey } from 'node:crypto';
import { fromBase64url, toBase64url } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';
import {
  documentAlgorithm,
  type Leaf,
  makeLeaf,
  makeRoot,
  makeServerCertificate,
  type Root,
} from './certificates.ts';
import { pinOfCertificate, type ServerIdentity } from './tls.ts';

export { findSealingKey, openSealingKey } from './sealing.ts';
export { openTls, type Tls, type TlsSource, TlsUnavailable } from './tls.ts';

/** The operator's authority: vouches for a kiosk's document key for a few days at a time. */
export interface Authority {
  /** The operator's own certificate, PEM. */
  readonly root: string;
  /** What kiosks know it by: see `authorityPin`. */
  readonly pin: string;
  /** A certificate for the kiosk's document key. */
  endorse(kiosk: string, documentKey: CryptoKey): Promise<Leaf>;
  /** ECDSA P-256 with SHA-256 over a text that begins with what it is for; 64 bytes r||s, base64url. */
  sign(text: string): Promise<string>;
  /** A new key for this server with a certificate for its name or IP address; neither is kept. */
  serverIdentity(name: string): Promise<ServerIdentity>;
}

/**
 * The authority in the database, made at the first start. Several processes may start at once: the first one's is
 * everybody's. `operator` is the name in the certificates; it is kept with the root, so a later one is not used.
 */
export async function openAuthority(db: Storage, operator: string, now: () => Date): Promise<Authority> {
  const root = (await readRoot(db)) ?? (await createRoot(db, operator, now()));
  return {
    root: root.certificate,
    pin: await pinOfCertificate(root.certificate),
    endorse: (kiosk, documentKey) => makeLeaf(root, kiosk, documentKey, now()),
    sign: async (text) => {
      const signature = await crypto.subtle.sign(documentAlgorithm, root.privateKey, Buffer.from(text));
      return toBase64url(new Uint8Array(signature));
    },
    serverIdentity: (name) => newServerIdentity(root, name, now()),
  };
}

/** The pin of the operator's authority; null while there is none, before the backend's first start. */
export async function storedAuthorityPin(db: Storage): Promise<string | null> {
  const root = await readRoot(db);
  return root && pinOfCertificate(root.certificate);
}

async function newServerIdentity(root: Root, name: string, now: Date): Promise<ServerIdentity> {
  const keys = await crypto.subtle.generateKey(documentAlgorithm, true, ['sign', 'verify']);
  const { certificate, ...validity } = await makeServerCertificate(root, name, keys.publicKey, now);
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return {
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificates: `${certificate}\n${root.certificate}`,
    ...validity,
  };
}

/** A kiosk's document key from its SPKI; null unless it is a P-256 public key. */
export async function readDocumentKey(spki: string): Promise<{ key: CryptoKey; spki: string } | null> {
  try {
    const key = await crypto.subtle.importKey(
      'spki',
      new Uint8Array(fromBase64url(spki)),
      documentAlgorithm,
      true,
      ['verify'],
    );
    // Exported again, so that one key has one encoding and so one key id.
    return { key, spki: toBase64url(new Uint8Array(await crypto.subtle.exportKey('spki', key))) };
  } catch {
    return null; // whatever is wrong with it, it is not a key we can vouch for
  }
}

async function readRoot(db: Storage): Promise<Root | null> {
  const row = await db.selectFrom('authority').selectAll().where('id', '=', 1).executeTakeFirst();
  if (!row) return null;
  const privateKey = await crypto.subtle.importKey(
    'pkcs8',
    new Uint8Array(fromBase64url(row.private_key)),
    documentAlgorithm,
    false,
    ['sign'],
  );
  return { privateKey, certificate: row.certificate };
}

async function createRoot(db: Storage, operator: string, now: Date): Promise<Root> {
  const keys = await crypto.subtle.generateKey(documentAlgorithm, true, ['sign', 'verify']);
  const privateKey = toBase64url(new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey)));
  const certificate = await makeRoot(operator, keys, now);
  await db
    .insertInto('authority')
    .values({ id: 1, private_key: privateKey, certificate, created_at: now.toISOString() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const root = await readRoot(db);
  if (!root) throw new Error('The authority was written but cannot be read');
  return root;
}
