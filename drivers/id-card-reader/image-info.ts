/** What an image's own bytes say of it. */
export interface ImageInfo {
  readonly format: 'bmp' | 'png' | 'jpeg';
  readonly width: number;
  readonly height: number;
}

/** Recognises a whole BMP, PNG or JPEG by its bytes; null for anything else, and for one that breaks off. */
export function imageInfo(bytes: Uint8Array): ImageInfo | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bmpInfo(view) ?? pngInfo(view) ?? jpegInfo(view);
}

/** Windows bitmaps: file header of 14 bytes, then an information header of at least 40. */
function bmpInfo(view: DataView): ImageInfo | null {
  if (view.byteLength < 54 || view.getUint16(0) !== 0x424d) return null;
  const [dataAt, headerBytes] = [view.getUint32(10, true), view.getUint32(14, true)];
  // A negative height: rows from the top.
  const [width, height] = [view.getInt32(18, true), Math.abs(view.getInt32(22, true))];
  const bitsPerPixel = view.getUint16(28, true);
  const rowBytes = Math.ceil((width * bitsPerPixel) / 32) * 4;
  if (headerBytes < 40 || width <= 0 || height === 0) return null;
  const compressed = view.getUint32(30, true) !== 0;
  return compressed || dataAt + rowBytes * height > view.byteLength ? null : { format: 'bmp', width, height };
}

/** PNG (ISO/IEC 15948): signature, IHDR first, IEND last. */
function pngInfo(view: DataView): ImageInfo | null {
  const end = view.byteLength - 12;
  if (end < 33 || view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return null;
  if (view.getUint32(12) !== 0x49484452 || view.getUint32(end + 4) !== 0x49454e44) return null;
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20) };
}

/** JPEG (ITU-T T.81): the first start-of-frame segment names the size; the end marker comes last. */
function jpegInfo(view: DataView): ImageInfo | null {
  const end = view.byteLength - 2;
  if (end < 4 || view.getUint16(0) !== 0xffd8 || view.getUint16(end) !== 0xffd9) return null;
  for (let at = 2; at + 9 <= end; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    const startsFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (startsFrame) {
      return { format: 'jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
  }
  return null;
}
