/**
 * The UTF-8 of a text in memory of its own, for the caller to wipe. `Buffer.from` puts short texts into a pool that all
 * small buffers share, where they stay as long as any of those lives.
 */
export function wipeableBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
