/**
 * The fonts that documents are set in, in the order in which they are tried. Nothing is ever substituted.
 *
 * 1. Noto Serif SC (bundled; SIL Open Font License 1.1; the common characters and part of Extensions A-F)
 * 2. what is installed on the machine: the receipt printer's chain, see there
 */
import { createRequire } from 'node:module';
import {
  type FontChain as Chain,
  type Face as FontFace,
  type FontSource,
  openFontChain as openChain,
  systemFonts,
} from '@huimin/drivers/receipt-printer';
import type { Font, Glyph } from 'fontkit';

export { type FontSource, systemFonts, type Weight } from '@huimin/drivers/receipt-printer';

/** A font prepared for setting lines of text. */
export interface Face extends FontFace {
  /** Advance of every digit in half-width figures (`hwid`) in thousandths of the em; null where they differ. */
  readonly figureAdvance: number | null;
}

export type FontChain = Chain<Face>;

const require = createRequire(import.meta.url);
const bundled = (folder: string, file: string): string =>
  require.resolve(`@expo-google-fonts/noto-serif-sc/${folder}/${file}`);

export const bundledFonts: readonly FontSource[] = [
  {
    file: 'NotoSerifSC_400Regular.ttf',
    path: bundled('400Regular', 'NotoSerifSC_400Regular.ttf'),
    weights: ['regular'],
  },
  { file: 'NotoSerifSC_700Bold.ttf', path: bundled('700Bold', 'NotoSerifSC_700Bold.ttf'), weights: ['bold'] },
];

const FIGURES = [...'0123456789'];
/** Letters that kern and join, so that the font's own tables must place them. */
const SHAPED = /[\p{Script=Latin}\p{M}]/u;

/**
 * The same font with a short cut: where nothing is kerned or joined (Chinese, digits, their punctuation), glyphs stand
 * side by side, and looking through the font's substitution tables only costs time. Half-width figures are known.
 */
const withPlainLayout = (font: Font, figures: readonly Glyph[]): Font => {
  const layout: Font['layout'] = (text, features) => {
    if (SHAPED.test(text)) return font.layout(text, features);
    const half = features?.includes('hwid') === true;
    const glyphs = Array.from(text, (character) => {
      const figure = half ? figures[FIGURES.indexOf(character)] : undefined;
      return figure ?? font.glyphForCodePoint(character.codePointAt(0) ?? 0);
    });
    const positions = glyphs.map(({ advanceWidth }) => ({
      xAdvance: advanceWidth,
      yAdvance: 0,
      xOffset: 0,
      yOffset: 0,
    }));
    return { glyphs, positions, advanceWidth: positions.reduce((sum, { xAdvance }) => sum + xAdvance, 0) };
  };
  return Object.create(font, { layout: { value: layout } }) as Font;
};

const faceOf = (font: Font): Face => {
  const figures = font.layout(FIGURES.join(''), ['hwid']).glyphs;
  const widths = new Set(figures.map(({ advanceWidth }) => (advanceWidth * 1000) / font.unitsPerEm));
  const [width] = widths;
  const even = figures.length === FIGURES.length && widths.size === 1 && width !== undefined;
  return {
    name: font.postscriptName,
    font: withPlainLayout(font, even ? figures : []),
    figureAdvance: even ? width : null,
  };
};

/** A chain over these sources, in order. Fonts are read when first needed and kept. */
export const openFontChain = (sources: readonly FontSource[]): FontChain => openChain(sources, faceOf);

let shared: FontChain | null = null;

/** The chain described above, opened once for the whole process: parsing a Chinese font takes tens of milliseconds. */
export const documentFonts = (): FontChain => {
  shared ??= openFontChain([...bundledFonts, ...systemFonts]);
  return shared;
};
