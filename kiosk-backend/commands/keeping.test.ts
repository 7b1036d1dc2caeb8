import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'huimin-commands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command as an operator types it. */
function typed(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return typedWith('', ...words);
}

/** The same, with what is typed then. */
function typedWith(
  input: string,
  ...words: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const { DATABASE_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [main, ...words], { cwd: folder, env });
  child.stdin.on('error', () => undefined); // it may end without reading
  child.stdin.end(input);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

const idNumber = '999901194803120243';

// Each word is a process of its own, which takes its time on a busy machine.
describe('what an operator types', { timeout: 120_000 }, () => {
  test('makes a code, tells and forgets a person, saves and comes back, with all of it on record', async () => {
    writeFileSync(join(folder, 'secret'), 'correct horse battery staple\n');
    expect((await typed('code', 'kiosk-1', '--community', '荷花社区', '--data', 'a')).code).toBe(0);
    const access = await typedWith(`${idNumber}\n`, 'access', '--to', 'person.json', '--data', 'a');
    const told = '0 events and 0 certificates are in person.json, out of a.\n';
    expect(access).toEqual({ code: 0, out: told, err: '' });
    expect(statSync(join(folder, 'person.json')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(folder, 'person.json'), 'utf8'))).toMatchObject({ idNumber });
    writeFileSync(join(folder, 'number'), `${idNumber}\n`);
    const file = ['--id-number-file', 'number'];
    const forget = await typed('forget', ...file, '--reason', 'asked', '--data', 'a');
    expect(forget).toMatchObject({ code: 0, err: '' });
    const backup = await typed('backup', 'saved', '--passphrase-file', 'secret', '--data', 'a');
    expect(backup).toMatchObject({ code: 0, err: '' });
    const head = /Audit head: ([0-9a-f]{64})\n$/.exec(backup.out)?.[1] ?? '';
    const restore = await typed('restore', 'saved', '--passphrase-file', 'secret', '--data', 'b');
    expect(restore).toMatchObject({ code: 0, err: '' });
    expect(restore.out).toMatch(/^saved is restored into b\. .* 1 enrolment codes\.\n/);
    const check = await typed('audit', 'check', '--head', head, '--data', 'b');
    expect(check).toMatchObject({ code: 0, err: '' });
    expect(check.out).toMatch(/^4 entries, whole since 2\S+Z\. Head: [0-9a-f]{64}\n$/);
    const { out } = await typed('audit', 'show', '--last', '3', '--data', 'b');
    expect(out.match(/person\.accessed|person\.forgotten|backup\.restored/g)).toHaveLength(3);
    expect(out).not.toContain(idNumber);
    const other = await typed('audit', 'check', '--head', 'a'.repeat(64), '--data', 'b');
    expect(other).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^The audit is cut/) });
  });

  const mistakes: readonly (readonly [words: string, sentence: RegExp])[] = [
    ['audit', /^audit wants one of: check, show\./],
    ['access --print', /^access wants the number of an ID card/],
    ['access', /^access wants either --to FILE or --print/],
    [`forget --id-number-file number --reason no:${idNumber}`, /^--reason stays in the audit/],
    ['retain --keep-days 0', /^--keep-days wants a number of days/],
    ['backup saved', /^backup wants --passphrase-file FILE, or --plain/],
    ['restore absent', /^There is no file absent\./],
  ];
  test.each(mistakes)('is told in one sentence what is wrong with: %s', async (words, sentence) => {
    const { code, out, err } = await typed(...words.split(' '), '--data', 'c');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(sentence);
    expect(err.trimEnd()).not.toContain('\n');
  });
});
