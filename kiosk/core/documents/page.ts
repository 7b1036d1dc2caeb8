/** A page as it will be drawn: what stands where, before any PDF. Lengths are points from the upper left corner. */
import { deflateSync } from 'node:zlib';
import type { CertificateLanguage } from './template.ts';
import type { Line } from './typeset.ts';

export const POINTS_PER_MM = 72 / 25.4;

/** A4 upright. */
export const PAGE_SIZE = { width: 210 * POINTS_PER_MM, height: 297 * POINTS_PER_MM };

/** A line of text in its place. */
export interface PlacedLine {
  readonly line: Line;
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly size: number;
  /** Between letters; what the line was measured with. */
  readonly spacing: number;
  /** `#rrggbb` */
  readonly colour: string;
}

export interface TextBlock {
  readonly kind: 'text';
  /** Structure type (ISO 32000-1, 14.8.4). */
  readonly tag: 'H1' | 'H2' | 'P';
  readonly language: CertificateLanguage;
  readonly lines: readonly PlacedLine[];
}

export interface TableRow {
  readonly label: readonly PlacedLine[];
  readonly value: readonly PlacedLine[];
}

/** A drawing in PDF operators, compressed so that a drawing that never changes costs nothing the second time. */
export interface Artwork {
  readonly deflated: Uint8Array;
}

/** A drawing of this page alone: compressed quickly. */
export const artwork = (operators: string): Artwork => ({ deflated: deflateSync(operators, { level: 4 }) });

/** A drawing kept for many pages: compressed well. */
export const lastingArtwork = (operators: string): Artwork => ({
  deflated: deflateSync(operators, { level: 9 }),
});

export type Block =
  | TextBlock
  | { readonly kind: 'table'; readonly rows: readonly TableRow[] }
  | { readonly kind: 'figure'; readonly alt: string; readonly artwork: Artwork };

export interface Page {
  readonly width: number;
  readonly height: number;
  /** Drawn first and skipped by screen readers. */
  readonly decoration: readonly Artwork[];
  /** In reading order, which is the order of painting: the seal comes before the words that stand on it. */
  readonly blocks: readonly Block[];
}
