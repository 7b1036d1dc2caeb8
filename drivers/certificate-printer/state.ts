/** From IPP's states and reasons to what a person needs to know. Pure. */

import type { DeviceState } from '../device.ts';
import { PRINTER_STATE } from './ipp-terms.ts';

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
}

export const unknownStatus = (device: DeviceState): CertificatePrinterStatus => ({
  device,
  paper: 'unknown',
  cover: 'unknown',
  toner: 'unknown',
  reasons: [],
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
 * printer with none of them is a hardware error.
 */
export const toStatus = (state: number | undefined, reasons: readonly string[]): CertificatePrinterStatus => {
  const stems = new Set(reasons.map(stemOf));
  const has = (names: readonly string[]): boolean => names.some((name) => stems.has(name));
  const device = (): DeviceState => {
    if (has(JAM)) return 'hardwareError';
    if (has(NO_PAPER) || has(OPEN) || has(NO_TONER) || has(OUTPUT_FULL)) return 'userError';
    if (has(AWAY)) return 'offline';
    return state === PRINTER_STATE.stopped ? 'hardwareError' : 'online';
  };
  const paper = has(JAM) ? 'jammed' : has(NO_PAPER) ? 'out' : stems.has('media-low') ? 'low' : 'full';
  return {
    device: device(),
    paper,
    cover: has(OPEN) ? 'open' : 'closed',
    toner: has(NO_TONER) ? 'out' : has(LITTLE_TONER) ? 'low' : 'full',
    reasons: reasons.filter((reason) => reason !== 'none').toSorted(),
  };
};

export const sameStatus = (a: CertificatePrinterStatus, b: CertificatePrinterStatus): boolean =>
  a.device === b.device &&
  a.paper === b.paper &&
  a.cover === b.cover &&
  a.toner === b.toner &&
  a.reasons.join() === b.reasons.join();

/** What keeps a finished job from counting as a sheet in the tray. */
export const mediaFault = (reasons: readonly string[]): 'none' | 'no-paper' | 'stuck' => {
  const stems = reasons.map(stemOf);
  if (stems.some((stem) => JAM.includes(stem) || OPEN.includes(stem))) return 'stuck';
  return stems.some((stem) => NO_PAPER.includes(stem)) ? 'no-paper' : 'none';
};
