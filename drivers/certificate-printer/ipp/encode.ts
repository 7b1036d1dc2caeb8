/** Internet Printing Protocol messages to bytes (RFC 8010). Pure. */

import {
  DELIMITER,
  type IppMessage,
  type IppValue,
  MAX_LENGTH,
  OUT_OF_BAND_TAGS,
  TEXT_TAGS,
} from './message.ts';

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
      begin(DELIMITER.beginCollection, 0);
      for (const member of value.members) {
        writer.uint8(DELIMITER.memberName);
        writer.uint16(0);
        writer.text(member.name);
        for (const each of member.values) encodeValue(writer, '', each);
      }
      writer.uint8(DELIMITER.endCollection);
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
  writer.uint8(DELIMITER.endOfAttributes);
  writer.raw(message.data);
  return writer.done();
};
