/**
 * Internet Printing Protocol messages as bytes (RFC 8010). Pure; bounded by its input; malformed input is a value.
 */

import { err, ok, type Result } from '../device.ts';
import {
  type IppAttribute,
  type IppGroup,
  type IppMessage,
  type IppOutOfBandType,
  type IppTextType,
  type IppValue,
  OUT_OF_BAND_TAGS,
  TEXT_TAGS,
} from './ipp-message.ts';

/** RFC 8010 3.5.1 */
const END_OF_ATTRIBUTES = 0x03;
const BEGIN_COLLECTION = 0x34;
const END_COLLECTION = 0x37;
const MEMBER_NAME = 0x4a;
/** Lengths are SIGNED-SHORT (RFC 8010 3.1). */
const MAX_LENGTH = 32_767;
/** Deepest nesting of collections that is read; media-col-database of real printers has three levels. */
const MAX_DEPTH = 16;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const TEXT_TYPES = new Map(
  Object.entries(TEXT_TAGS).map(([type, tag]) => [tag as number, type as IppTextType]),
);
const OUT_OF_BAND_TYPES = new Map(
  Object.entries(OUT_OF_BAND_TAGS).map(([type, tag]) => [tag as number, type as IppOutOfBandType]),
);

const int16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
const int32 = (value: number): number[] => [...int16(value >> 16), ...int16(value & 0xffff)];

const withLength = (bytes: ArrayLike<number>): number[] => {
  if (bytes.length > MAX_LENGTH) throw new RangeError('an IPP name or value is longer than 32767 bytes');
  return [...int16(bytes.length), ...Array.from(bytes)];
};

/** Tag, name, value; a collection is several of these in a row. */
const encodeValue = (name: string, value: IppValue): number[] => {
  const field = (tag: number, bytes: ArrayLike<number>): number[] => [
    tag,
    ...withLength(utf8.encode(name)),
    ...withLength(bytes),
  ];
  switch (value.type) {
    case 'integer':
      return field(0x21, int32(value.value));
    case 'boolean':
      return field(0x22, [value.value ? 1 : 0]);
    case 'enum':
      return field(0x23, int32(value.value));
    case 'octetString':
      return field(0x30, value.value);
    case 'dateTime':
      return field(0x31, value.value);
    case 'resolution':
      return field(0x32, [...int32(value.x), ...int32(value.y), value.unit]);
    case 'range':
      return field(0x33, [...int32(value.lower), ...int32(value.upper)]);
    case 'textWithLanguage':
    case 'nameWithLanguage':
      return field(value.type === 'textWithLanguage' ? 0x35 : 0x36, [
        ...withLength(utf8.encode(value.language)),
        ...withLength(utf8.encode(value.value)),
      ]);
    case 'collection':
      return [
        ...field(BEGIN_COLLECTION, []),
        ...value.members.flatMap((member) => [
          MEMBER_NAME,
          0,
          0,
          ...withLength(utf8.encode(member.name)),
          ...member.values.flatMap((each) => encodeValue('', each)),
        ]),
        END_COLLECTION,
        0,
        0,
        0,
        0,
      ];
    case 'other':
      return field(value.tag, value.value);
    case 'unsupported':
    case 'unknown':
    case 'no-value':
      return field(OUT_OF_BAND_TAGS[value.type], []);
    default:
      return field(TEXT_TAGS[value.type], utf8.encode(value.value));
  }
};

/** Throws a RangeError when a name or value does not fit in its length field. */
export const encodeIpp = (message: IppMessage): Uint8Array => {
  const head = [...message.version, ...int16(message.code), ...int32(message.requestId)];
  for (const group of message.groups) {
    head.push(group.tag);
    for (const attribute of group.attributes) {
      for (const [index, value] of attribute.values.entries()) {
        for (const byte of encodeValue(index === 0 ? attribute.name : '', value)) head.push(byte);
      }
    }
  }
  head.push(END_OF_ATTRIBUTES);
  const bytes = new Uint8Array(head.length + message.data.length);
  bytes.set(head);
  bytes.set(message.data, head.length);
  return bytes;
};

/** Thrown and caught in this file only: unwinds the reader to the one place that makes it a value. */
class Malformed extends Error {}

interface Field {
  readonly tag: number;
  readonly name: string;
  readonly value: Uint8Array;
}

class Reader {
  #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer's `slice` would share memory with its caller; a plain Uint8Array's copies.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new Malformed('ends in the middle of a field');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  uint8(): number {
    return this.take(1)[0] ?? 0;
  }

  uint16(): number {
    return this.uint8() * 256 + this.uint8();
  }

  int32(): number {
    return (this.uint16() << 16) | this.uint16();
  }

  sized(): Uint8Array {
    const length = this.uint16();
    if (length > MAX_LENGTH) throw new Malformed('a length is negative');
    return this.take(length);
  }

  /** The next byte without taking it. */
  peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Malformed('ends without an end-of-attributes tag');
    return byte;
  }

  field(): Field {
    const tag = this.uint8();
    const name = fromUtf8.decode(this.sized());
    return { tag, name, value: this.sized() };
  }

  rest(): Uint8Array {
    return this.#bytes.slice(this.#at);
  }
}

const exactly = (bytes: Uint8Array, length: number): Reader => {
  if (bytes.length !== length) throw new Malformed(`a value has ${bytes.length} bytes instead of ${length}`);
  return new Reader(bytes);
};

const decodeCollection = (reader: Reader, depth: number): IppValue => {
  if (depth >= MAX_DEPTH) throw new Malformed('collections are nested too deeply');
  const members: { name: string; values: IppValue[] }[] = [];
  for (;;) {
    const field = reader.field();
    if (field.tag === END_COLLECTION) return { type: 'collection', members: withValues(members) };
    if (field.tag === MEMBER_NAME) {
      members.push({ name: fromUtf8.decode(field.value), values: [] });
      continue;
    }
    const member = members.at(-1);
    if (!member || field.tag < 0x10) throw new Malformed('a collection holds a value without a member name');
    member.values.push(decodeValue(field, reader, depth + 1));
  }
};

const decodeValue = ({ tag, value }: Field, reader: Reader, depth: number): IppValue => {
  const textType = TEXT_TYPES.get(tag);
  if (textType) return { type: textType, value: fromUtf8.decode(value) };
  const outOfBand = OUT_OF_BAND_TYPES.get(tag);
  if (outOfBand) return { type: outOfBand };
  switch (tag) {
    case 0x21:
    case 0x23:
      return { type: tag === 0x21 ? 'integer' : 'enum', value: exactly(value, 4).int32() };
    case 0x22:
      return { type: 'boolean', value: exactly(value, 1).uint8() !== 0 };
    case 0x30:
      return { type: 'octetString', value: value.slice() };
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
      const language = fromUtf8.decode(parts.sized());
      const text = fromUtf8.decode(parts.sized());
      return { type: tag === 0x35 ? 'textWithLanguage' : 'nameWithLanguage', language, value: text };
    }
    case BEGIN_COLLECTION:
      return decodeCollection(reader, depth);
    case END_COLLECTION:
    case MEMBER_NAME:
      throw new Malformed('a member stands outside a collection');
    default:
      return { type: 'other', tag, value: value.slice() };
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
    for (let tag = reader.uint8(); tag !== END_OF_ATTRIBUTES; tag = reader.uint8()) {
      if (tag === 0 || tag >= 0x10) throw new Malformed('a value stands outside a group');
      groups.push({ tag, attributes: decodeGroup(reader) });
    }
    return ok({ version, code, requestId, groups, data: reader.rest() });
  } catch (error) {
    if (error instanceof Malformed) return err(error.message);
    throw error;
  }
};
