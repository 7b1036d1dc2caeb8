/**
 * Payloads sealed for one reader, end to end, in either suite behind one interface; and the files in which they are
 * carried by hand. It needs Node, so it stands apart from the contract that pages import too.
 */
import type { SealingPublicKey } from '../carried.ts';
import { readCompact } from './compact.ts';
import type { Random, SealingKeyPair } from './keys.ts';

export { parsedJson } from './json.ts';
export { newSealingKeyPair, type Random, type SealingKeyPair } from './keys.ts';
export { type Parcel, ParcelWriter, type ReadAt, readParcel } from './parcel.ts';
export { type ParcelDisk, parcelDisk, writeParcelFile } from './parcel-file.ts';

/** Either what was sealed, or why it does not open, in a few words for a technician. */
export type Opened =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly error: string };

/** Seals for whoever has the private key. `contentType` says what it is, and is authenticated with it. */
export async function seal(
  plaintext: Uint8Array,
  recipient: SealingPublicKey,
  { contentType, random }: { readonly contentType: string; readonly random: Random },
): Promise<Uint8Array> {
  switch (recipient.suite) {
    case 'aes': {
      const { sealAes } = await import('./aes.ts');
      return sealAes(plaintext, recipient, contentType, random);
    }
    case 'sm': {
      const { sealSm } = await import('./sm.ts');
      return sealSm(plaintext, recipient, contentType, random);
    }
    default:
      return recipient.suite satisfies never;
  }
}

/** Opens what {@link seal} made of content of this type, and nothing of which a byte was changed. */
export async function open(
  sealed: Uint8Array,
  key: SealingKeyPair,
  { contentType }: { readonly contentType: string },
): Promise<Opened> {
  const refused = (error: string): Opened => ({ ok: false, error });
  const compact = readCompact(sealed);
  if (compact === null) return refused('it is not sealed in a way that is known here');
  const { kid, cty, enc } = compact.header;
  const suite = enc === 'A256GCM' ? 'aes' : 'sm';
  if (kid !== key.keyId || suite !== key.suite) return refused(`it is sealed for the key ${kid}`);
  if (cty !== contentType) return refused('it is sealed as something else');
  try {
    const value =
      suite === 'aes'
        ? await (await import('./aes.ts')).openAes(sealed, key)
        : (await import('./sm.ts')).openSm(compact, key);
    return { ok: true, value };
  } catch {
    return refused('it was changed after it was sealed'); // whatever was changed, it does not open
  }
}
