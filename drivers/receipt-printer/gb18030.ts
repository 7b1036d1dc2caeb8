/**
 * Text for a printer's Chinese font. Printer fonts hold the two-byte GBK characters; four-byte GB18030 sequences and
 * private-use code points have no glyph there, so they are never sent as text.
 */

import iconv from 'iconv-lite';

/** The character's bytes when a printer font can be expected to hold it, else null. */
export const printerBytes = (character: string): Uint8Array | null => {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint >= 0x20 && codePoint <= 0x7e) return Uint8Array.of(codePoint);
  const privateUse = (codePoint >= 0xe000 && codePoint <= 0xf8ff) || codePoint >= 0xf0000;
  if (codePoint < 0xa0 || privateUse) return null;
  const bytes = iconv.encode(character, 'gb18030');
  return bytes.length === 2 ? new Uint8Array(bytes) : null;
};
