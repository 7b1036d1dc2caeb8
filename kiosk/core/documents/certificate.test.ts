import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  hashFacts,
  readStatement,
  statementFromScan,
  verificationCode,
  verifyStatement,
} from '@huimin/backend/contract';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Certificate, type CertificateRequest, makeCertificate } from './certificate.ts';
import { createDocumentKey, importDocumentKey } from './document-key.ts';
import { bundledFonts, openFontChain, systemFonts } from './fonts.ts';
import { makeTestAuthority, type TestAuthority } from './testing/authority.ts';
import { foreignRequest, requestFor } from './testing/requests.ts';
import { attempt, hasTool, needing, run } from './testing/tools.ts';

// Fonts are read and pages rasterised here: a busy machine needs its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let authority: TestAuthority;
let folder: string;
let chinese: Certificate;
let english: Certificate;

const make = async (request: CertificateRequest): Promise<Certificate> => {
  const made = await makeCertificate(request);
  if (!made.ok) throw new Error(`not made: ${JSON.stringify(made.error)}`);
  return made.value;
};
const file = (name: string): string => join(folder, name);
const pages = 'test-output/documents';
const squeezed = (text: string): string => text.replace(/\s+/g, '');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'documents-'));
  mkdirSync(pages, { recursive: true });
  authority = await makeTestAuthority();
  chinese = await make(requestFor(authority));
  english = await make(foreignRequest(authority));
  writeFileSync(file('zh.pdf'), chinese.pdf);
  writeFileSync(file('en.pdf'), english.pdf);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The signed bytes and the container, by the signature dictionary's ByteRange. */
const takeApart = (pdf: Uint8Array): { covered: Buffer; container: Buffer } => {
  const bytes = Buffer.from(pdf);
  const range = /\/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]/.exec(bytes.toString('latin1'));
  const [from = 0, length = 0, then = 0, rest = 0] = range?.slice(1).map(Number) ?? [];
  const hex = bytes.subarray(length + 1, then - 1).toString('latin1');
  const padded = Buffer.from(hex, 'hex');
  // DER says how long it is: 30 82 hh ll.
  const container = padded.subarray(0, 4 + padded.readUInt16BE(2));
  return {
    covered: Buffer.concat([bytes.subarray(from, from + length), bytes.subarray(then, then + rest)]),
    container,
  };
};

describe('signature', () => {
  test.skipIf(!hasTool('pdfsig'))(needing('pdfsig', 'pdfsig finds it valid, over the whole file'), () => {
    for (const name of ['zh.pdf', 'en.pdf']) {
      const said = run('pdfsig', '-nocert', file(name));
      expect(said).toContain('Signature is Valid');
      expect(said).toContain('Total document signed');
      expect(said).toContain('ETSI.CAdES.detached');
      expect(said).toContain('示范自助终端 0001');
    }
  });

  test.skipIf(!hasTool('pdfsig'))(
    needing('pdfsig', 'one flipped bit, before or after the signature, is noticed'),
    () => {
      const text = Buffer.from(chinese.pdf).toString('latin1');
      const places = [text.indexOf('stream\n') + 200, text.lastIndexOf('stream\n') + 200];
      for (const [index, place] of places.entries()) {
        const altered = Buffer.from(chinese.pdf);
        altered.writeUInt8(altered.readUInt8(place) ^ 1, place);
        writeFileSync(file(`altered-${index}.pdf`), altered);
        const { said } = attempt('pdfsig', '-nocert', file(`altered-${index}.pdf`));
        expect(said).toContain('Digest Mismatch');
        expect(said).not.toContain('Signature is Valid');
      }
    },
  );

  test.skipIf(!hasTool('openssl'))(
    needing('openssl', 'openssl verifies it up to the root, and no other content'),
    () => {
      const { covered, container } = takeApart(chinese.pdf);
      writeFileSync(file('covered'), covered);
      writeFileSync(file('container.der'), container);
      writeFileSync(file('root.pem'), authority.certificates.at(-1) ?? '');
      const verify = (content: string) =>
        attempt(
          'openssl',
          ...[
            'cms',
            '-verify',
            '-binary',
            '-inform',
            'DER',
            '-in',
            file('container.der'),
            '-content',
            file(content),
          ],
          ...['-CAfile', file('root.pem'), '-purpose', 'any', '-out', file('out')],
        );
      expect(verify('covered')).toMatchObject({
        code: 0,
        said: expect.stringContaining('erification successful'),
      });
      writeFileSync(file('other'), Buffer.concat([covered, Buffer.from('x')]));
      expect(verify('other').code).not.toBe(0);
      // PAdES B-B: the signing certificate is named, and there is no signing time among the signed attributes.
      const printed = run(
        'openssl',
        'cms',
        '-cmsout',
        '-print',
        '-inform',
        'DER',
        '-in',
        file('container.der'),
      );
      expect(printed).toContain('id-smime-aa-signingCertificateV2');
      expect(printed).toContain('contentType');
      expect(printed).not.toContain('signingTime');
    },
  );
});

describe('statement', () => {
  test('is signed by the key, names holder, number and dates, and covers the facts', async () => {
    const request = requestFor(authority);
    const statement = readStatement(chinese.statement);
    if (!statement) throw new Error('not a statement');
    expect(await verifyStatement(statement, authority.key.spki)).toBe(true);
    expect(statement.keyId).toBe(authority.key.keyId);
    expect(statement.claims).toMatchObject({
      number: 'JZ-0001-2026-000123',
      holder: '陈**',
      issuedAt: 1795327500,
    });
    expect(statement.claims.factsHash).toEqual(await hashFacts(request.facts));
    expect(chinese.code).toBe(await verificationCode(chinese.statement));
  });

  test.skipIf(!hasTool('zbarimg') || !hasTool('pdftoppm'))(
    needing('zbarimg', 'the QR code on the page reads at 150 dpi and verifies'),
    async () => {
      for (const [name, made] of [['zh', chinese] as const, ['en', english] as const]) {
        run(
          'pdftoppm',
          '-r',
          '150',
          '-png',
          '-singlefile',
          file(`${name}.pdf`),
          join(pages, `residence-${name}`),
        );
        const scanned = run('zbarimg', '-q', '--raw', join(pages, `residence-${name}.png`)).trim();
        expect(scanned).toBe(`http://127.0.0.1:8700/verify#${made.statement}`);
        const statement = readStatement(statementFromScan(scanned) ?? '');
        expect(statement && (await verifyStatement(statement, authority.key.spki))).toBe(true);
      }
    },
  );
});

describe('page', () => {
  test.skipIf(!hasTool('qpdf'))(
    needing('qpdf', 'qpdf finds the file sound; it keeps its ID and claims PDF/A-2b'),
    () => {
      for (const name of ['zh.pdf', 'en.pdf']) {
        expect(run('qpdf', '--check', file(name))).toContain('No syntax or stream encoding errors');
        const trailer = run('qpdf', '--show-object=trailer', file(name));
        expect(trailer).toContain('/ID [');
        const catalog = run('qpdf', '--show-object=1', file(name)) + run('qpdf', '--qdf', file(name), '-');
        expect(catalog).toContain('<pdfaid:part>2</pdfaid:part>');
        expect(catalog).toContain('/Marked true');
        expect(catalog).toContain('/DisplayDocTitle true');
        expect(catalog).not.toContain('/NeedAppearances');
      }
    },
  );

  test.skipIf(!hasTool('pdftotext'))(
    needing('pdftotext', 'every line can be read back, rare characters too'),
    () => {
      const text = squeezed(run('pdftotext', '-layout', file('zh.pdf'), '-'));
      const request = requestFor(authority);
      for (const fact of Object.values(request.facts)) expect(text).toContain(squeezed(fact));
      for (const line of [
        '居住证明',
        '兹证明陈晓𬀩，男，身份证件号码999901196012300378，自',
        '编号JZ-0001-2026-000123',
        '有效期至2026年12月22日',
        '示范市东湖区荷花社区居民委员会',
        '于2026年11月22日14:05签发',
        `核验码${chinese.code}`,
      ]) {
        expect(text).toContain(line);
      }
      expect(text).not.toContain('离线签发');
    },
  );

  test.skipIf(!hasTool('pdftotext'))(
    needing('pdftotext', 'the English edition carries both languages'),
    () => {
      const text = run('pdftotext', '-layout', file('en.pdf'), '-');
      for (const line of [
        '居住证明',
        'This is to certify that',
        'DUPONT, MARIE',
        '30 幢 1 单元 1102 室',
        '14 February 1985',
      ]) {
        expect(text).toContain(line);
      }
      expect(squeezed(text)).toContain('离线签发Issuedoffline');
      // The nation is empty: its row is gone in both languages.
      expect(text).not.toContain('民族');
      expect(text).not.toContain('Ethnic group');
      expect(run('pdfinfo', file('en.pdf'))).toMatch(/Pages:\s+1\b/);
    },
  );

  test.skipIf(!hasTool('pdffonts'))(
    needing('pdffonts', 'every font is embedded, a subset, with its characters named'),
    () => {
      const fonts = run('pdffonts', file('zh.pdf')).trim().split('\n').slice(2);
      expect(fonts.length).toBe(2);
      for (const font of fonts) expect(font).toMatch(/\s+yes\s+yes\s+yes\s+\d+\s+\d+$/);
    },
  );

  test('the same request gives the same page but for the signatures', async () => {
    const again = await make(requestFor(authority, { key: authority.key }));
    const size = (pdf: Uint8Array): number => pdf.length;
    expect(Math.abs(size(again.pdf) - size(chinese.pdf))).toBeLessThan(2000);
    const fixed = (pdf: Uint8Array): string =>
      /\/ID (\[<[0-9a-f]+> <[0-9a-f]+>\])/.exec(Buffer.from(pdf).toString('latin1'))?.[1] ?? '';
    expect(fixed(again.pdf)).toBe(fixed(chinese.pdf));
    expect(fixed(chinese.pdf)).not.toBe('');
  });
});

describe('what cannot be printed', () => {
  const facts = (changes: Record<string, string>) => ({ ...requestFor(authority).facts, ...changes });

  test('a character no font has: its code point, and nothing of the name', async () => {
    const made = await makeCertificate(requestFor(authority, { facts: facts({ name: '陈\u{E815}华' }) }));
    expect(made).toEqual({ ok: false, error: { reason: 'missing-glyph', codePoint: 0xe815 } });
  });

  test('with the bundled font alone 𠮷 is missing', async () => {
    const request = requestFor(authority, {
      facts: facts({ name: '𠮷野' }),
      fonts: openFontChain(bundledFonts),
    });
    expect(await makeCertificate(request)).toEqual({
      ok: false,
      error: { reason: 'missing-glyph', codePoint: 0x20bb7 },
    });
  });

  const wide = openFontChain([...bundledFonts, ...systemFonts]).faceFor(0x20bb7, 'regular');
  test.skipIf(wide === null || !hasTool('pdftotext'))(
    `with a wider font installed 𠮷 prints${wide === null ? ' (skipped: no installed font has it)' : ''}`,
    async () => {
      const made = await make(requestFor(authority, { facts: facts({ name: '𠮷野' }) }));
      writeFileSync(file('wide.pdf'), made.pdf);
      expect(run('pdftotext', file('wide.pdf'), '-')).toContain('𠮷野');
      expect(run('qpdf', '--check', file('wide.pdf'))).toContain('No syntax');
      run('pdftoppm', '-r', '110', '-png', '-singlefile', file('wide.pdf'), join(pages, 'residence-wide'));
    },
  );

  test('a fact the words need', async () => {
    const made = await makeCertificate(requestFor(authority, { facts: facts({ residence: '' }) }));
    expect(made).toEqual({ ok: false, error: { reason: 'missing-fact', fact: 'residence' } });
  });

  test('an address that fits no page', async () => {
    const made = await makeCertificate(
      requestFor(authority, { facts: facts({ residence: '荷'.repeat(1500) }) }),
    );
    expect(made).toEqual({ ok: false, error: { reason: 'too-long' } });
  });
});

describe('document key', () => {
  test('comes back from storage and signs the same', async () => {
    const key = await createDocumentKey();
    const again = await importDocumentKey(key.pkcs8, key.spki);
    expect(again.keyId).toBe(key.keyId);
    expect(key.keyId).toBe(createHash('sha256').update(key.spki).digest('hex').slice(0, 16));
    const data = new TextEncoder().encode('facts');
    const signature = await again.sign(data);
    expect(signature.length).toBe(64);
    const p256 = { name: 'ECDSA', namedCurve: 'P-256' };
    const check = await crypto.subtle.importKey('spki', new Uint8Array(key.spki), p256, false, ['verify']);
    const es256 = { name: 'ECDSA', hash: 'SHA-256' };
    expect(await crypto.subtle.verify(es256, check, new Uint8Array(signature), data)).toBe(true);
  });
});
