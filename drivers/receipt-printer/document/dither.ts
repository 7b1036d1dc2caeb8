/** Pictures in grey or colour as black dots. Pure. */

import { paint } from './bitmap.ts';
import type { Bitmap } from './document.ts';

/** Rows of 8-bit grey (1 byte a pixel, 0 = black) or of red, green, blue, opacity (4 bytes a pixel). */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly format: 'grey' | 'rgba';
  readonly data: Uint8Array | Uint8ClampedArray;
}

export interface DitherOptions {
  /** Width of the result in dots; the height follows, so that the picture keeps its shape. As wide as it is unless told. */
  readonly width?: number;
  /**
   * `photo` spreads each dot's error over its neighbours (Floyd and Steinberg 1976), which keeps the mean darkness;
   * `line-art` makes black what is darker than the middle: sharp edges for logos and stamps. `photo` unless told.
   */
  readonly mode?: 'photo' | 'line-art';
  /**
   * Of the picture: how its values relate to light (2.2 for what screens show, 1 for values that already are light).
   * Only for photos. 1.6 unless told: thermal dots spread, so that true light would print too dark.
   */
  readonly gamma?: number;
}

const WHITE = 255;
/** Rec. ITU-R BT.601. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114];

/** Light of every pixel, 0 (black) to 1 (white); where the picture is not opaque it stands on white paper. */
const lightOf = ({ format, data, width, height }: Picture, gamma: number): Float64Array => {
  const light = new Float64Array(width * height);
  const levels = Float64Array.from({ length: WHITE + 1 }, (_, grey) => (grey / WHITE) ** gamma);
  for (let at = 0; at < light.length; at += 1) {
    let grey = data[at] ?? WHITE;
    if (format === 'rgba') {
      const [red = 0, green = 0, blue = 0, opacity = 0] = [
        data[at * 4],
        data[at * 4 + 1],
        data[at * 4 + 2],
        data[at * 4 + 3],
      ];
      grey = WHITE + ((RED * red + GREEN * green + BLUE * blue - WHITE) * opacity) / WHITE;
    }
    light[at] = levels[Math.round(grey)] ?? 1;
  }
  return light;
};

/** Shares of the pixels that a dot covers, along one axis; of the nearest pixel where the picture grows. */
const covered = (index: number, from: number, to: number): { at: number; share: number }[] => {
  const [start, end] = [(index * from) / to, ((index + 1) * from) / to];
  if (from <= to) return [{ at: Math.min(from - 1, Math.floor((start + end) / 2)), share: 1 }];
  const shares: { at: number; share: number }[] = [];
  for (let at = Math.floor(start); at < Math.min(from, Math.ceil(end)); at += 1) {
    shares.push({ at, share: (Math.min(end, at + 1) - Math.max(start, at)) / (end - start) });
  }
  return shares;
};

/** Light of every dot. */
const scaled = (picture: Picture, width: number, height: number, gamma: number): Float64Array => {
  const pixels = lightOf(picture, gamma);
  const light = new Float64Array(width * height);
  const columns = Array.from({ length: width }, (_, x) => covered(x, picture.width, width));
  for (let y = 0; y < height; y += 1) {
    const rows = covered(y, picture.height, height);
    for (const [x, across] of columns.entries()) {
      let sum = 0;
      for (const row of rows) {
        for (const column of across) {
          sum += row.share * column.share * (pixels[row.at * picture.width + column.at] ?? 1);
        }
      }
      light[y * width + x] = sum;
    }
  }
  return light;
};

/** Each dot takes what is nearer, and its error goes to the neighbours that are still to come. */
const diffuse = (light: Float64Array, width: number, height: number): Uint8Array => {
  const black = new Uint8Array(light.length);
  const spread = (x: number, y: number, error: number): void => {
    if (x >= 0 && x < width && y < height) light[y * width + x] = (light[y * width + x] ?? 0) + error;
  };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const wanted = light[y * width + x] ?? 1;
      const dark = wanted < 0.5;
      black[y * width + x] = dark ? 1 : 0;
      const error = wanted - (dark ? 0 : 1);
      spread(x + 1, y, (error * 7) / 16);
      spread(x - 1, y + 1, (error * 3) / 16);
      spread(x, y + 1, (error * 5) / 16);
      spread(x + 1, y + 1, error / 16);
    }
  }
  return black;
};

const isWhole = (value: number): boolean => Number.isInteger(value) && value > 0;

/** The picture as dots, or null when its data does not match its size or the width asked for is no whole number. */
export const ditherImage = (picture: Picture, options: DitherOptions = {}): Bitmap | null => {
  const { width = picture.width, mode = 'photo', gamma = 1.6 } = options;
  const bytes = picture.width * picture.height * (picture.format === 'grey' ? 1 : 4);
  if (![picture.width, picture.height, width].every(isWhole) || picture.data.length !== bytes) return null;
  const height = Math.max(1, Math.round((picture.height * width) / picture.width));
  const light = scaled(picture, width, height, mode === 'photo' ? gamma : 1);
  const black =
    mode === 'photo' ? diffuse(light, width, height) : Uint8Array.from(light, (each) => (each < 0.5 ? 1 : 0));
  return paint(width, height, (x, y) => black[y * width + x] === 1);
};
