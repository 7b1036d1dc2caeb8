/**
 * Drawings of the page as PDF path operators (ISO 32000-1, 8.5) in points, y downwards as pdfkit leaves it. Pure, so
 * that a drawing can be made once and reused.
 */
import type { PathCommand } from 'fontkit';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Twentieths of a point: finer than a 1200 dpi printer's dots. */
const round = (value: number): string => String(Math.round(value * 20) / 20);
const at = (x: number, y: number): string => `${round(x)} ${round(y)}`;

/** `#rrggbb` as the operands of rg or RG. */
export const rgb = (colour: string): string =>
  [1, 3, 5]
    .map((from) =>
      String(Math.round((Number.parseInt(colour.slice(from, from + 2), 16) / 255) * 1000) / 1000),
    )
    .join(' ');

/** A smooth curve through samples of a function of t in 0-1 (Catmull-Rom, as Bezier pieces). */
const curve = (sample: (t: number) => Point, pieces: number, closed: boolean): string => {
  const point = (index: number): Point => {
    const wrapped = closed ? (index + pieces) % pieces : Math.max(0, Math.min(pieces, index));
    return sample(wrapped / pieces);
  };
  const start = point(0);
  const parts = [`${at(start.x, start.y)} m`];
  for (let index = 0; index < pieces; index += 1) {
    const [before, from, to, after] = [point(index - 1), point(index), point(index + 1), point(index + 2)];
    parts.push(
      `${at(from.x + (to.x - before.x) / 6, from.y + (to.y - before.y) / 6)} ` +
        `${at(to.x - (after.x - from.x) / 6, to.y - (after.y - from.y) / 6)} ${at(to.x, to.y)} c`,
    );
  }
  return parts.join('\n');
};

/** A rosette: closed waves around a centre, each turned a little against the one before. `depth` is their share of the radius. */
const rosette = (centre: Point, radius: number, petals: number, waves: number, depth: number): string =>
  Array.from({ length: waves }, (_, wave) =>
    curve(
      (t) => {
        const angle = t * 2 * Math.PI;
        const shift = (wave / waves) * 2 * Math.PI;
        const reach = radius * (1 - depth / 2 + (depth / 2) * Math.cos(petals * angle + shift));
        return { x: centre.x + reach * Math.cos(angle), y: centre.y + reach * Math.sin(angle) };
      },
      petals * 6,
      true,
    ),
  ).join('\n');

/** One side of the border: waves along a straight band, woven through each other. */
const band = (from: Point, to: Point, height: number, periods: number, strands: number): string => {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  return Array.from({ length: strands }, (_, strand) =>
    curve(
      (t) => {
        const phase = (strand / strands) * 2 * Math.PI;
        // The swell is a whole number of waves, so that the sides meet in the corners as they began.
        const swell = 0.72 + 0.28 * Math.cos(2 * Math.PI * 4 * t);
        const away = (height / 2) * swell * Math.sin(2 * Math.PI * periods * t + phase);
        return {
          x: from.x + along.x * length * t - along.y * away,
          y: from.y + along.y * length * t + along.x * away,
        };
      },
      periods * 4,
      false,
    ),
  ).join('\n');
};

const rectangle = (left: number, top: number, right: number, bottom: number): string =>
  `${at(left, top)} ${at(right - left, bottom - top)} re`;

export interface GuillocheOptions {
  /** Page size, points. */
  readonly width: number;
  readonly height: number;
  /** Distance of the border's outer line from the paper's edge, and the border's width. */
  readonly inset: number;
  readonly band: number;
  /** Centre of the large rosette. */
  readonly centre: Point;
  readonly radius: number;
  readonly borderColour: string;
  readonly rosetteColour: string;
}

/** The page's fine background: a woven border, a small rosette in each corner and a large one behind the words. */
export function guilloche(options: GuillocheOptions): string {
  const { width, height, inset, band: bandWidth, centre } = options;
  const middle = inset + bandWidth / 2;
  const [left, top, right, bottom] = [middle, middle, width - middle, height - middle];
  const corner = bandWidth * 0.95;
  const across = Math.round((right - left - 2 * corner) / (bandWidth * 1.1));
  const down = Math.round((bottom - top - 2 * corner) / (bandWidth * 1.1));
  const corners = [left, right].flatMap((x) => [top, bottom].map((y) => ({ x, y })));
  const inner = inset + bandWidth;
  return [
    'q 1 J 1 j',
    `${rgb(options.rosetteColour)} RG 0.3 w`,
    rosette(centre, options.radius, 14, 8, 0.42),
    rosette(centre, options.radius * 0.62, 10, 8, 0.5),
    rosette(centre, options.radius * 0.34, 6, 6, 0.62),
    'S',
    `${rgb(options.borderColour)} RG 0.35 w`,
    band({ x: left + corner, y: top }, { x: right - corner, y: top }, bandWidth * 0.86, across, 3),
    band({ x: left + corner, y: bottom }, { x: right - corner, y: bottom }, bandWidth * 0.86, across, 3),
    band({ x: left, y: top + corner }, { x: left, y: bottom - corner }, bandWidth * 0.86, down, 3),
    band({ x: right, y: top + corner }, { x: right, y: bottom - corner }, bandWidth * 0.86, down, 3),
    ...corners.map((point) => rosette(point, corner * 1.05, 8, 4, 0.62)),
    'S',
    '0.9 w',
    rectangle(inset, inset, width - inset, height - inset),
    'S',
    '0.4 w',
    rectangle(inner, inner, width - inner, height - inner),
    'S Q',
  ].join('\n');
}

/** A glyph's outline turned about the place it stands on. `scale` in points per font unit. */
export interface PlacedGlyph {
  readonly commands: readonly PathCommand[];
  /** Where the middle of the glyph's baseline stands. */
  readonly foot: Point;
  /** Clockwise, radians. */
  readonly turn: number;
  readonly scaleX: number;
  readonly scaleY: number;
  /** Font units. */
  readonly advance: number;
}

/** Outline operators of a glyph, unfilled. Quadratic pieces become cubic ones (PDF has no others). */
export function glyphOutline(glyph: PlacedGlyph): string {
  const [sine, cosine] = [Math.sin(glyph.turn), Math.cos(glyph.turn)];
  const place = (x: number, y: number): string => {
    const [alongX, upY] = [(x - glyph.advance / 2) * glyph.scaleX, -y * glyph.scaleY];
    return at(glyph.foot.x + alongX * cosine - upY * sine, glyph.foot.y + alongX * sine + upY * cosine);
  };
  let [penX, penY] = [0, 0];
  const parts: string[] = [];
  for (const { command, args } of glyph.commands) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
    switch (command) {
      case 'moveTo':
        parts.push(`${place(a, b)} m`);
        [penX, penY] = [a, b];
        break;
      case 'lineTo':
        parts.push(`${place(a, b)} l`);
        [penX, penY] = [a, b];
        break;
      case 'quadraticCurveTo':
        parts.push(
          `${place(penX + ((a - penX) * 2) / 3, penY + ((b - penY) * 2) / 3)} ` +
            `${place(c + ((a - c) * 2) / 3, d + ((b - d) * 2) / 3)} ${place(c, d)} c`,
        );
        [penX, penY] = [c, d];
        break;
      case 'bezierCurveTo':
        parts.push(`${place(a, b)} ${place(c, d)} ${place(e, f)} c`);
        [penX, penY] = [e, f];
        break;
      case 'closePath':
        parts.push('h');
        break;
    }
  }
  return parts.join('\n');
}

/** A circle, unpainted. */
export function circle(centre: Point, radius: number): string {
  const k = radius * 0.5523; // four Bezier quarters
  const { x, y } = centre;
  return [
    `${at(x + radius, y)} m`,
    `${at(x + radius, y + k)} ${at(x + k, y + radius)} ${at(x, y + radius)} c`,
    `${at(x - k, y + radius)} ${at(x - radius, y + k)} ${at(x - radius, y)} c`,
    `${at(x - radius, y - k)} ${at(x - k, y - radius)} ${at(x, y - radius)} c`,
    `${at(x + k, y - radius)} ${at(x + radius, y - k)} ${at(x + radius, y)} c h`,
  ].join('\n');
}

/** A five-pointed star, one point up, unpainted. `radius` reaches to its points. */
export function star(centre: Point, radius: number): string {
  const inner = radius * 0.381966; // the pentagram's own proportion, 1 / (golden ratio squared)
  const corners = Array.from({ length: 10 }, (_, index) => {
    const reach = index % 2 === 0 ? radius : inner;
    const angle = -Math.PI / 2 + (index * Math.PI) / 5;
    return at(centre.x + reach * Math.cos(angle), centre.y + reach * Math.sin(angle));
  });
  return `${corners[0]} m\n${corners
    .slice(1)
    .map((corner) => `${corner} l`)
    .join('\n')} h`;
}
