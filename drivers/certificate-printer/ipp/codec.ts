/**
 * Internet Printing Protocol messages as bytes (RFC 8010). Pure; bounded by its input; malformed input is a value.
 */

import { err, ok, type Result } from '../../device.ts';
import {
  type IppAttribute,
  type IppGroup,
  type IppMessage,
  type IppOutOfBandType,
  type IppTextType,
  type IppValue,
  OUT_OF_BAND_TAGS,
  TEXT_TAGS,
} from './message.ts';

/** RFC 8010 3.5.1 */
const END_OF_ATTRIBUTES = 0x03;
const BEGIN_COLLECTION = 0x34;
const END_COLLECTION = 0x37;
const MEMBER_NAME = 0x4a;
/** Lengths are SIGNED-SHORT (RFC 8010 3.1). */
const MAX_LENGTH = 32_767;
/** Deepest nesting of collections that is read; media-col-database of real printers has three levels. */
const MAX_DEPTH = 16;

const TEXT_TYPES = new Map(
  Object.entries(TEXT_TAGS).map(([type, tag]) => [tag as number, type as IppTextType]),
);
const OUT_OF_BAND_TYPES = new Map(
  Object.entries(OUT_OF_BAND_TAGS).map(([type, tag]) => [tag as number, type as IppOutOfBandType]),
);

/** Bytes one after the other, in a buffer that grows: an answer is looked at every few milliseconds. */
class Writer {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  /** Room for `count` more bytes, which begin where this says. */
  #room(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.#length);
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }

  uint8(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  uint16(value: number): void {
    const at = this.#room(2);
    this.#bytes.writeUInt16BE(value & 0xffff, at);
  }

  int32(value: number): void {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value | 0, at);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #size(length: number): void {
    if (length > MAX_LENGTH) throw new RangeError('an IPP name or value is longer than 32767 bytes');
    this.uint16(length);
  }

  sized(bytes: Uint8Array): void {
    this.#size(bytes.length);
    this.raw(bytes);
  }

  text(text: string): void {
    const length = Buffer.byteLength(text);
    this.#size(length);
    const at = this.#room(length);
    this.#bytes.write(text, at);
  }

  done(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#length);
  }
}

/** Tag, name, value; a collection is several of these in a row. */
const encodeValue = (writer: Writer, name: string, value: IppValue): void => {
  const begin = (tag: number, length?: number): void => {
    writer.uint8(tag);
    writer.text(name);
    if (length !== undefined) writer.uint16(length);
  };
  switch (value.type) {
    case 'integer':
    case 'enum':
      begin(value.type === 'integer' ? 0x21 : 0x23, 4);
      writer.int32(value.value);
      return;
    case 'boolean':
      begin(0x22, 1);
      writer.uint8(value.value ? 1 : 0);
      return;
    case 'octetString':
    case 'dateTime':
      begin(value.type === 'octetString' ? 0x30 : 0x31);
      writer.sized(value.value);
      return;
    case 'resolution':
      begin(0x32, 9);
      writer.int32(value.x);
      writer.int32(value.y);
      writer.uint8(value.unit);
      return;
    case 'range':
      begin(0x33, 8);
      writer.int32(value.lower);
      writer.int32(value.upper);
      return;
    case 'textWithLanguage':
    case 'nameWithLanguage': {
      const parts = new Writer();
      parts.text(value.language);
      parts.text(value.value);
      begin(value.type === 'textWithLanguage' ? 0x35 : 0x36);
      writer.sized(parts.done());
      return;
    }
    case 'collection':
      begin(BEGIN_COLLECTION, 0);
      for (const member of value.members) {
        writer.uint8(MEMBER_NAME);
        writer.uint16(0);
        writer.text(member.name);
        for (const each of member.values) encodeValue(writer, '', each);
      }
      writer.uint8(END_COLLECTION);
      writer.int32(0);
      return;
    case 'other':
      begin(value.tag);
      writer.sized(value.value);
      return;
    case 'unsupported':
    case 'unknown':
    case 'no-value':
      begin(OUT_OF_BAND_TAGS[value.type], 0);
      return;
    default:
      begin(TEXT_TAGS[value.type]);
      writer.text(value.value);
  }
};

/** Throws a RangeError when a name or value does not fit in its length field. */
export const encodeIpp = (message: IppMessage): Uint8Array => {
  const writer = new Writer();
  for (const part of message.version) writer.uint8(part);
  writer.uint16(message.code);
  writer.int32(message.requestId);
  for (const group of message.groups) {
    writer.uint8(group.tag);
    for (const attribute of group.attributes) {
      for (const [index, value] of attribute.values.entries()) {
        encodeValue(writer, index === 0 ? attribute.name : '', value);
      }
    }
  }
  writer.uint8(END_OF_ATTRIBUTES);
  writer.raw(message.data);
  return writer.done();
};

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
    if (field.tag === END_COLLECTION) return { type: 'collection', members: withValues(members) };
    if (field.tag === MEMBER_NAME) {
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
    case BEGIN_COLLECTION:
      return decodeCollection(reader, depth);
    case END_COLLECTION:
    case MEMBER_NAME:
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
