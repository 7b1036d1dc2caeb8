import type { IdCard } from '@huimin/drivers';
import type { RegistryAnswer } from './services/index.ts';
import type { Store } from './store/index.ts';
import type { Sync } from './sync/index.ts';

/**
 * What the registry says of the person whose card lies here: the backend if it answers in time, else the sealed
 * bundle that this card opens. Null when neither can tell.
 */
export async function lookUpResident(
  card: IdCard,
  parts: { readonly sync: Sync; readonly store: Store },
): Promise<RegistryAnswer | null> {
  const asked = await parts.sync.resident(card.number);
  if (asked.ok) return { ...asked.value, source: 'backend' };
  const cached = await parts.store.residentFor({ idNumber: card.number, name: card.name });
  return cached === null ? null : { ...cached, source: 'cache' };
}
