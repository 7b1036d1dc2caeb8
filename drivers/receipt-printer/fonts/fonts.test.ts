import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeReceipt } from '../esc-pos/index.ts';
import { openFontChain } from './chain.ts';
import { fillOutline } from './outline.ts';
import { fontRasteriser, rasteriseGlyph } from './rasteriser.ts';

const findFont = (): string | null => {
  try {
    return createRequire(import.meta.url).resolve(
      '@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf',
    );
  } catch {
    return null;
  }
};
const fontFile = findFont();
const note = fontFile === null ? ' (skipped: no Noto Serif SC here)' : '';
const chain = openFontChain(
  fontFile === null ? [] : [{ file: 'NotoSerifSC_400Regular.ttf', path: fontFile, weights: ['regular'] }],
);
const draw = (character: string) => rasteriseGlyph(character, chain);

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

describe.skipIf(fontFile === null)(`glyphs${note}`, () => {
  test('a rare character is drawn in 24 x 24 dots, a letter in 12 x 24', () => {
    const rare = draw('𬀩');
    const letter = draw('W');
    expect(rare).toMatchObject({ width: 24, height: 24 });
    expect(letter).toMatchObject({ width: 12, height: 24 });
    const drawn = rare ? rows(rare) : [];
    const ink = drawn.join('').replaceAll('.', '').length;
    expect(ink).toBeGreaterThan(120);
    expect(ink).toBeLessThan(400);
    const shown = [...'陈晓𬀩永A'].flatMap((character) => {
      const bitmap = draw(character);
      return bitmap ? [character, ...rows(bitmap), ''] : [];
    });
    mkdirSync('test-output/receipts', { recursive: true });
    writeFileSync('test-output/receipts/receipt-glyphs.txt', shown.join('\n'));
  });

  test('a cell that stands in for a missing glyph does not exist: private use, controls, surrogates, unknown', () => {
    for (const character of ['\u{E000}', '\u{F0000}', '\n', '\u{85}', '\ud800', '\u{2FFFE}']) {
      expect(draw(character)).toBeNull();
    }
  });

  test('files are tried in order and read only when a character asks for them', () => {
    const named = fontRasteriser([fontFile ?? '', '/nowhere/no-such-font.ttf']);
    expect(named('永')).toEqual(draw('永'));
    expect(() => named('\u{2FFFD}')).toThrow(/no-such-font/);
    expect(named('\u{E000}')).toBeNull();
  });

  test('a receipt with a rare name can be printed with a font, and names the character without one', () => {
    const document = { lines: [{ kind: 'text' as const, text: '持证人 陈晓𬀩' }] };
    const rasterise = fontRasteriser([fontFile ?? '']);
    expect(encodeReceipt(document, { columns: 48, rasterise }).ok).toBe(true);
    expect(encodeReceipt(document, { columns: 48 })).toEqual({
      ok: false,
      error: { reason: 'missing-glyph', codePoint: '𬀩'.codePointAt(0) },
    });
  });
});
