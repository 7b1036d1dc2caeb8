import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../device.ts';
import { type IdCard, type SimulatedReader, simulateIdCardReader } from '../id-card-reader/index.ts';
import type { Pty } from '../transport/index.ts';
// A terminal of socat's: one of node-pty's would be held open by the program that is started here.
import { openSocat } from '../transport/pty.ts';
import { inventedCards } from './invented-cards.ts';

const probe = await openSocat();
if (probe.ok) await probe.value.close();
const absence = probe.ok ? '' : ` (skipped: ${probe.error})`;

const [card] = inventedCards as readonly [Extract<IdCard, { type: 'citizen' }>, IdCard];

/** The real program in a process of its own, started as `npm run device` starts it. */
function start(...argv: readonly string[]) {
  const program = path.join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    ended,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
  };
}

test('wrong usage ends with 2 and one line of help', async () => {
  const run = start('raed', 'id-card');
  expect(await run.ended).toBe(2);
  expect(run.stdout).toBe('');
  expect(run.stderr).toContain('There is no command raed; did you mean read?');
});

test('a port that is not there ends with 3', async () => {
  const run = start('status', 'id-card', '--port', '/dev/ttyNOTHERE', '--json');
  expect(await run.ended).toBe(3);
  expect(JSON.parse(run.stdout)).toMatchObject({
    ok: false,
    status: { device: 'noDevice' },
    reason: 'no such port: /dev/ttyNOTHERE',
  });
});

test('it ends when whoever started it is gone', async () => {
  const run = start('status', 'receipt-printer', '--simulated', '--watch', '--json');
  await expect.poll(() => run.stdout, { timeout: 10_000 }).toContain('"device":"online"');
  // `close` never comes once the channel was closed from here.
  const [exitCode] = await Promise.all([once(run.child, 'exit'), run.child.disconnect()]);
  expect(exitCode).toEqual([130, null]);
});

describe.skipIf(!probe.ok)(`with a reader at a real serial port${absence}`, () => {
  let pty: Pty;
  let reader: SimulatedReader;
  /** Told how many bytes the reader has sent. */
  let onSent: (total: number) => void;

  beforeEach(async () => {
    const opened = await openSocat();
    if (!opened.ok) throw new Error(opened.error);
    pty = opened.value;
    let total = 0;
    onSent = () => {};
    const { master } = pty;
    const write = async (bytes: Uint8Array): Promise<void> => {
      await master.write(bytes);
      total += bytes.length;
      onSent(total);
    };
    reader = simulateIdCardReader({ link: { ...master, write }, clock: systemClock, paced: true });
  });
  afterEach(() => pty.close());

  test('reads a card: JSON alone on its output, masked', async () => {
    reader.place(card);
    const run = start('read', 'id-card', '--port', pty.path, '--json');
    expect(await run.ended).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: true, masked: true, card: { name: '虚*' } });
    expect(run.stderr).toBe('');
    for (const hidden of [card.number.slice(4, -2), card.address.slice(6), card.name]) {
      expect(run.stdout).not.toContain(hidden);
    }
  });

  test('unplugged in the middle of the card it ends with 3', async () => {
    reader.place(card);
    // A card's answer has 1295 bytes.
    onSent = (total) => total > 600 && void pty.close();
    const run = start('read', 'id-card', '--port', pty.path);
    expect(await run.ended).toBe(3);
    expect(run.stderr).toContain('(unplugged)');
    expect(run.stdout).toBe('');
  });

  test.skipIf(process.platform === 'win32')('Ctrl+C ends it with 130 and releases the port', async () => {
    const run = start('read', 'id-card', '--port', pty.path);
    await expect.poll(() => run.stderr, { timeout: 10_000 }).toContain('lay a card');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    reader.place(card);
    const next = start('read', 'id-card', '--port', pty.path);
    expect(await next.ended).toBe(0);
  });
});
