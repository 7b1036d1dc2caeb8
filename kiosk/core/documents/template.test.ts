import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fill, malformedPlaceholder } from './placeholders.ts';
import { loadCertificateTemplate, parseCertificateTemplate } from './template.ts';
import { templatePath } from './testing/requests.ts';

const good = readFileSync(templatePath, 'utf8');
const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;
const spoil = (from: string, to: string) => {
  expect(good).toContain(from);
  const text = good.replace(from, to);
  const parsed = parseCertificateTemplate('certificate.yaml', text);
  if (parsed.ok) throw new Error('the mistake went unnoticed');
  return { error: parsed.error, lineOf: (part: string) => lineOf(text, part) };
};

describe('certificate.yaml', () => {
  test('the one that ships is right', () => {
    expect(loadCertificateTemplate(templatePath)).toMatchObject({ ok: true });
  });

  test('an unknown placeholder is named with its line and what is known', () => {
    const { error, lineOf } = spoil('兹证明{name}', '兹证明{nmae}');
    expect(error.line).toBe(lineOf('{nmae}'));
    expect(error.message).toContain('unknown placeholder {nmae}');
    expect(error.message).toContain('did you mean {name}?');
  });

  test('a stray brace', () => {
    const { error, lineOf } = spoil('value: "{birth}"', 'value: "{birth"');
    expect(error).toMatchObject({ line: lineOf('{birth"') });
    expect(error.message).toContain('stray {');
  });

  test('an unknown key, at its own line', () => {
    const { error, lineOf } = spoil('diameterMm: 40', 'diameterMm: 40\n  diametre: 41');
    expect(error.line).toBe(lineOf('diametre:'));
    expect(error.message).toContain('diametre');
  });

  test('a QR code too small for phones', () => {
    const { error, lineOf } = spoil('sideMm: 34', 'sideMm: 20');
    expect(error).toMatchObject({ line: lineOf('qr:'), message: expect.stringContaining('at least 24 mm') });
  });

  test('a missing translation points to where it should be', () => {
    const { error, lineOf } = spoil('{ zh-CN: 姓名, en: Name }', '{ zh-CN: 姓名 }');
    expect(error.line).toBe(lineOf('{ zh-CN: 姓名 }'));
  });

  test('broken YAML', () => {
    const { error, lineOf } = spoil('issuer: "{issuer}"', 'issuer: "{issuer}');
    expect(error.line).toBeGreaterThanOrEqual(lineOf('issuer: "{issuer}'));
  });

  test('a file that is not there', () => {
    const loaded = loadCertificateTemplate(`${templatePath}.absent`);
    expect(loaded).toMatchObject({ ok: false, error: { line: 0, message: 'cannot be read (ENOENT)' } });
  });
});

describe('placeholders', () => {
  test('optional parts vanish with their values; others must be there', () => {
    expect(fill('a[ since {b}] c {d}', { d: '1' })).toEqual({ ok: true, value: 'a c 1' });
    expect(fill('a[ since {b}] c {d}', { b: '2', d: '1' })).toEqual({ ok: true, value: 'a since 2 c 1' });
    expect(fill('a {b}', { b: '' })).toEqual({ ok: false, error: { reason: 'missing-fact', fact: 'b' } });
  });

  test('a value is never read as a placeholder', () => {
    expect(fill('{a}', { a: '{b}[x]$&', b: 'no' })).toEqual({ ok: true, value: '{b}[x]$&' });
  });

  test('only braces and brackets that mean something', () => {
    expect(malformedPlaceholder('{a}[b {c}]')).toBeNull();
    expect(malformedPlaceholder('{a')).toContain('stray {');
    expect(malformedPlaceholder('a]')).toContain('stray ]');
  });
});
