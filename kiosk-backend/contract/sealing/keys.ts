import { createECDH } from 'node:crypto';
import type { SealingPublicKey, SealingSuite } from '../carried.ts';
import { keyIdOf, toBase64url } from '../statement.ts';

/** A public key with what opens what is sealed for it. */
export interface SealingKeyPair extends SealingPublicKey {
  /** The scalar, 32 bytes in base64url. */
  readonly privateKey: string;
}

export type Random = (bytes: number) => Uint8Array;

/** The orders of the groups (FIPS 186-4 D.1.2.3; GB/T 32918.5): a private key lies between 0 and these. */
const ORDERS: Readonly<Record<SealingSuite, bigint>> = {
  aes: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  sm: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
};

const SCALAR_BYTES = 32;

/** A private key without bias: what lies outside is drawn again, which happens once in 2³². */
export function newScalar(suite: SealingSuite, random: Random): Buffer {
  for (;;) {
    const scalar = Buffer.from(random(SCALAR_BYTES));
    const value = BigInt(`0x${scalar.toString('hex')}`);
    // SM2 takes no n − 1 (GB/T 32918.1, 6.1); nobody misses it on P-256.
    if (value > 0n && value < ORDERS[suite] - 1n) return scalar;
  }
}

/** The point that belongs to a private key, uncompressed. */
export async function pointOf(suite: SealingSuite, scalar: Uint8Array): Promise<Uint8Array> {
  switch (suite) {
    case 'aes': {
      const ecdh = createECDH('prime256v1');
      ecdh.setPrivateKey(scalar);
      return new Uint8Array(ecdh.getPublicKey());
    }
    case 'sm': {
      const { sm2PointOf } = await import('./sm.ts');
      return sm2PointOf(scalar);
    }
    default:
      return suite satisfies never;
  }
}

/** A new key pair; the same one for the same `random` bytes. */
export async function newSealingKeyPair(suite: SealingSuite, random: Random): Promise<SealingKeyPair> {
  const scalar = newScalar(suite, random);
  const point = await pointOf(suite, scalar);
  const pair = {
    suite,
    keyId: await keyIdOf(point),
    publicKey: toBase64url(point),
    privateKey: toBase64url(scalar),
  };
  scalar.fill(0);
  return pair;
}
