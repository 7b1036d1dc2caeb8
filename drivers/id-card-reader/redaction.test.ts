import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IdCard } from './card.ts';
import { decodeReply, encodeReply, encodeRequest, joinPayload, SW3 } from './codec.ts';
import { encodeFrame, FrameParser, SHORTEST_REPLY } from './frame.ts';
import { decodeReading } from './read-steps.ts';
import { encodeRecord } from './record-encode.ts';
import { LAYOUTS } from './record-layout.ts';
import { idCardRedaction } from './redaction.ts';
import { opaqueBytes } from './simulated-bytes.ts';
import { anyCard, inventedCitizen } from './testing/invented-cards.ts';
import { cuts, pieces } from './testing/pieces.ts';

const PHOTO = opaqueBytes('photo', 1024);
const PRINT = opaqueBytes('print', 1024);
const address = (text: string) => Buffer.from(text.padEnd(35), 'utf16le');

/** What a redaction lets through of these chunks, and how much of it comes only at the end. */
function redacted(chunks: readonly Uint8Array[], redact = idCardRedaction()()) {
  return Buffer.concat([...chunks.flatMap((chunk) => redact.input.push(chunk)), ...redact.input.end()]);
}

const replyIn = (bytes: Uint8Array) => {
  const [body] = new FrameParser(SHORTEST_REPLY).push(bytes);
  return body === undefined ? null : decodeReply(body);
};

/** Everything on a card that is too long to stand somewhere else by chance, as it stands in its record. */
function fieldsOf(card: IdCard): Buffer[] {
  const record = Buffer.from(encodeRecord(card));
  return Object.values(LAYOUTS[card.type])
    .map(({ offset, bytes }) =>
      record
        .subarray(offset, offset + bytes)
        .toString('utf16le')
        .trim(),
    )
    .filter((text) => text.length >= 5)
    .map((text) => Buffer.from(text, 'utf16le'));
}

test('nothing of any card survives any split, whole or broken off, with noise around it', () => {
  fc.assert(
    fc.property(
      anyCard,
      fc.boolean(),
      cuts,
      fc.nat(2400),
      fc.uint8Array({ maxLength: 40 }),
      (card, withPrint, places, breakAt, noise) => {
        const frame = encodeReply(SW3.ok, joinPayload(encodeRecord(card), PHOTO, withPrint ? PRINT : null));
        const latest = encodeReply(SW3.ok, address('虚构省虚构市虚构新路壹佰号'));
        const session = Buffer.concat([
          noise,
          frame,
          latest,
          frame.subarray(0, breakAt % frame.length),
          frame,
          frame.subarray(0, breakAt % frame.length),
        ]);
        const file = redacted(pieces(session, places));
        expect(file).toHaveLength(session.length);
        const secrets = [...fieldsOf(card), Buffer.from('虚构新路壹佰号', 'utf16le')];
        for (let at = 0; at + 8 <= 1024; at += 8) secrets.push(Buffer.from(PHOTO.subarray(at, at + 8)));
        for (const secret of secrets) expect(file.includes(secret)).toBe(false);
        if (withPrint) expect(file.includes(Buffer.from(PRINT.subarray(100, 108)))).toBe(false);
      },
    ),
    { numRuns: 150 },
  );
});

test('what remains is a session with somebody else: same type, same sizes, right sums', () => {
  fc.assert(
    fc.property(anyCard, fc.boolean(), cuts, (card, withPrint, places) => {
      const frame = encodeReply(SW3.ok, joinPayload(encodeRecord(card), PHOTO, withPrint ? PRINT : null));
      const reply = replyIn(redacted(pieces(frame, places)));
      const reading = decodeReading(reply?.data ?? new Uint8Array(0), withPrint);
      if (!('card' in reading)) throw new Error(reading.detail);
      expect(reading.card.type).toBe(card.type);
      expect(reading.card.number).not.toBe(card.number);
      expect(reading.card.name).not.toBe(card.name);
      expect(reading.photo).toEqual(new Uint8Array(1024));
      expect(reading.fingerprint).toEqual(new Uint8Array(withPrint ? 1024 : 0));
    }),
    { numRuns: 200 },
  );
});

test('one card is one person throughout a recording, also when the port was opened again', () => {
  const open = idCardRedaction();
  const as = (index: number) => {
    const frame = encodeReply(SW3.ok, joinPayload(encodeRecord(inventedCitizen(index)), PHOTO, null));
    const reply = replyIn(redacted([frame], open()));
    const reading = decodeReading(reply?.data ?? new Uint8Array(0), false);
    return 'card' in reading ? reading.card.number : reading.reason;
  };
  expect(as(1)).toBe(as(1));
  expect(as(2)).not.toBe(as(1));
});

test('a wrong record stays wrong in the same way', () => {
  const reasonAfter = (spoil: (text: Uint8Array) => void) => {
    const text = encodeRecord(inventedCitizen(6));
    spoil(text);
    const reply = replyIn(redacted([encodeReply(SW3.ok, joinPayload(text, PHOTO, null))]));
    const reading = decodeReading(reply?.data ?? new Uint8Array(0), false);
    return 'reason' in reading ? reading.reason : null;
  };
  expect(reasonAfter((text) => text.set([text[156] === 0x30 ? 0x31 : 0x30], 156))).toBe('check-digit');
  expect(reasonAfter((text) => text.set([0x5a], 248))).toBe('bad-record');
});

test('numbers of cards and security modules become zeros; statuses and requests stay', () => {
  const { input, output } = idCardRedaction()();
  const kept = [encodeReply(SW3.findFailed), encodeReply(SW3.itemAbsent), encodeReply(0x60)];
  expect(Buffer.concat(input.push(Buffer.concat(kept)).map((chunk) => chunk))).toEqual(Buffer.concat(kept));
  for (const [sw3, size] of [
    [SW3.cardFound, 4],
    [SW3.ok, 8],
    [SW3.ok, 16],
    [SW3.ok, 300],
    [0x77, 300],
  ] as const) {
    const [cleaned] = input.push(encodeReply(sw3, opaqueBytes('number', size)));
    expect(cleaned).toEqual(encodeReply(sw3, new Uint8Array(size)));
  }
  expect(output.push(encodeRequest(0x30, 0x01))).toEqual([encodeRequest(0x30, 0x01)]);
  expect(output.push(encodeRequest(0x30, 0x01, PHOTO.slice(0, 9)))).toEqual([
    encodeRequest(0x30, 0x01, new Uint8Array(9)),
  ]);
});

test('a whole frame does not wait behind one that broke off', () => {
  const { input } = idCardRedaction()();
  const cut = encodeFrame(new Uint8Array(1287)).subarray(0, 700);
  expect(input.push(cut)).toEqual([]);
  const [cleaned] = input.push(encodeReply(SW3.findFailed));
  expect(cleaned?.subarray(700)).toEqual(encodeReply(SW3.findFailed));
  expect(input.end()).toEqual([]);
});
