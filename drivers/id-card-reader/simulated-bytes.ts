/** `length` bytes that look random and are always the same for the same seed text. */
export function opaqueBytes(seed: string, length: number): Uint8Array {
  // FNV-1a over the text, then xorshift32: no cryptography is needed, only that bytes differ between cards.
  let state = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193);
  if (state === 0) state = 1;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
