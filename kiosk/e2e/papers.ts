import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** True when a program is there; says once what is skipped when it is not. */
export function has(program: string): boolean {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  if (!found) console.warn(`checks by ${program} are skipped: it is not installed`);
  return found;
}

/** What programs that we did not write say of a certificate. */
export function inspectPdf(pdf: Uint8Array): { text: string; signature: string; code: string } {
  const folder = mkdtempSync(join(tmpdir(), 'paper-'));
  const file = join(folder, 'paper.pdf');
  try {
    writeFileSync(file, pdf);
    const text = has('pdftotext')
      ? execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
      : '';
    const signature = has('pdfsig') ? spawnSync('pdfsig', [file], { encoding: 'utf8' }).stdout : '';
    let code = '';
    if (has('zbarimg') && has('pdftoppm')) {
      execFileSync('pdftoppm', ['-r', '150', '-png', '-singlefile', file, join(folder, 'page')]);
      code = spawnSync('zbarimg', ['-q', '--raw', join(folder, 'page.png')], {
        encoding: 'utf8',
      }).stdout.trim();
    }
    return { text, signature, code };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks the backend about a scanned code or a typed number. */
export async function verifyAt(backend: string, body: object): Promise<{ answer: string }> {
  const response = await fetch(new URL('/api/verify', backend), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as { answer: string };
}

/** Calls until it answers something true; for what another process does in its own time. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | false>,
  ms = 20_000,
): Promise<T> {
  const until = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (performance.now() > until) throw new Error(`${what} did not happen within ${ms} ms`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
