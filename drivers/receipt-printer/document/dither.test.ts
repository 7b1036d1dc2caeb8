import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesPerRow, isBlack } from './bitmap.ts';
import { ditherImage, type Picture } from './dither.ts';
import type { Bitmap } from './document.ts';

const grey = (width: number, height: number, value: (x: number, y: number) => number): Picture => ({
  width,
  height,
  format: 'grey',
  data: Uint8Array.from({ length: width * height }, (_, at) => value(at % width, Math.floor(at / width))),
});

const made = (bitmap: Bitmap | null): Bitmap => {
  if (bitmap === null) throw new Error('not dithered');
  return bitmap;
};

const darkness = ({ width, height, ...rest }: Bitmap): number => {
  let black = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) black += isBlack({ width, height, ...rest }, x, y) ? 1 : 0;
  }
  return black / (width * height);
};

test('the mean darkness of a photo is kept, at any level and at any size', () => {
  const level = fc.integer({ min: 0, max: 255 });
  const side = fc.integer({ min: 24, max: 90 });
  fc.assert(
    fc.property(level, side, side, fc.integer({ min: 24, max: 120 }), (value, width, height, dots) => {
      const bitmap = made(
        ditherImage(
          grey(width, height, () => value),
          { gamma: 1, width: dots },
        ),
      );
      expect(bitmap.width).toBe(dots);
      // What is handed on over the right and the lower edge is lost: at most half a dot for each dot of these edges.
      const lost = 0.5 / bitmap.width + 0.5 / bitmap.height;
      expect(Math.abs(darkness(bitmap) - (1 - value / 255))).toBeLessThan(lost + 0.005);
    }),
    { numRuns: 100 },
  );
});

test('a ramp stays a ramp: every quarter as dark as it was', () => {
  const bitmap = made(
    ditherImage(
      grey(256, 64, (x) => x),
      { gamma: 1 },
    ),
  );
  for (const quarter of [0, 1, 2, 3]) {
    let black = 0;
    for (let x = quarter * 64; x < quarter * 64 + 64; x += 1) {
      for (let y = 0; y < 64; y += 1) black += isBlack(bitmap, x, y) ? 1 : 0;
    }
    expect(Math.abs(black / 4096 - (1 - (quarter * 64 + 31.5) / 255))).toBeLessThan(0.03);
  }
});

test('light counts by its gamma: middle grey of a screen prints darker than half', () => {
  const bitmap = made(
    ditherImage(
      grey(64, 64, () => 128),
      { gamma: 2.2 },
    ),
  );
  expect(darkness(bitmap)).toBeGreaterThan(0.74);
  expect(darkness(bitmap)).toBeLessThan(0.82);
});

test('no dot outside, the same picture from the same data, whatever the data', () => {
  const pictures = fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom('grey', 'rgba'))
    .chain(([width, height, format]) => {
      const length = width * height * (format === 'grey' ? 1 : 4);
      return fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((data) => ({ width, height, format, data }) as Picture);
    });
  const modes = fc.constantFrom('photo' as const, 'line-art' as const);
  fc.assert(
    fc.property(pictures, fc.integer({ min: 1, max: 50 }), modes, (picture, width, mode) => {
      const bitmap = made(ditherImage(picture, { width, mode }));
      expect(bitmap).toEqual(ditherImage(picture, { width, mode }));
      const stride = bytesPerRow(width);
      expect(bitmap.data.length).toBe(stride * bitmap.height);
      const unused = (1 << (stride * 8 - width)) - 1;
      for (let end = stride - 1; end < bitmap.data.length; end += stride) {
        expect((bitmap.data[end] ?? 0) & unused).toBe(0);
      }
    }),
  );
});

test('line art has sharp edges, colours their brightness, and what is transparent is paper', () => {
  const edge = made(
    ditherImage(
      grey(40, 40, (x) => (x < 17 ? 90 : 160)),
      { mode: 'line-art' },
    ),
  );
  for (let x = 0; x < 40; x += 1) expect(isBlack(edge, x, 20)).toBe(x < 17);
  const pixels = [
    [255, 255, 0, 255],
    [0, 0, 255, 255],
    [0, 0, 0, 0],
    [0, 0, 0, 255],
  ];
  const colours = made(
    ditherImage(
      { width: 4, height: 1, format: 'rgba', data: Uint8Array.from(pixels.flat()) },
      { mode: 'line-art' },
    ),
  );
  expect([0, 1, 2, 3].map((x) => isBlack(colours, x, 0))).toEqual([false, true, false, true]);
});

test('data that does not match its size is no picture', () => {
  expect(ditherImage({ width: 2, height: 2, format: 'rgba', data: new Uint8Array(4) })).toBeNull();
  expect(ditherImage({ width: 0, height: 2, format: 'grey', data: new Uint8Array(0) })).toBeNull();
  expect(
    ditherImage(
      grey(4, 4, () => 0),
      { width: 1.5 },
    ),
  ).toBeNull();
});
