import type { Resident } from '@huimin/backend/contract';
import type { IdCard } from '@huimin/drivers';
import type { Service } from './catalogue.ts';

/** What a service answers to who stands there. Anything but `eligible` leads to a person with the reason. */
export type Eligibility =
  | { readonly kind: 'eligible'; readonly resident: Resident }
  | { readonly kind: 'not-eligible'; readonly reason: 'card-type' | 'not-registered' | 'moved-away' }
  /** The registry cannot be asked and what is cached is too old or absent. */
  | { readonly kind: 'cannot-tell' };

export interface RegistryAnswer {
  readonly resident: Resident | null;
  /** When this was true. */
  readonly asOf: string;
  readonly source: 'backend' | 'cache';
}

/** Whether the registry's answer may be relied on: asked just now, or cached and young enough for this service. */
export function canTell(
  service: Pick<Service, 'registryMaxAgeHours'>,
  registry: RegistryAnswer | null,
  nowMs: number,
): registry is RegistryAnswer {
  if (registry === null) return false;
  const ageHours = (nowMs - Date.parse(registry.asOf)) / 3_600_000;
  return registry.source === 'backend' || ageHours <= service.registryMaxAgeHours;
}

/** Decides from the card and the registry alone. Pure. */
export function eligibility(
  service: Pick<Service, 'cardTypes' | 'registryMaxAgeHours'>,
  card: IdCard,
  registry: RegistryAnswer | null,
  nowMs: number,
): Eligibility {
  if (!service.cardTypes.includes(card.type)) return { kind: 'not-eligible', reason: 'card-type' };
  if (!canTell(service, registry, nowMs)) return { kind: 'cannot-tell' };
  const { resident } = registry;
  if (resident === null) return { kind: 'not-eligible', reason: 'not-registered' };
  // The registry is asked by number; a name that differs is for a person to sort out, not for a machine.
  if (resident.name !== card.name) return { kind: 'not-eligible', reason: 'not-registered' };
  if (resident.status === 'moved-away') return { kind: 'not-eligible', reason: 'moved-away' };
  return { kind: 'eligible', resident };
}
