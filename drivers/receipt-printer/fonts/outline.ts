/** From a glyph's outline to dots. Pure. */
import type { PathCommand } from 'fontkit';
import type { Bitmap } from '../document/index.ts';

interface Edge {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Straight pieces per curve: a glyph 24 dots high shows no corner beyond this. */
const CURVE_STEPS = 8;
/** Samples per dot and axis. */
const SAMPLES = 4;

/** Maps the outline's coordinates (y up) to dots (y down). */
export interface Placement {
  /** Dots per font unit. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** Where the outline's origin stands, in dots from the left and top. */
  readonly left: number;
  readonly baseline: number;
}

const edgesOf = (commands: readonly PathCommand[], place: Placement): Edge[] => {
  const edges: Edge[] = [];
  let [x, y, startX, startY] = [0, 0, 0, 0];
  const lineTo = (toX: number, toY: number): void => {
    edges.push({ x0: x, y0: y, x1: toX, y1: toY });
    [x, y] = [toX, toY];
  };
  for (const { command, args } of commands) {
    const points: number[] = args.map((value, index) =>
      index % 2 === 0 ? place.left + value * place.scaleX : place.baseline - value * place.scaleY,
    );
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = points;
    const [fromX, fromY] = [x, y];
    switch (command) {
      case 'moveTo':
        lineTo(startX, startY);
        [x, y, startX, startY] = [a, b, a, b];
        break;
      case 'lineTo':
        lineTo(a, b);
        break;
      case 'quadraticCurveTo':
        for (let step = 1; step <= CURVE_STEPS; step += 1) {
          const t = step / CURVE_STEPS;
          const u = 1 - t;
          lineTo(u * u * fromX + 2 * u * t * a + t * t * c, u * u * fromY + 2 * u * t * b + t * t * d);
        }
        break;
      case 'bezierCurveTo':
        for (let step = 1; step <= CURVE_STEPS; step += 1) {
          const t = step / CURVE_STEPS;
          const u = 1 - t;
          const [p, q, r, s] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
          lineTo(p * fromX + q * a + r * c + s * e, p * fromY + q * b + r * d + s * f);
        }
        break;
      case 'closePath':
        lineTo(startX, startY);
        break;
    }
  }
  lineTo(startX, startY);
  return edges;
};

/** Where a horizontal line enters and leaves the outline, by the nonzero winding rule: pairs of x. */
const spansAt = (edges: readonly Edge[], y: number): [number, number][] => {
  const crossings: { x: number; winding: number }[] = [];
  for (const { x0, y0, x1, y1 } of edges) {
    if (y0 <= y === y1 <= y) continue;
    crossings.push({ x: x0 + ((y - y0) / (y1 - y0)) * (x1 - x0), winding: y1 > y0 ? 1 : -1 });
  }
  crossings.sort((left, right) => left.x - right.x);
  const spans: [number, number][] = [];
  let winding = 0;
  let from = 0;
  for (const crossing of crossings) {
    if (winding === 0) from = crossing.x;
    winding += crossing.winding;
    if (winding === 0) spans.push([from, crossing.x]);
  }
  return spans;
};

/**
 * Fills an outline. A dot is black when at least `threshold` (0-1) of it is covered; a low threshold keeps the thin
 * strokes of a serif face from vanishing.
 */
export function fillOutline(
  commands: readonly PathCommand[],
  width: number,
  height: number,
  place: Placement,
  threshold: number,
): Bitmap {
  const edges = edgesOf(commands, place);
  const stride = Math.ceil(width / 8);
  const data = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    const covered = new Float64Array(width);
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      for (const [from, to] of spansAt(edges, row + (sample + 0.5) / SAMPLES)) {
        for (let x = Math.max(0, Math.floor(from)); x < Math.min(width, Math.ceil(to)); x += 1) {
          covered[x] = (covered[x] ?? 0) + (Math.min(to, x + 1) - Math.max(from, x)) / SAMPLES;
        }
      }
    }
    for (const [x, share] of covered.entries()) {
      const at = row * stride + (x >> 3);
      if (share >= threshold) data[at] = (data[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return { width, height, data };
}
