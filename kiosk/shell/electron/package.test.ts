import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '../../..');
const require = createRequire(import.meta.url);
const read = () => parse(readFileSync(path.join(root, 'electron-builder.yml'), 'utf8'));

/** electron-builder's own check against its own schema. */
const validate = (config: unknown): Promise<void> =>
  require('app-builder-lib/out/util/config/config.js').validateConfiguration(config, { isEnabled: false });

test("electron-builder's own schema accepts electron-builder.yml", async () => {
  await expect(validate(read())).resolves.toBeUndefined();
});

test('and would notice a slip', async () => {
  await expect(validate({ ...read(), asarr: true })).rejects.toThrow(/unknown property 'asarr'/);
  await expect(validate({ ...read(), electronFuses: { runAsNode: 'no' } })).rejects.toThrow(/electronFuses/);
});

test('the fuses leave no way to run anything but the application', () => {
  expect(read()).toMatchObject({
    asar: true,
    electronFuses: {
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    },
  });
});

test('Windows gets an installer, Linux an AppImage and a Debian package', () => {
  const targets = (platform: { target: { target: string }[] }) => platform.target.map(({ target }) => target);
  expect(targets(read().win)).toEqual(['nsis']);
  expect(targets(read().linux)).toEqual(['AppImage', 'deb']);
});

test('Electron is the one that is pinned, and nothing is compiled', () => {
  const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  expect(read().electronVersion).toBe(devDependencies.electron);
  expect(read().npmRebuild).toBe(false);
});
