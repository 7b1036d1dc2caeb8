/** What a receipt printer can do and what it reports by itself, in XFS4IoT terms (CWA 17852, Printer interface). */

import type { ReceiptPrinterStatus } from './condition.ts';

export interface ReceiptPrinterCapabilities {
  readonly columns: number;
  /** Dots across the paper. */
  readonly dots: number;
  readonly codes: readonly ('qr' | 'code128')[];
  /** The cuts that are sent; whether a cutter is there, no printer tells. */
  readonly cuts: readonly ('partial' | 'full')[];
  /** Whether it answers DLE EOT, so that its status is known. */
  readonly asksStatus: boolean;
  /** Whether it answers GS r, so that a receipt is known to be printed; null until it has been tried. */
  readonly confirms: boolean | null;
  /** A sensor for paper that is nearly used up is optional and known only once it has spoken; null until then. */
  readonly nearEndSensor: true | null;
  /** As configured, or as the printer calls itself (GS I 67); null if neither. */
  readonly model: string | null;
}

export type ReceiptPrinterEvent =
  /** `Printer.PaperThresholdEvent`: the paper's state has changed; `full` again means that it was replenished. */
  | { readonly name: 'PaperThreshold'; readonly state: 'full' | 'low' | 'out' }
  /** `Printer.MediaPresentedEvent`: a receipt is out; `jobs` counts those since the driver was opened. */
  | { readonly name: 'MediaPresented'; readonly jobs: number };

/** What a change of status means for the paper, if anything. A printer that starts with a full roll says nothing new. */
export const paperEvent = (
  lastKnown: ReceiptPrinterStatus['paper'],
  paper: ReceiptPrinterStatus['paper'],
): ReceiptPrinterEvent | null => {
  if (paper === lastKnown || paper === 'unknown' || paper === 'jammed') return null;
  return paper === 'full' && lastKnown === 'unknown' ? null : { name: 'PaperThreshold', state: paper };
};
