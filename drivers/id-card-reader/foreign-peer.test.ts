import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { transportOf } from '../transport/index.ts';
import { openIdCardReader } from './driver.ts';
import { tapExchange } from './exchange-tap.ts';
import { NATIONS } from './nations.ts';
import type { IdCardReader } from './reader.ts';

const program = fileURLToPath(new URL('./testing/reader-peer.py', import.meta.url));

const unavailable =
  process.platform === 'win32'
    ? 'this system has no pseudo-terminals'
    : spawnSync('python3', ['--version']).status === 0
      ? null
      : 'python3 is not installed';
const note = unavailable === null ? '' : ` (skipped: ${unavailable})`;

const greeting = z.object({ port: z.string(), card: z.record(z.string(), z.string()) });

describe.skipIf(unavailable !== null)(`a reader written by other hands, in another process${note}`, () => {
  let peer: ChildProcessByStdio<Writable, Readable, null>;
  let said: AsyncIterator<string>;
  let card: Record<string, string>;
  let reader: IdCardReader;
  let onReading: () => void = () => {};

  const nextLine = async (): Promise<string> => {
    const { value, done } = await said.next();
    if (done === true) throw new Error('the peer has ended');
    return value;
  };
  const order = async (word: 'lay' | 'lift'): Promise<void> => {
    peer.stdin.write(`${word}\n`);
    expect(await nextLine()).toBe('done');
  };

  beforeAll(async () => {
    peer = spawn('python3', [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    said = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
    const hello = greeting.parse(JSON.parse(await nextLine()));
    card = hello.card;
    reader = openIdCardReader({
      transport: tapExchange(transportOf({ kind: 'serial', path: hello.port, baudRate: 115200 }), {
        onReplyBegins(name) {
          if (name === 'readCardWithFingerprint') onReading();
        },
      }),
      fingerprint: true,
    });
    await vi.waitFor(() => expect(reader.status.device).toBe('online'), 10_000);
  }, 20_000);
  afterAll(async () => {
    await reader?.close();
    peer?.stdin.end();
  });

  const iso = (digits: string) => `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;

  test('is read, every field of it, and its removal noticed', async () => {
    expect(reader.capabilities.samId).toBe('05.03-20188938-0000001234-0000005678');
    await order('lay');
    const read = await reader.readCard({ latestAddress: true, timeoutMs: 5000 });
    expect(read).toEqual({
      ok: true,
      value: {
        card: {
          type: 'citizen',
          name: card.name,
          sex: 'female',
          nation: { code: card.nation, name: NATIONS.get(card.nation ?? '') },
          birth: iso(card.birth ?? ''),
          address: card.address,
          number: card.number,
          authority: card.authority,
          validFrom: iso(card.from ?? ''),
          validTo: null,
        },
        photo: Uint8Array.from({ length: 1024 }, (_, i) => (i * 7 + 3) % 251),
        fingerprint: Uint8Array.from({ length: 1024 }, (_, i) => (i * 11 + 5) % 241),
        latestAddress: card.latest,
      },
    });
    const removal = reader.waitForRemoval({ timeoutMs: 5000 });
    await order('lift');
    expect(await removal).toEqual({ ok: true, value: undefined });
    await order('lay');
    expect(await reader.readCard({ timeoutMs: 5000 })).toMatchObject({ ok: true });
  });

  test('ended in the middle of a read, it is a reader that was unplugged', async () => {
    await order('lift');
    expect(await reader.waitForRemoval({ timeoutMs: 5000 })).toMatchObject({ ok: true });
    await order('lay');
    let hasEnded = false;
    onReading = () => {
      hasEnded = peer.kill('SIGKILL');
    };
    const reading = reader.readCard();
    expect(await reading).toMatchObject({ ok: false, error: { reason: 'unplugged' } });
    expect(hasEnded).toBe(true);
    expect(reader.status.device).toBe('noDevice');
  });
});
