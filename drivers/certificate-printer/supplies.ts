/** Toner and paper as far as the printer counts them. Pure. */

/** A toner, ink or waste container. */
export interface Supply {
  /** As the printer calls it, e.g. `Black Toner`. */
  readonly name: string;
  /** As `marker-types` and `printer-supply` call it, e.g. `toner`, `ink`, `wasteToner`. */
  readonly type: string;
  /** Percent, 0-100: what is left of a supply that is used up, what is filled of a container; null = not told. */
  readonly level: number | null;
  /** At or below this level a consumed supply is low, percent; null = not told. */
  readonly lowWaterMark: number | null;
  /** At or above this level a container counts as nearly full, percent; null = not told. */
  readonly highWaterMark: number | null;
  /** `filled`: waste, which is bad when it is full. */
  readonly use: 'consumed' | 'filled';
}

export interface InputTray {
  /** e.g. `main`, `tray-1` */
  readonly name: string;
  /** Sheets in it; null = not told. */
  readonly level: number | null;
  /** Sheets that it can hold; null = not told. */
  readonly capacity: number | null;
}

const TONER = /toner|ink/i;

/** Whether a colour supply has reached its low-water mark; waste is no toner. */
export const isTonerLow = (supplies: readonly Supply[]): boolean =>
  supplies.some(
    ({ use, type, level, lowWaterMark }) =>
      use === 'consumed' &&
      TONER.test(type) &&
      level !== null &&
      lowWaterMark !== null &&
      level <= lowWaterMark,
  );
