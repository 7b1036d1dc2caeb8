/** From IPP's states and reasons to what a person needs to know. Pure. */

import { isDeepStrictEqual } from 'node:util';
import type { DeviceState } from '../device.ts';
import { PRINTER_STATE } from './print-service.ts';
import { type InputTray, isTonerLow, type Supply } from './supplies.ts';

export interface CertificatePrinterStatus {
  /**
   * `starting` until the first answer; `noDevice` = nothing can be reached at its address; `offline` = reached, but it
   * says that it is off line, paused or shut down; `userError` = paper, cover, toner or output tray, someone can mend
   * it; `hardwareError` = a jam or another stop; `online` otherwise.
   */
  readonly device: DeviceState;
  readonly paper: 'unknown' | 'full' | 'low' | 'out' | 'jammed';
  readonly cover: 'unknown' | 'open' | 'closed';
  readonly toner: 'unknown' | 'full' | 'low' | 'out';
  /** `printer-state-reasons` as sent, sorted, without `none`. */
  readonly reasons: readonly string[];
  /** Toner, ink and waste as far as the printer counts them. */
  readonly supplies: readonly Supply[];
  /** Paper as far as the printer counts it. */
  readonly trays: readonly InputTray[];
}

/** What the printer counts, beside what it says. */
type Levels = Pick<CertificatePrinterStatus, 'supplies' | 'trays'>;
const NO_LEVELS: Levels = { supplies: [], trays: [] };

export const unknownStatus = (device: DeviceState): CertificatePrinterStatus => ({
  device,
  paper: 'unknown',
  cover: 'unknown',
  toner: 'unknown',
  reasons: [],
  ...NO_LEVELS,
});

/** The reason without its severity (RFC 8011 5.4.12). */
export const stemOf = (reason: string): string => reason.replace(/-(error|warning|report)$/, '');

const JAM = ['media-jam'];
/** The printer cannot feed: out of paper, wrong paper, or no tray. */
const NO_PAPER = ['media-empty', 'media-needed', 'input-tray-missing'];
const OPEN = ['cover-open', 'door-open', 'interlock-open'];
const NO_TONER = ['toner-empty', 'marker-supply-empty', 'developer-empty'];
const LITTLE_TONER = ['toner-low', 'marker-supply-low', 'developer-low'];
const OUTPUT_FULL = ['output-area-full', 'output-tray-missing'];
/** No keyword of IPP: a Windows queue tells no more than that somebody has to come. */
const SOMEBODY = ['user-intervention'];
const AWAY = [
  'offline',
  'shutdown',
  'timed-out',
  'connecting-to-device',
  'paused',
  'moving-to-paused',
  'deactivated',
];

/**
 * `state` is `printer-state`, `reasons` is `printer-state-reasons`. Reasons decide where they are known; a stopped
 * printer with none of them is a hardware error. A level at its low-water mark makes toner low without a reason.
 */
export const toStatus = (
  state: number | undefined,
  reasons: readonly string[],
  { supplies, trays }: Levels = NO_LEVELS,
): CertificatePrinterStatus => {
  const stems = new Set(reasons.map(stemOf));
  const has = (names: readonly string[]): boolean => names.some((name) => stems.has(name));
  const device = (): DeviceState => {
    if (has(JAM)) return 'hardwareError';
    if (has(NO_PAPER) || has(OPEN) || has(NO_TONER) || has(OUTPUT_FULL) || has(SOMEBODY)) {
      return 'userError';
    }
    if (has(AWAY)) return 'offline';
    return state === PRINTER_STATE.stopped ? 'hardwareError' : 'online';
  };
  const paper = has(JAM) ? 'jammed' : has(NO_PAPER) ? 'out' : stems.has('media-low') ? 'low' : 'full';
  return {
    device: device(),
    paper,
    cover: has(OPEN) ? 'open' : 'closed',
    toner: has(NO_TONER) ? 'out' : has(LITTLE_TONER) || isTonerLow(supplies) ? 'low' : 'full',
    reasons: reasons.filter((reason) => reason !== 'none').toSorted(),
    supplies,
    trays,
  };
};

export const sameStatus = (a: CertificatePrinterStatus, b: CertificatePrinterStatus): boolean =>
  a.device === b.device &&
  a.paper === b.paper &&
  a.cover === b.cover &&
  a.toner === b.toner &&
  a.reasons.join() === b.reasons.join() &&
  isDeepStrictEqual(a.supplies, b.supplies) &&
  isDeepStrictEqual(a.trays, b.trays);

/** What keeps a finished job from counting as a sheet in the tray. */
export const mediaFault = (reasons: readonly string[]): 'none' | 'no-paper' | 'stuck' => {
  const stems = reasons.map(stemOf);
  if (stems.some((stem) => JAM.includes(stem) || OPEN.includes(stem))) return 'stuck';
  return stems.some((stem) => NO_PAPER.includes(stem)) ? 'no-paper' : 'none';
};
