import type { FlashRate, LightColor } from './config.ts';

/** What a light is wished to do. */
export interface LightState {
  readonly flashRate: FlashRate;
  /** null: it has but one. */
  readonly color: LightColor | null;
  /** Brightness while lit, 0 to 1. */
  readonly level: number;
}

/** Once on and off, milliseconds. Never more than two flashes a second: three can cause seizures (WCAG 2.2, 2.3.1). */
export const FLASH_PERIOD_MS = { slow: 2000, medium: 1000, quick: 500 } as const;

/** Whether a light that was set at `sinceMs` is lit at `nowMs`, and when that changes next (null: never). */
export function phaseAt(
  flashRate: FlashRate,
  sinceMs: number,
  nowMs: number,
): { readonly lit: boolean; readonly changesAtMs: number | null } {
  if (flashRate === 'off' || flashRate === 'continuous') {
    return { lit: flashRate === 'continuous', changesAtMs: null };
  }
  const half = FLASH_PERIOD_MS[flashRate] / 2;
  const halves = Math.floor((nowMs - sinceMs) / half);
  return { lit: halves % 2 === 0, changesAtMs: sinceMs + (halves + 1) * half };
}
