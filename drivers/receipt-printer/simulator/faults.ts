/** What can be wrong with the simulated printer, and how it says so. Pure. */

import type { StatusQuery } from '../esc-pos/index.ts';

/**
 * `paper-out`, `cover-open`, `offline` (taken off line at its panel), `overheated`: stops, goes on when mended.
 * `paper-low`: a warning. `jam`: a mechanical error at once; `cutter`: an error at the next cut; both last until mended
 * and the host has asked to recover (DLE ENQ). `unplugged`: power gone, its memory with it. `power-cycled`: the same
 * for a moment, while its line stays open. `no-answer`: hangs; bytes are kept, nothing happens, nothing is said.
 * `slow`: prints and answers late. `chatty`: reports status and flow control without being asked. `lying`: out of
 * paper, but answers GS r as if all had been printed.
 */
export const RECEIPT_PRINTER_FAULTS = [
  'paper-out',
  'paper-low',
  'cover-open',
  'cutter',
  'jam',
  'overheated',
  'offline',
  'unplugged',
  'power-cycled',
  'no-answer',
  'slow',
  'chatty',
  'lying',
] as const;

export type ReceiptPrinterFault = (typeof RECEIPT_PRINTER_FAULTS)[number];

export interface Trouble {
  readonly fault: ReceiptPrinterFault | null;
  /** An error that lasts until the host asks to recover. */
  readonly latched: 'mechanical' | 'cutter' | null;
}

const STOPPING: ReadonlySet<ReceiptPrinterFault> = new Set([
  'paper-out',
  'cover-open',
  'overheated',
  'offline',
  'unplugged',
  'power-cycled',
  'no-answer',
  'lying',
]);

export const isStopped = ({ fault, latched }: Trouble): boolean =>
  latched !== null || (fault !== null && STOPPING.has(fault));

/** Nothing is said at all. */
export const isSilent = (fault: ReceiptPrinterFault | null): boolean =>
  fault === 'unplugged' || fault === 'power-cycled' || fault === 'no-answer';

const bits = (...indexes: (number | false)[]): number =>
  indexes.reduce<number>((byte, index) => (index === false ? byte : byte | (1 << index)), 0);

/** The answer to DLE EOT. */
export const realTimeAnswer = (query: StatusQuery, trouble: Trouble): number => {
  const { fault, latched } = trouble;
  const out = fault === 'paper-out' || fault === 'lying';
  const cover = fault === 'cover-open';
  const hot = fault === 'overheated';
  switch (query) {
    case 1:
      return 0x12 | bits(isStopped(trouble) && 3, latched !== null && 5);
    case 2:
      return 0x12 | bits(cover && 2, out && 5, (latched !== null || hot) && 6);
    case 3:
      return 0x12 | bits(latched === 'mechanical' && 2, latched === 'cutter' && 3, hot && 6);
    case 4:
      return 0x12 | (out || fault === 'paper-low' ? 0x0c : 0) | (out ? 0x60 : 0);
    default:
      return query satisfies never;
  }
};

/** Automatic status. */
export const automaticAnswer = (trouble: Trouble): Uint8Array => {
  const { fault, latched } = trouble;
  const out = fault === 'paper-out' || fault === 'lying';
  return Uint8Array.of(
    0x10 | bits(isStopped(trouble) && 3, fault === 'cover-open' && 5),
    bits(latched === 'mechanical' && 2, latched === 'cutter' && 3, fault === 'overheated' && 6),
    (out || fault === 'paper-low' ? 0x03 : 0) | (out ? 0x0c : 0),
    0,
  );
};
