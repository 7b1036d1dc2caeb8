import type { IdCardReader } from '../reader.ts';

/** What happens at a reader in the recorded session: two cards, one after the other, the second with everything asked for. */
export async function visits(
  reader: IdCardReader,
  hands: { lay(index: number): void; lift(): void },
): Promise<readonly string[]> {
  const seen: string[] = [];
  const note = (
    what: string,
    result: { readonly ok: boolean; readonly error?: { readonly reason: string } },
  ): void => {
    seen.push(`${what}: ${result.ok ? 'ok' : result.error?.reason}`);
  };
  const stop = reader.onEvent(({ name }) => seen.push(name));
  note('device info', await reader.deviceInfo());
  hands.lay(1);
  note('read', await reader.readCard());
  let removal = reader.waitForRemoval();
  hands.lay(2);
  note('removal', await removal);
  const second = await reader.readCard({ latestAddress: true });
  note('read', second);
  if (second.ok) seen.push(`${second.value.card.type}, address ${typeof second.value.latestAddress}`);
  removal = reader.waitForRemoval();
  hands.lift();
  note('removal', await removal);
  note('reset', await reader.reset());
  stop();
  return seen;
}
