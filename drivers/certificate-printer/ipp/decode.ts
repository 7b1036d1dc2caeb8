/** Bytes to Internet Printing Protocol messages (RFC 8010). Pure; bounded by its input; malformed input is a value. */

import { err, ok, type Result } from '../../device.ts';
import {
  DELIMITER,
  type IppAttribute,
  type IppGroup,
  type IppMessage,
  type IppOutOfBandType,
  type IppTextType,
  type IppValue,
  MAX_LENGTH,
  OUT_OF_BAND_TAGS,
  TEXT_TAGS,
} from './message.ts';

/** Deepest nesting of collections that is read; media-col-database of real printers has three levels. */
const MAX_DEPTH = 16;

const TEXT_TYPES = new Map(
  Object.entries(TEXT_TAGS).map(([type, tag]) => [tag as number, type as IppTextType]),
);
const OUT_OF_BAND_TYPES = new Map(
  Object.entries(OUT_OF_BAND_TAGS).map(([type, tag]) => [tag as number, type as IppOutOfBandType]),
);

/** Thrown and caught in this file only: unwinds the reader to the one place that makes it a value. */
class Malformed extends Error {}

interface Field {
  readonly tag: number;
  readonly name: string;
  readonly value: Uint8Array;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next `count` bytes begin; they are taken. */
  #next(count: number): number {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#bytes.length) throw new Malformed('ends in the middle of a field');
    return at;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#next(1));
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#next(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#next(4));
  }

  #size(): number {
    const length = this.uint16();
    if (length > MAX_LENGTH) throw new Malformed('a length is negative');
    return length;
  }

  sized(): Uint8Array {
    const length = this.#size();
    const at = this.#next(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(): string {
    const length = this.#size();
    const at = this.#next(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** The next byte without taking it. */
  peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Malformed('ends without an end-of-attributes tag');
    return byte;
  }

  field(): Field {
    return { tag: this.uint8(), name: this.text(), value: this.sized() };
  }

  /** A copy of what is left. */
  rest(): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(this.#at));
  }
}

const toText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

const exactly = (bytes: Uint8Array, length: number): Reader => {
  if (bytes.length !== length) throw new Malformed(`a value has ${bytes.length} bytes instead of ${length}`);
  return new Reader(bytes);
};

const decodeCollection = (reader: Reader, depth: number): IppValue => {
  if (depth >= MAX_DEPTH) throw new Malformed('collections are nested too deeply');
  const members: { name: string; values: IppValue[] }[] = [];
  for (;;) {
    const field = reader.field();
    if (field.tag === DELIMITER.endCollection) return { type: 'collection', members: withValues(members) };
    if (field.tag === DELIMITER.memberName) {
      members.push({ name: toText(field.value), values: [] });
      continue;
    }
    const member = members.at(-1);
    if (!member || field.tag < 0x10) throw new Malformed('a collection holds a value without a member name');
    member.values.push(decodeValue(field, reader, depth + 1));
  }
};

const decodeValue = ({ tag, value }: Field, reader: Reader, depth: number): IppValue => {
  const textType = TEXT_TYPES.get(tag);
  if (textType) return { type: textType, value: toText(value) };
  const outOfBand = OUT_OF_BAND_TYPES.get(tag);
  if (outOfBand) return { type: outOfBand };
  switch (tag) {
    case 0x21:
    case 0x23:
      return { type: tag === 0x21 ? 'integer' : 'enum', value: exactly(value, 4).int32() };
    case 0x22:
      return { type: 'boolean', value: exactly(value, 1).uint8() !== 0 };
    case 0x30:
      return { type: 'octetString', value: Uint8Array.from(value) };
    case 0x31:
      return { type: 'dateTime', value: exactly(value, 11).rest() };
    case 0x32: {
      const parts = exactly(value, 9);
      return { type: 'resolution', x: parts.int32(), y: parts.int32(), unit: parts.uint8() };
    }
    case 0x33: {
      const parts = exactly(value, 8);
      return { type: 'range', lower: parts.int32(), upper: parts.int32() };
    }
    case 0x35:
    case 0x36: {
      const parts = new Reader(value);
      const language = parts.text();
      const text = parts.text();
      return { type: tag === 0x35 ? 'textWithLanguage' : 'nameWithLanguage', language, value: text };
    }
    case DELIMITER.beginCollection:
      return decodeCollection(reader, depth);
    case DELIMITER.endCollection:
    case DELIMITER.memberName:
      throw new Malformed('a member stands outside a collection');
    default:
      return { type: 'other', tag, value: Uint8Array.from(value) };
  }
};

const withValues = (attributes: readonly IppAttribute[]): readonly IppAttribute[] => {
  if (attributes.some((attribute) => attribute.values.length === 0))
    throw new Malformed('a member has no value');
  return attributes;
};

const decodeGroup = (reader: Reader): IppAttribute[] => {
  const attributes: { name: string; values: IppValue[] }[] = [];
  while (reader.peek() >= 0x10) {
    const field = reader.field();
    const value = decodeValue(field, reader, 0);
    if (field.name !== '') {
      attributes.push({ name: field.name, values: [value] });
      continue;
    }
    const last = attributes.at(-1);
    if (!last) throw new Malformed('an additional value stands without an attribute');
    last.values.push(value);
  }
  return attributes;
};

/** Decodes one message; the error is one sentence. */
export const decodeIpp = (bytes: Uint8Array): Result<IppMessage, string> => {
  try {
    const reader = new Reader(bytes);
    const version = [reader.uint8(), reader.uint8()] as const;
    const code = reader.uint16();
    const requestId = reader.int32();
    const groups: IppGroup[] = [];
    for (let tag = reader.uint8(); tag !== DELIMITER.endOfAttributes; tag = reader.uint8()) {
      if (tag === 0 || tag >= 0x10) throw new Malformed('a value stands outside a group');
      groups.push({ tag, attributes: decodeGroup(reader) });
    }
    return ok({ version, code, requestId, groups, data: reader.rest() });
  } catch (error) {
    if (error instanceof Malformed) return err(error.message);
    throw error;
  }
};
