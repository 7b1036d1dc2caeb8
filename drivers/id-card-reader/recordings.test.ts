import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { parseRecording, replayTransport } from '../recording/index.ts';
import { manualClock } from '../transport/index.ts';
import { openIdCardReader } from './driver.ts';
import { settledBy } from './testing/bench.ts';
import { visits } from './testing/visits.ts';

test('the recorded session goes as it went', async () => {
  const text = readFileSync(new URL('./recordings/pty-session.jsonl', import.meta.url), 'utf8');
  const recording = parseRecording(text);
  if (!recording.ok) throw new Error(recording.error);
  expect(recording.value.header.note).toContain('simulated');
  const replay = replayTransport(recording.value);
  const clock = manualClock();
  const reader = openIdCardReader({ transport: replay.transport, clock, random: () => 0.5 });
  onTestFinished(() => reader.close());
  await clock.advance(10);
  expect(reader.status.device).toBe('online');
  const seen = await settledBy(clock)(visits(reader, { lay: () => {}, lift: () => {} }));
  expect(seen).toEqual([
    'device info: ok',
    'MediaInserted',
    'read: ok',
    'MediaRemoved',
    'MediaInserted',
    'removal: ok',
    'read: ok',
    'hk-macao-taiwan, address string',
    'MediaRemoved',
    'removal: ok',
    'reset: ok',
  ]);
  await reader.close();
  expect(replay.divergence).toBeNull();
  expect(replay.left).toBe(0);
});
