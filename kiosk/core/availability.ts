import type { CertificatePrinterStatus } from '@huimin/drivers';
import type { Availability } from '../bridge/index.ts';
import { canTell, type RegistryAnswer, type Service } from './services/index.ts';
import { certificatePrinterFault } from './session/index.ts';

/** What the honest tile of a service depends on, as it is at this moment. */
export interface Conditions {
  readonly nowMs: number;
  readonly writable: boolean;
  /** End of the kiosk's endorsement; null when it has none. */
  readonly endorsedUntil: string | null;
  readonly numbersLeft: number;
  readonly hasPrinter: boolean;
  readonly printer: CertificatePrinterStatus | null;
  /** Null before the card is read; `registry` is null when nobody could answer for this card. */
  readonly resident: { readonly registry: RegistryAnswer | null } | null;
}

/** Says now, later or not here; the first thing in the way is the reason. Pure. */
export function availabilityOf(service: Service, conditions: Conditions): Availability {
  const later = (reason: Availability['reason'], canBegin = false): Availability => ({
    state: 'later',
    reason,
    canBegin,
  });
  if (!conditions.hasPrinter) return { state: 'not-here', reason: 'printer', canBegin: false };
  if (!conditions.writable) return later('storage');
  const { endorsedUntil, resident } = conditions;
  if (endorsedUntil === null || Date.parse(endorsedUntil) <= conditions.nowMs) return later('endorsement');
  if (conditions.numbersLeft === 0) return later('numbers');
  if (resident !== null && !canTell(service, resident.registry, conditions.nowMs)) return later('registry');
  const fault = certificatePrinterFault(conditions.printer);
  if (fault === null) return { state: 'now', reason: null, canBegin: true };
  // Somebody can mend these meanwhile, and the job waits for it.
  return later(fault === 'paper-out' ? 'paper' : 'printer', true);
}
