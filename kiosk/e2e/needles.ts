import { inflateRawSync, inflateSync } from 'node:zlib';

/** Something that must be found nowhere: what it is called, and the bytes it could lie there as. */
export interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/** GB 18030 in one or two bytes a character, made by asking the decoder. */
function gb18030(text: string): Buffer {
  const decoder = new TextDecoder('gb18030');
  const bytes = new Map<string, Buffer>();
  for (let first = 0x81; first <= 0xfe; first++)
    for (let second = 0x40; second <= 0xfe; second++) {
      const pair = Buffer.of(first, second);
      bytes.set(decoder.decode(pair), pair);
    }
  return Buffer.concat([...text].map((each) => bytes.get(each) ?? Buffer.from(each)));
}

/** Base64 of bytes that stand anywhere in a longer text: three ways to be cut into groups, ends left off. */
const base64Forms = (bytes: Buffer): Buffer[] =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(2)]).toString('base64');
    const from = Math.ceil((before * 4) / 3);
    return Buffer.from(text.slice(from, Math.floor(((before + bytes.length) * 4) / 3)));
  });

/** All the ways in which a text or bytes may be written down. */
export function needlesFor(secrets: Readonly<Record<string, string | Uint8Array>>): Needle[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const written: [string, Buffer][] =
      typeof secret === 'string'
        ? [
            ['UTF-8', Buffer.from(secret)],
            ['UTF-16LE', Buffer.from(secret, 'utf16le')],
            ['UTF-16BE', Buffer.from(secret, 'utf16le').swap16()],
            ['GB 18030', gb18030(secret)],
          ]
        : [['bytes', Buffer.from(secret)]];
    const known = new Set<string>();
    return written
      .flatMap(([coding, bytes]) => [
        { what: `${name} (${coding})`, bytes },
        { what: `${name} (${coding}, hex)`, bytes: Buffer.from(bytes.toString('hex')) },
        { what: `${name} (${coding}, HEX)`, bytes: Buffer.from(bytes.toString('hex').toUpperCase()) },
        ...base64Forms(bytes).map((form) => ({ what: `${name} (${coding}, base64)`, bytes: form })),
        ...base64Forms(bytes).map((form) => ({
          what: `${name} (${coding}, base64url)`,
          bytes: Buffer.from(form.toString().replaceAll('+', '-').replaceAll('/', '_')),
        })),
      ])
      .filter(({ bytes }) => {
        const key = bytes.toString('latin1');
        return !known.has(key) && known.add(key);
      });
  });
}

/** What of it stands in these bytes. */
export const foundIn = (bytes: Buffer, needles: readonly Needle[]): string[] =>
  needles.filter((needle) => bytes.includes(needle.bytes)).map(({ what }) => what);

/** The bytes, and whatever in them can be inflated: zlib and gzip by their first bytes, and raw after a PDF's `stream`. */
export function unpacked(bytes: Buffer): Buffer[] {
  const all = [bytes];
  const take = (inflate: () => Buffer): void => {
    try {
      all.push(inflate());
    } catch {
      // It only looked like a beginning.
    }
  };
  const options = { finishFlush: 2, maxOutputLength: 1 << 26 } as const;
  for (let at = 0; at + 2 < bytes.length; at++) {
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]];
    if ((first & 0x0f) === 8 && first <= 0x78 && ((first << 8) | second) % 31 === 0 && second < 0xe0)
      take(() => inflateSync(bytes.subarray(at), options));
    if (first === 0x1f && second === 0x8b) take(() => inflateRawSync(bytes.subarray(at + 10), options));
  }
  return all;
}
