import { create } from 'qrcode';

/** A QR code's dark modules, without its quiet zone. */
export interface QrMatrix {
  readonly size: number;
  isDark(row: number, column: number): boolean;
}

/** Light modules that must surround the code (ISO/IEC 18004, 6.3.8). */
export const QUIET_ZONE = 4;

/** A QR code of the text's bytes with error correction M (15 %). Throws when the text is longer than 2331 bytes. */
export function qrMatrix(text: string): QrMatrix {
  // One byte segment: addresses gain nothing from mixed modes, and finding the best mix takes longer than the rest.
  const { modules } = create([{ data: new TextEncoder().encode(text), mode: 'byte' }], {
    errorCorrectionLevel: 'M',
  });
  return { size: modules.size, isDark: (row, column) => modules.get(row, column) === 1 };
}

/**
 * PDF operators that paint the code black on white with its quiet zone. `side` is the code itself, without the quiet
 * zone, in points; `left` and `top` are the code's own corner.
 */
export function qrOperators(matrix: QrMatrix, left: number, top: number, side: number): string {
  const unit = (side / matrix.size).toFixed(5);
  const around = matrix.size + 2 * QUIET_ZONE;
  const parts = [
    `q ${unit} 0 0 ${unit} ${left.toFixed(3)} ${top.toFixed(3)} cm`,
    `1 g ${-QUIET_ZONE} ${-QUIET_ZONE} ${around} ${around} re f 0 g`,
  ];
  for (let row = 0; row < matrix.size; row += 1) {
    for (let column = 0; column < matrix.size; column += 1) {
      if (!matrix.isDark(row, column)) continue;
      const from = column;
      while (column + 1 < matrix.size && matrix.isDark(row, column + 1)) column += 1;
      // Slightly higher than a row, so that no hairline shows between rows on a screen.
      parts.push(`${from} ${row} ${column - from + 1} 1.01 re`);
    }
  }
  parts.push('f Q');
  return parts.join('\n');
}
