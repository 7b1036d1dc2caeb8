/**
 * What a printer's Chinese font holds, and the bytes for it. Printer fonts hold the two-byte characters of GBK;
 * four-byte GB18030 sequences and private-use code points have no glyph there, so they are never sent as text.
 *
 * Pure, and free of Node: a page that draws a preview must know which characters the printer would not have.
 */

/** First bytes and second bytes of the two-byte area (GB 18030-2022, table 2); 7F is no second byte. */
const LEADS = { from: 0x81, to: 0xfe };
const TRAILS = { from: 0x40, to: 0xfe };
const NO_TRAIL = 0x7f;
const LINE_FEED = 0x0a;

/**
 * Characters whose two-byte code was a private-use code point in GB 18030-2000 and -2005 and is theirs only since
 * the 2022 edition: a printer that is older prints something else for them, or nothing.
 */
const MOVED = /[\u9fb4-\u9fbb\ufe10-\ufe19\u1e3f]/;

/** The platform's own decoder, turned round: for each UTF-16 unit its two-byte code, or 0. */
const invert = (): Uint16Array => {
  const [leads, trails] = [LEADS.to - LEADS.from + 1, TRAILS.to - TRAILS.from + 1];
  // Each code on a line of its own, so that one without a character leaves the others in their places.
  const bytes = new Uint8Array(leads * trails * 3);
  for (let at = 0; at < leads * trails; at += 1) {
    const trail = TRAILS.from + (at % trails);
    bytes[at * 3] = LEADS.from + Math.floor(at / trails);
    bytes[at * 3 + 1] = trail === NO_TRAIL ? TRAILS.to : trail;
    bytes[at * 3 + 2] = LINE_FEED;
  }
  const text = new TextDecoder('gb18030').decode(bytes);
  const codes = new Uint16Array(0x10000);
  let line = 0;
  let lineAt = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) !== LINE_FEED) continue;
    const unit = text.charCodeAt(lineAt);
    // Of two codes for one character (U+3000) the first is the one in GB 2312.
    if (at === lineAt + 1 && isPlain(unit) && codes[unit] === 0) {
      codes[unit] = ((bytes[line * 3] ?? 0) << 8) | (bytes[line * 3 + 1] ?? 0);
    }
    line += 1;
    lineAt = at + 1;
  }
  return codes;
};

/** A character in its own right: no control, no replacement for what cannot be decoded, nothing private or moved. */
const isPlain = (unit: number): boolean => {
  const privateUse = unit >= 0xe000 && unit <= 0xf8ff;
  return unit >= 0xa0 && unit !== 0xfffd && !privateUse && !MOVED.test(String.fromCharCode(unit));
};

let table: Uint16Array | null = null;

/** The character's code when a printer font can be expected to hold it, one byte or two (first byte high), else 0. */
export const printerCode = (character: string): number => {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 0x7f) return codePoint >= 0x20 ? codePoint : 0;
  table ??= invert();
  return table[codePoint] ?? 0;
};
