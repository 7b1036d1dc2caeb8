import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file system of its own, seen by nobody else, and gone with the shell. */
const inSmallDisk = (script: string) =>
  spawnSync(
    'unshare',
    ['--map-root-user', '--mount', 'sh', '-ec', script, 'sh', process.execPath, folder, program],
    {
      encoding: 'utf8',
      timeout: 150_000,
    },
  );
const program = join(import.meta.dirname, 'fixtures/small-disk.ts');
const MOUNT = 'mount -t tmpfs -o size=4m tmpfs "$2"';
const possible = inSmallDisk(MOUNT).status === 0;
if (!possible)
  console.warn('a small disk is left out: no tmpfs can be mounted in a namespace of its own here');

test.skipIf(!possible)(
  'a real disk that is full, and then read-only: nothing is lost, and it says so',
  () => {
    const run = inSmallDisk(
      `${MOUNT}; "$1" "$3" fill "$2"; mount -o remount,ro tmpfs "$2"; "$1" "$3" read "$2"; "$1" "$3" remount "$2"`,
    );
    expect(run.stderr).toBe('');
    const [full, readOnly, remounted] = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(full).toMatchObject({ compacted: false, lost: 0, lostByRestart: 0, writableAgain: true });
    expect(full.keptWhileFull).toBeGreaterThan(20);
    expect(readOnly).toMatchObject({ writable: false, found: full.kept, committed: { ok: false } });
    expect(remounted).toMatchObject({ writable: false, writableAgain: true, committed: { ok: true } });
  },
  180_000,
);
