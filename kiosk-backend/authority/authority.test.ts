import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBase64url } from '../contract/index.ts';
import { openStorage, type Storage } from '../storage/index.ts';
import { openAuthority, readDocumentKey } from './index.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const openssl = spawnSync('openssl', ['version']).status === 0;

describe('the authority', () => {
  const data = mkdtempSync(join(tmpdir(), 'huimin-authority-'));
  let db: Storage;
  let documentKey: CryptoKey;
  beforeAll(async () => {
    db = await openStorage({ data });
    documentKey = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])).publicKey;
  });
  afterAll(async () => {
    await db.destroy();
    rmSync(data, { recursive: true, force: true });
  });
  const open = (now = new Date()) => openAuthority(db, '示范市社区服务', () => now);

  test('is made once, however many processes start at once, and kept where nobody else reads', async () => {
    const [one, two] = await Promise.all([open(), open()]);
    expect(one.root).toBe(two.root);
    expect((await openAuthority(db, 'Another Name', () => new Date())).root).toBe(one.root);
    expect(statSync(join(data, 'backend.sqlite')).mode & 0o777).toBe(0o600);
  });

  test.skipIf(!openssl)(
    `issues certificates that openssl accepts${openssl ? '' : ' (left out here: no openssl)'}`,
    async () => {
      const authority = await open();
      const leaf = await authority.endorse('lotus-01', documentKey);
      const [rootFile, leafFile] = [join(data, 'root.pem'), join(data, 'leaf.pem')];
      writeFileSync(rootFile, authority.root);
      writeFileSync(leafFile, leaf.certificate);
      const verify = ['verify', '-x509_strict', '-check_ss_sig', '-CAfile', rootFile];
      expect(execFileSync('openssl', [...verify, leafFile], { encoding: 'utf8' })).toContain('OK');
      const show = ['x509', '-noout', '-in'];
      const text = execFileSync('openssl', [...show, leafFile, '-text', '-nameopt', 'utf8'], {
        encoding: 'utf8',
      });
      expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
      expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Non Repudiation\n/);
      expect(text).toContain('CN=lotus-01');
      expect(text).toContain('O=示范市社区服务');
      const rootText = execFileSync('openssl', [...show, rootFile, '-text'], { encoding: 'utf8' });
      expect(rootText).toMatch(/CA:TRUE, pathlen:0/);
      const late = spawnSync('openssl', [
        ...verify,
        '-attime',
        String(Date.now() / 1000 + 8 * 86_400),
        leafFile,
      ]);
      expect(late.status).not.toBe(0);
    },
  );

  test('vouches for a week, and never beyond its own ten years', async () => {
    const now = new Date('2026-11-22T09:00:00.500Z');
    const leaf = await (await open(now)).endorse('lotus-01', documentKey);
    expect(leaf.notBefore.toISOString()).toBe('2026-11-22T08:00:00.000Z');
    expect(leaf.notAfter.toISOString()).toBe('2026-11-29T09:00:00.000Z');
    const old = new Date(Date.now() + 3651 * 86_400_000);
    const last = await (await open(old)).endorse('lotus-01', documentKey);
    expect(last.notAfter.getTime() - old.getTime()).toBeLessThan(7 * 86_400_000);
  });

  test('takes P-256 keys and nothing else', async () => {
    const spki = async (key: CryptoKey) =>
      toBase64url(new Uint8Array(await crypto.subtle.exportKey('spki', key)));
    const good = await spki(documentKey);
    expect((await readDocumentKey(good))?.spki).toBe(good);
    const larger = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign']);
    expect(await readDocumentKey(await spki(larger.publicKey))).toBeNull();
    expect(await readDocumentKey('AAAA')).toBeNull();
    expect(await readDocumentKey(good.slice(0, -8))).toBeNull();
  });
});
