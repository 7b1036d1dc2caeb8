import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { formatReport, runChecks } from '../conformance/index.ts';
import { type ForkedPortHost, forkPortHost } from '../transport/index.ts';
import { type IcCardReader, icCardChecks, insertVpcdCard, openIcCardReader, type VpcdCard } from './index.ts';
import { badge, holder, socialCard } from './testing/invented-cards.ts';
import {
  freePortPair,
  type PrivatePcscd,
  pcscdUnavailable,
  startPrivatePcscd,
} from './testing/private-pcscd.ts';

/** `SMARTCARD_MODULE`: the entry file of a built `smartcard` 3.7 where it is not installed beside this package. */
function findModule(): string | null {
  try {
    return createRequire(import.meta.url).resolve(process.env.SMARTCARD_MODULE ?? 'smartcard');
  } catch {
    return null;
  }
}

const module = findModule();
const unavailable =
  module === null
    ? 'the package smartcard is not built here; name it in SMARTCARD_MODULE'
    : pcscdUnavailable();
const note = unavailable === null ? '' : ` (skipped: ${unavailable})`;

describe.skipIf(unavailable !== null)(`through a real pcscd and the native module${note}`, () => {
  let pcscd: PrivatePcscd;
  let inserted: VpcdCard | null = null;

  const start = async (port: number) => {
    pcscd = await startPrivatePcscd(port);
    process.env.PCSCLITE_CSOCK_NAME = pcscd.socket;
  };
  const remove = async () => {
    await inserted?.remove();
    inserted = null;
  };
  const insert = async (card: typeof socialCard | typeof badge) => {
    await remove();
    inserted = await insertVpcdCard(card, { port: pcscd.cardPort });
  };
  let host: ForkedPortHost | null = null;
  const startPortHost = () => {
    host = forkPortHost();
    return host;
  };
  const open = (): IcCardReader => {
    const reader = openIcCardReader({
      ...{ protocol: 'pcsc', module: module ?? '' },
      random: () => 0,
      startPortHost,
    });
    onTestFinished(() => reader.close());
    return reader;
  };

  beforeAll(async () => start(await freePortPair()));
  afterAll(async () => {
    await remove();
    await pcscd.kill();
    delete process.env.PCSCLITE_CSOCK_NAME;
  });

  test('conforms', async () => {
    const report = await runChecks({
      subject: 'a virtual reader of pcscd',
      checks: icCardChecks,
      context: {
        open,
        hands: async (task) => {
          if (task === 'unplug') await pcscd.kill();
          else if (task === 'plug-in') await start(pcscd.cardPort);
          else
            await (task === 'remove-card' ? remove() : insert(task === 'place-badge' ? badge : socialCard));
          return true;
        },
      },
      now: () => performance.now(),
    });
    console.info(formatReport(report));
    expect(
      report.checks.map(({ id, outcome }) => `${id} ${outcome}`).filter((line) => !line.endsWith('passed')),
    ).toEqual([]);
  }, 60_000);

  test('a crash of the process is a lost link, and another is started', async () => {
    const reader = open();
    await expect.poll(() => reader.status.device, { timeout: 10_000 }).toBe('online');
    const reading = reader.readUid();
    process.kill(host?.pid ?? expect.unreachable(), 'SIGKILL');
    expect(await reading).toMatchObject({
      ok: false,
      error: { code: 'deviceNotReady', reason: 'unplugged' },
    });
    await expect.poll(() => reader.status.device, { timeout: 5000 }).toBe('online');
  });

  test('every item of the card comes through', async () => {
    const reader = open();
    await expect.poll(() => reader.status.device, { timeout: 10_000 }).toBe('online');
    const reading = reader.readHolder({ timeoutMs: 10_000 });
    await insert(socialCard);
    expect(await reading).toEqual({ ok: true, value: holder });
  });
});
