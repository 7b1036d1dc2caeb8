import type { DisplayProfile } from '../../bridge/index.ts';

/** A 27-inch display that stands upright: what is assumed until the core says what there is. */
export const usualDisplay: DisplayProfile = { widthMm: 336, heightMm: 598, viewingDistanceMm: 600 };

export type Orientation = 'portrait' | 'landscape';

export function orientationOf(width: number, height: number): Orientation {
  return width > height ? 'landscape' : 'portrait';
}

/**
 * Pixels per millimetre. On the display of the profile it is exact; in any other window the whole display is shown
 * smaller, so that everything fits. A profile that lies across the window is turned to match it.
 */
export function pixelsPerMillimetre(display: DisplayProfile, width: number, height: number): number {
  const long = Math.max(display.widthMm, display.heightMm);
  const short = Math.min(display.widthMm, display.heightMm);
  return orientationOf(width, height) === 'landscape'
    ? Math.min(width / long, height / short)
    : Math.min(width / short, height / long);
}
