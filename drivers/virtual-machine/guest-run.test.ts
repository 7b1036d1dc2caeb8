import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Preparations, runGuest } from './guest-run.ts';

/** A machine that is off as soon as it was on, the first time after doing `first`, and later ones after `later`. */
async function machines(first: string, later: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'guest-run-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [qemu, busybox, starts] = ['qemu', 'busybox', 'starts'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(busybox, 'not run by anybody');
  await writeFile(
    qemu,
    `#!/bin/sh
cd '${folder}'
echo $$ >> starts
if [ $(wc -l < starts) = 1 ]; then ${first}; else ${later}; fi
`,
  );
  await chmod(qemu, 0o755);
  const prepared: Preparations = { qemu, busybox, kernel: { image: '/nowhere', modules: [] } };
  const pids = async () => (await readFile(starts, 'utf8')).trim().split('\n').map(Number);
  return { prepared, pids };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** What is done at the moment when a machine is off and the next one is about to start. */
function onNext(act: () => void): void {
  const warn = vi.spyOn(console, 'warn').mockImplementation(act);
  onTestFinished(() => warn.mockRestore());
}

test.skipIf(process.platform === 'win32')(
  'a second machine that cannot be started fails the checks',
  async () => {
    const { prepared, pids } = await machines('rm busybox', 'true');
    onNext(() => {});
    const run = await runGuest(prepared);
    onTestFinished(run.stop);
    await expect(run.up).rejects.toThrow(/ENOENT.*busybox/);
    await expect(run.result('any')).rejects.toThrow(/ENOENT.*busybox/);
    expect(await pids()).toHaveLength(1);
  },
);

test.skipIf(process.platform === 'win32')('stopped between two machines, no machine is left', async () => {
  const { prepared, pids } = await machines('true', 'exec sleep 60');
  const stopped = Promise.withResolvers<void>();
  const run = await new Promise<Awaited<ReturnType<typeof runGuest>>>((resolve, reject) => {
    const running = runGuest(prepared);
    onNext(() => void running.then(({ stop }) => stop()).then(stopped.resolve, stopped.reject));
    running.then(resolve, reject);
  });
  await stopped.promise;
  await expect(run.up).rejects.toThrow(/the machine (was stopped|is off)/);
  expect((await pids()).filter(isAlive)).toEqual([]);
});
