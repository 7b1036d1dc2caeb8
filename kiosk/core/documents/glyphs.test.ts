import { expect, test } from 'vitest';
import { bundledFonts, openFontChain, systemFonts } from './fonts.ts';
import { missingGlyph, rasterise } from './glyphs.ts';

const bundled = openFontChain(bundledFonts);

test('what no font can draw is named: private use, controls, surrogates, unknown', () => {
  for (const character of ['\u{E000}', '\u{F0000}', '\n', '\u{85}', '\ud800', '\u{2FFFE}']) {
    expect(missingGlyph(`陈${character}`, bundled)).toBe(character.codePointAt(0));
    expect(rasterise(character)).toBeNull();
  }
  expect(missingGlyph('陈晓𬀩 999901196012300378', bundled)).toBeNull();
  expect(rasterise('𬀩')).toMatchObject({ width: 24, height: 24 });
});

test('what the bundled font lacks comes from an installed one, where there is one', () => {
  const wide = openFontChain([...bundledFonts, ...systemFonts]);
  expect(bundled.faceFor(0x20bb7, 'regular')).toBeNull();
  const face = wide.faceFor(0x20bb7, 'regular');
  if (face === null) console.info('no installed font has U+20BB7: the fallback could not be tried here');
  else expect(face.font.hasGlyphForCodePoint(0x20bb7)).toBe(true);
});
