import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);

/** A PIN as it is kept and sent: scrypt (RFC 7914) with N 16384, r 8, p 1, 32 bytes; base64url. */
export async function hashPin(pin: string): Promise<{ pinSalt: string; pinHash: string }> {
  const salt = randomBytes(16);
  const hash = await derive(pin, salt, 32, { N: 16384, r: 8, p: 1 });
  return { pinSalt: salt.toString('base64url'), pinHash: hash.toString('base64url') };
}
