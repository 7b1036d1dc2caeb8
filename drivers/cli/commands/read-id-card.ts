import { writeFile } from 'node:fs/promises';
import type { IdCardReader, IdCardReading } from '../../id-card-reader/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { fields, firstLine } from '../format.ts';
import type { ReadInvocation } from '../invocation.ts';
import { maskAddress, maskCard } from '../masking.ts';
import { open } from '../open.ts';
import { deadline, ready } from '../ready.ts';
import type { Voice, World } from '../world.ts';

/** Waits for a card and prints its fields, masked unless `--reveal`. */
export async function readIdCard(invocation: ReadInvocation, world: World, voice: Voice): Promise<ExitCode> {
  const { latestAddress, timeoutMs } = invocation;
  const { idCard } = await import('../devices/id-card.ts');
  const opened = await open(idCard, invocation, world);
  if (!opened.ok) return voice.fail(opened.error);
  const { device, hands, close } = opened.value;
  const left = deadline(world.clock, timeoutMs);
  try {
    const online = await ready(opened.value, world, voice, left());
    if (!online.ok) return voice.fail(online.error);
    voice.hint('lay a card on the reader');
    const reading = device.readCard({ latestAddress, timeoutMs: left(), signal: world.interrupted });
    await hands?.('lay-card');
    const result = await reading;
    if (!result.ok) return voice.fail(result.error);
    return await show(device, result.value, invocation, world, voice);
  } finally {
    await close();
  }
}

async function show(
  device: IdCardReader,
  reading: IdCardReading,
  { reveal, photo: wanted }: ReadInvocation,
  { interrupted: signal }: World,
  voice: Voice,
): Promise<ExitCode> {
  const { card, photo, fingerprint, latestAddress } = reading;
  const more =
    latestAddress === undefined
      ? {}
      : { latestAddress: latestAddress === null || reveal ? latestAddress : maskAddress(latestAddress) };
  const shown = { ...(reveal ? card : maskCard(card)), ...more };
  try {
    const saved = wanted === null ? null : await device.decodePhoto(photo, { signal });
    if (saved !== null && !saved.ok) return voice.fail(saved.error);
    if (saved !== null && wanted !== null) await writeFile(wanted.file, saved.value.bytes, { mode: 0o600 });
    const file = wanted === null ? {} : { photoFile: wanted.file };
    voice.tell({ ok: true, masked: !reveal, card: shown, photo, fingerprint, ...file });
    for (const line of fields({ ...shown, photo, fingerprint, ...file })) voice.say(line);
    if (!reveal) voice.hint('masked; --reveal shows everything');
    return EXIT.done;
  } catch (error) {
    return voice.misused(`the photo cannot be written: ${firstLine(error)}`);
  } finally {
    photo.fill(0);
    fingerprint.fill(0);
  }
}
