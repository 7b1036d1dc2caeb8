import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openSealed, sealed } from './sealed-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'huimin-sealed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const passphrase = 'correct horse battery staple';
const note = { kind: 'sqlite', madeAt: '2026-11-22T09:00:00.000Z', auditHead: null } as const;
/** So that a test takes no longer than it must. */
const cheap = { N: 2 ** 10, r: 8, p: 1 };
const CHUNK = 64 * 1024;
const SEALED_CHUNK = CHUNK + 16;

async function all(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

/** Pieces that have nothing to do with the chunks they are sealed in. */
async function* pieces(content: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += 50_001) yield content.subarray(at, at + 50_001);
}

describe('a sealed file', { timeout: 90_000 }, () => {
  const content = randomBytes(2 * CHUNK + 12_345);
  const path = join(folder, 'whole');

  const opened = async (bytes: Buffer, name: string): Promise<Buffer> => {
    writeFileSync(join(folder, name), bytes);
    return all((await openSealed(join(folder, name), passphrase)).content());
  };

  test('opens with its passphrase, as often as it is asked', async () => {
    writeFileSync(path, await all(sealed(pieces(content), note, passphrase))); // as costly as a real one
    const file = await openSealed(path, passphrase);
    expect(file.note).toEqual(note);
    expect((await all(file.content())).equals(content)).toBe(true);
    expect((await all(file.content())).equals(content)).toBe(true);
    expect(readFileSync(path).includes(content.subarray(0, 16))).toBe(false);
    const other = await openSealed(path, `${passphrase}.`);
    await expect(all(other.content())).rejects.toThrow(/the passphrase is not the one it was made with/);
  });

  test.each([0, CHUNK, 2 * CHUNK])('of %d bytes, too', async (length) => {
    const exact = content.subarray(0, length);
    expect(
      (await opened(await all(sealed(pieces(exact), note, passphrase, cheap)), 'exact')).equals(exact),
    ).toBe(true);
  });

  test('does not open changed, cut, or put together differently', async () => {
    const whole = await all(sealed(pieces(content), note, passphrase, cheap));
    const start = whole.length - (2 * SEALED_CHUNK + 12_345 + 16);
    const changed = Buffer.from(whole);
    changed[start + SEALED_CHUNK + 5] = (changed[start + SEALED_CHUNK + 5] ?? 0) ^ 1;
    const [first, second] = [0, 1].map((index) =>
      whole.subarray(start + index * SEALED_CHUNK, start + (index + 1) * SEALED_CHUNK),
    );
    const head = whole.subarray(0, start);
    const tail = whole.subarray(start + 2 * SEALED_CHUNK);
    const relabelled = Buffer.from(whole.toString('latin1').replace('09:00:00', '09:00:01'), 'latin1');
    const bad: Readonly<Record<string, Buffer>> = {
      changed,
      'cut in a chunk': whole.subarray(0, -1),
      'cut between chunks': whole.subarray(0, start + SEALED_CHUNK),
      'cut before the first': head,
      'chunks exchanged': Buffer.concat([head, second ?? head, first ?? head, tail]),
      'a chunk left out': Buffer.concat([head, first ?? head, tail]),
      'another time in its header': relabelled,
    };
    for (const [name, bytes] of Object.entries(bad)) {
      await expect(opened(bytes, name), name).rejects.toThrow(/was changed or cut short|does not open/);
    }
    await expect(opened(whole.subarray(0, 30), 'stub')).rejects.toThrow(/was changed|is not a sealed backup/);
    await expect(opened(Buffer.from('hello'), 'other')).rejects.toThrow(/is not a sealed backup/);
  });
});
