import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { find } from './guest-run.ts';
import { kernelWith } from './kernel-package.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kernel-package-'));
  return () => rm(folder, { recursive: true, force: true });
});

/** Programs of a Debian whose kernel package holds this kernel and no module; the only ones there are. */
async function debian(payload: Uint8Array, more: readonly string[] = []): Promise<void> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  // boot.rst: one setup sector, then the payload, which ends in its own size.
  const start = Buffer.alloc(1024);
  start.writeUInt8(1, 0x1f1);
  start.writeUInt32LE(payload.length + 4, 0x24c);
  await writeFile(path.join(folder, 'image'), Buffer.concat([start, payload, Buffer.alloc(4)]));
  const scripts = {
    'apt-cache': 'echo "  Depends: linux-image-1.0-amd64"',
    'apt-get': ': > linux-image.deb',
    'dpkg-deb': `mkdir -p package/boot package/lib/modules; cp "${folder}/image" package/boot/vmlinuz-1.0`,
  };
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  for (const name of ['mkdir', 'cp', ...more]) {
    const program = find(name);
    if (program !== null) await symlink(program, path.join(bin, name));
  }
  vi.stubEnv('PATH', bin);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test.skipIf(process.platform === 'win32')(
  'a kernel that cannot be unpacked is one sentence, and leaves nothing behind',
  async () => {
    await debian(Buffer.from('a kernel'));
    const cache = path.join(folder, 'cache');
    expect(await kernelWith(['usblp'], cache)).toEqual({
      ok: false,
      error: 'no kernel package: xz is not installed',
    });
    expect(await readdir(cache)).toEqual([]);
  },
);

const xz = find('xz');
test.skipIf(xz === null)(
  `a kernel without the modules is one sentence${xz === null ? ' (skipped: xz is not installed)' : ''}`,
  async () => {
    await debian(execFileSync('xz', ['--stdout'], { input: 'a kernel' }), ['xz']);
    expect(await kernelWith(['usblp'], path.join(folder, 'cache'))).toEqual({
      ok: false,
      error: 'no kernel package: the kernel package holds no module usblp',
    });
  },
);

test('a computer without Debian’s programs is one sentence', async () => {
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await kernelWith(['usblp'], path.join(folder, 'cache'))).toEqual({
    ok: false,
    error: 'no kernel package: apt-cache is not installed',
  });
});
