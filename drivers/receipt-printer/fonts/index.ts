/** Characters drawn from a font, for printers that lack them. */

export {
  type Face,
  type FontChain,
  type FontSource,
  openFontChain,
  systemFonts,
  type Weight,
} from './chain.ts';
export { fontRasteriser, rasteriseGlyph } from './rasteriser.ts';
