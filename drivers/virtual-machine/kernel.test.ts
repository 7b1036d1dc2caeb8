// Our transports and drivers against a real Linux kernel, with devices made of software, in a virtual machine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checks } from './guest/checks.ts';
import { find, type GuestRun, prepareGuest, runGuest } from './guest-run.ts';

/** The machine's own deadline comes first and says more. */
const PATIENCE_MS = 1_000_000;

const prepared = await prepareGuest();
const note = prepared.ok ? '' : ` (skipped: ${prepared.error})`;

describe.skipIf(!prepared.ok)(`against a real Linux kernel${note}`, () => {
  let guest: GuestRun;

  beforeAll(async () => {
    if (!prepared.ok) throw new Error(prepared.error);
    guest = await runGuest(prepared.value);
    console.info(`virtual machine: the guest's program runs after ${await guest.up} s`);
  }, PATIENCE_MS);
  afterAll(() => guest?.stop(), PATIENCE_MS);

  for (const { name, needs } of checks) {
    const missing = needs !== undefined && find(needs) === null;
    test.skipIf(missing)(
      missing ? `${name} (skipped: ${needs} is not installed)` : name,
      async () => {
        const { ok, detail, ms } = await guest.result(name);
        expect(ok, detail).toBe(true);
        console.info(`${name}: ${detail} (${ms} ms in all)`);
      },
      PATIENCE_MS,
    );
  }
});
