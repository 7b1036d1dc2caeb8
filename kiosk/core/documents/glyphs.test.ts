import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundledFonts, openFontChain, systemFonts } from './fonts.ts';
import { missingGlyph, rasterise } from './glyphs.ts';
import { fillOutline } from './outline.ts';

const bundled = openFontChain(bundledFonts);
const square = (from: number, to: number, clockwise: boolean) => {
  const corners = [
    [from, from],
    [from, to],
    [to, to],
    [to, from],
  ];
  const [first = [], ...rest] = clockwise ? corners : corners.reverse();
  return [
    { command: 'moveTo' as const, args: first },
    ...rest.map((args) => ({ command: 'lineTo' as const, args })),
    { command: 'closePath' as const, args: [] },
  ];
};
const place = { scaleX: 1, scaleY: 1, left: 0, baseline: 8 };
const rows = (bitmap: { width: number; height: number; data: Uint8Array }): string[] => {
  const stride = Math.ceil(bitmap.width / 8);
  return Array.from({ length: bitmap.height }, (_, y) =>
    Array.from({ length: bitmap.width }, (_, x) =>
      ((bitmap.data[y * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? '#' : '.',
    ).join(''),
  );
};

describe('filling outlines', () => {
  test('a counter drawn the other way round is a hole, one drawn the same way is not (nonzero winding)', () => {
    const outer = square(1, 7, true);
    const hole = fillOutline([...outer, ...square(3, 5, false)], 8, 8, place, 0.5);
    const solid = fillOutline([...outer, ...square(3, 5, true)], 8, 8, place, 0.5);
    expect(rows(hole)).toEqual([
      '........',
      '.######.',
      '.######.',
      '.##..##.',
      '.##..##.',
      '.######.',
      '.######.',
      '........',
    ]);
    expect(rows(solid).slice(1, 7)).toEqual(Array.from({ length: 6 }, () => '.######.'));
  });

  test('never writes outside its dots, whatever the outline', () => {
    const coordinate = fc.integer({ min: -30, max: 60 });
    const commands = fc.array(
      fc.oneof(
        fc.record({ command: fc.constant('moveTo' as const), args: fc.tuple(coordinate, coordinate) }),
        fc.record({ command: fc.constant('lineTo' as const), args: fc.tuple(coordinate, coordinate) }),
        fc.record({
          command: fc.constant('quadraticCurveTo' as const),
          args: fc.tuple(coordinate, coordinate, coordinate, coordinate),
        }),
        fc.record({ command: fc.constant('closePath' as const), args: fc.constant([]) }),
      ),
    );
    fc.assert(
      fc.property(commands, fc.integer({ min: 1, max: 30 }), (outline, width) => {
        const { data } = fillOutline(outline, width, 9, place, 0.5);
        expect(data.length).toBe(Math.ceil(width / 8) * 9);
        const unused = Math.ceil(width / 8) * 8 - width;
        for (let row = 1; row <= 9; row += 1) {
          expect((data[row * Math.ceil(width / 8) - 1] ?? 0) & ((1 << unused) - 1)).toBe(0);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('glyphs', () => {
  test('a rare character is drawn in 24 x 24 dots, a letter in 12 x 24', () => {
    const rare = rasterise('𬀩', bundled);
    const letter = rasterise('W', bundled);
    expect(rare).toMatchObject({ width: 24, height: 24 });
    expect(letter).toMatchObject({ width: 12, height: 24 });
    const drawn = rare ? rows(rare) : [];
    const ink = drawn.join('').replaceAll('.', '').length;
    expect(ink).toBeGreaterThan(120);
    expect(ink).toBeLessThan(400);
    const shown = [...'陈晓𬀩永A'].flatMap((character) => {
      const bitmap = rasterise(character, bundled);
      return bitmap ? [character, ...rows(bitmap), ''] : [];
    });
    mkdirSync('test-output/documents', { recursive: true });
    writeFileSync('test-output/documents/receipt-glyphs.txt', shown.join('\n'));
  });

  test('a cell that stands in for a missing glyph does not exist: private use, controls, surrogates, unknown', () => {
    for (const character of ['\u{E000}', '\u{F0000}', '\n', '\u{85}', '\ud800', '\u{2FFFE}']) {
      expect(rasterise(character, bundled)).toBeNull();
      expect(missingGlyph(`陈${character}`, bundled)).toBe(character.codePointAt(0));
    }
    expect(missingGlyph('陈晓𬀩 999901196012300378', bundled)).toBeNull();
  });

  test('what the bundled font lacks comes from an installed one, where there is one', () => {
    const wide = openFontChain([...bundledFonts, ...systemFonts]);
    expect(bundled.faceFor(0x20bb7, 'regular')).toBeNull();
    const face = wide.faceFor(0x20bb7, 'regular');
    if (face === null) console.info('no installed font has U+20BB7: the fallback could not be tried here');
    else expect(face.font.hasGlyphForCodePoint(0x20bb7)).toBe(true);
  });
});
