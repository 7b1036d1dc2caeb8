/**
 * Chains of fonts. Nothing is ever substituted: a character is drawn in the first font that has it, and a character
 * that no font has is reported.
 *
 * Fonts with rare Chinese characters that may be installed on the machine, used where present and loaded only when a
 * character asks for them:
 * - Noto Serif CJK SC  (Debian `fonts-noto-cjk`; OFL 1.1)
 * - Hanazono Mincho A, B (Debian `fonts-hanazono`; OFL 1.1 or its own free licence; Extensions A-F)
 * - BabelStone Han     (Debian `fonts-babelstone-han`; Arphic Public License; Extensions A-H in part)
 * - SimSun, SimSun-ExtB, SimSun-ExtG (part of Windows; embedding in documents allowed by their `fsType`)
 */
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { create, type Font } from 'fontkit';

export type Weight = 'regular' | 'bold';

/** One font of a chain, parsed. `name` is unique within the process. */
export interface Face {
  readonly name: string;
  readonly font: Font;
}

export interface FontSource {
  /** File name; looked up in the system's font folders unless `path` says where it is. */
  readonly file: string;
  readonly path?: string;
  /** Which font of a collection. */
  readonly postscriptName?: string;
  readonly weights: readonly Weight[];
}

export interface FontChain<Each extends Face = Face> {
  /** The first face that has the character, or null. Private-use and control characters have none. */
  faceFor(codePoint: number, weight: Weight): Each | null;
}

const BOTH: readonly Weight[] = ['regular', 'bold'];

export const systemFonts: readonly FontSource[] = [
  { file: 'NotoSerifCJK-Regular.ttc', postscriptName: 'NotoSerifCJKsc-Regular', weights: ['regular'] },
  { file: 'NotoSerifCJK-Bold.ttc', postscriptName: 'NotoSerifCJKsc-Bold', weights: ['bold'] },
  { file: 'HanaMinA.ttf', weights: BOTH },
  { file: 'HanaMinB.ttf', weights: BOTH },
  { file: 'BabelStoneHan.ttf', weights: BOTH },
  { file: 'simsun.ttc', postscriptName: 'SimSun', weights: BOTH },
  { file: 'simsunb.ttf', weights: BOTH },
  { file: 'SimsunExtG.ttf', weights: BOTH },
];

/** Font folders by the conventions of each system (FHS and XDG; Windows). */
const systemFolders = (): string[] =>
  process.platform === 'win32'
    ? [join(process.env.WINDIR ?? 'C:\\Windows', 'Fonts')]
    : ['/usr/share/fonts', '/usr/local/share/fonts', join(homedir(), '.local/share/fonts')];

/** Paths of all installed font files by their name, lower case. Folders that are absent hold nothing. */
const findInstalled = (): Map<string, string> => {
  const found = new Map<string, string>();
  for (const folder of systemFolders()) {
    let names: string[];
    try {
      names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    } catch {
      continue; // no such folder on this machine
    }
    for (const name of names) found.set(basename(name).toLowerCase(), join(folder, name));
  }
  return found;
};

/** Private-use code points mean something else in every font, so a font's glyph for one proves nothing. */
const isDrawable = (codePoint: number): boolean => {
  const privateUse =
    (codePoint >= 0xe000 && codePoint <= 0xf8ff) || (codePoint >= 0xf0000 && codePoint <= 0x10ffff);
  const control = codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return !privateUse && !control && !surrogate;
};

const load = (path: string, postscriptName: string | undefined): Font => {
  const opened = create(readFileSync(path), postscriptName);
  const font = 'fonts' in opened ? opened.fonts[0] : opened;
  if (!font) throw new Error(`no font in ${basename(path)}`);
  return font;
};

const plainFace = (font: Font): Face => ({ name: font.postscriptName, font });

/** A chain over these sources, in order. Fonts are read when first needed and kept. */
export function openFontChain(sources: readonly FontSource[]): FontChain;
/** `faceOf` makes of each font what the caller needs beside it. */
export function openFontChain<Each extends Face>(
  sources: readonly FontSource[],
  faceOf: (font: Font) => Each,
): FontChain<Each>;
export function openFontChain(
  sources: readonly FontSource[],
  faceOf: (font: Font) => Face = plainFace,
): FontChain {
  let installed: Map<string, string> | null = null;
  const faces = new Map<FontSource, Face | null>();
  const faceFrom = (source: FontSource): Face | null => {
    let face = faces.get(source);
    if (face !== undefined) return face;
    installed ??= source.path === undefined ? findInstalled() : null;
    const path = source.path ?? installed?.get(source.file.toLowerCase());
    face = path === undefined ? null : faceOf(load(path, source.postscriptName));
    faces.set(source, face);
    return face;
  };
  const find = (codePoint: number, weight: Weight): Face | null => {
    if (!isDrawable(codePoint)) return null;
    for (const source of sources) {
      if (!source.weights.includes(weight)) continue;
      const face = faceFrom(source);
      if (face?.font.hasGlyphForCodePoint(codePoint)) return face;
    }
    return null;
  };
  const known = { regular: new Map<number, Face | null>(), bold: new Map<number, Face | null>() };
  return {
    faceFor(codePoint, weight) {
      let face = known[weight].get(codePoint);
      if (face === undefined) {
        face = find(codePoint, weight);
        known[weight].set(codePoint, face);
      }
      return face;
    },
  };
}
