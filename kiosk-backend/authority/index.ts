import { fromBase64url, toBase64url } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';
import { documentAlgorithm, type Leaf, makeLeaf, makeRoot, type Root } from './certificates.ts';

/** The operator's authority: vouches for a kiosk's document key for a few days at a time. */
export interface Authority {
  /** The operator's own certificate, PEM. */
  readonly root: string;
  /** A certificate for the kiosk's document key. */
  endorse(kiosk: string, documentKey: CryptoKey): Promise<Leaf>;
}

/**
 * The authority in the database, made at the first start. Several processes may start at once: the first one's is
 * everybody's. `operator` is the name in the certificates; it is kept with the root, so a later one is not used.
 */
export async function openAuthority(db: Storage, operator: string, now: () => Date): Promise<Authority> {
  const root = (await readRoot(db)) ?? (await createRoot(db, operator, now()));
  return {
    root: root.certificate,
    endorse: (kiosk, documentKey) => makeLeaf(root, kiosk, documentKey, now()),
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
