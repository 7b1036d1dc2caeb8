import { EXIT, type ExitCode } from '../exit-codes.ts';
import { fields } from '../format.ts';
import type { ReadInvocation } from '../invocation.ts';
import { maskFields } from '../masking.ts';
import { open } from '../open.ts';
import { deadline, ready } from '../ready.ts';
import type { Voice, World } from '../world.ts';

/** Waits for a card and reads its holder, or its number if it is no social-security card. */
export async function readIcCard(
  { place, reveal, timeoutMs }: ReadInvocation,
  world: World,
  voice: Voice,
): Promise<ExitCode> {
  const { icCard } = await import('../devices/ic-card.ts');
  const opened = await open(icCard, { place }, world);
  if (!opened.ok) return voice.fail(opened.error);
  const { device, hands, close } = opened.value;
  const left = deadline(world.clock, timeoutMs);
  const options = () => ({ timeoutMs: left(), signal: world.interrupted });
  try {
    const online = await ready(opened.value, world, voice, left());
    if (!online.ok) return voice.fail(online.error);
    voice.hint('lay a card on the reader');
    const reading = device.readHolder(options());
    await hands?.('place-social-card');
    const holder = await reading;
    const result =
      !holder.ok && holder.error.reason === 'not-a-social-card' ? await device.readUid(options()) : holder;
    if (!result.ok) return voice.fail(result.error);
    const type = 'uid' in result.value ? 'badge' : 'social-security';
    const card = { type, ...(reveal ? result.value : maskFields(result.value)) };
    voice.tell({ ok: true, masked: !reveal, card });
    for (const line of fields(card)) voice.say(line);
    if (!reveal) voice.hint('masked; --reveal shows everything');
    return EXIT.done;
  } finally {
    await close();
  }
}
