import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { open } from '../store/fixtures/store.ts';
import { leftIn } from './book.ts';

/** So many claims are promised in each life before it is killed: before, within and after compactions. */
const LIVES = [5, 45];
/** Claims that the process has under way at a time. */
const AT_ONCE = 3;

test('killed while it claims: every promise is kept, and what is left is what was not claimed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimer-'));
  const promised: string[] = [];
  try {
    for (const claims of LIVES) {
      const before = promised.length;
      const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/claimer.ts'), folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'close');
      for await (const line of createInterface({ input: child.stdout })) {
        promised.push(line);
        if (promised.length - before === claims) child.kill('SIGKILL');
      }
      const [, signal] = await ended;
      expect(signal).toBe('SIGKILL');

      const store = await open(folder);
      const made = (await store.unsent(10_000)).flatMap(({ body }) =>
        body.kind === 'claim.made' ? [body.claim] : [],
      );
      expect(new Set(made).size).toBe(made.length);
      expect(new Set(made)).toEqual(new Set([...promised, ...made]));
      const [lease] = store.shares?.leases ?? [];
      expect(lease && leftIn(lease)).toBe(50_000 - made.length);
      expect(made.length - promised.length).toBeLessThanOrEqual(AT_ONCE * LIVES.length);
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);
