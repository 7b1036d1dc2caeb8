import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  COMMANDS,
  decodeReply,
  encodeReply,
  encodeRequest,
  joinPayload,
  meaningOf,
  SW3,
  splitPayload,
} from './codec.ts';
import { FrameParser, SHORTEST_REPLY } from './frame.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the published frames of GA/T 467', () => {
  test.each([
    ['resetSam', '000310ffec'],
    ['samStatus', '000311ffed'],
    ['samId', '000312ffee'],
    ['findCard', '0003200122'],
    ['selectCard', '0003200221'],
    ['readCard', '0003300132'],
    ['readCardWithFingerprint', '0003301023'],
    ['readLatestAddress', '0003300330'],
  ] as const)('request %s', (name, expected) => {
    const [command, parameter] = COMMANDS[name];
    expect(hex(encodeRequest(command, parameter))).toBe(`aaaaaa9669${expected}`);
  });

  test.each([
    [SW3.ok, 0, '000400009094'],
    [SW3.cardFound, 4, '000800009f0000000097'],
    [SW3.findFailed, 0, '000400008084'],
    [SW3.ok, 8, '000c00009000000000000000009c'],
    [SW3.selectFailed, 0, '000400008185'],
    [SW3.readFailed, 0, '000400004145'],
    [SW3.samSelfTest, 0, '000400006064'],
  ])('reply %i with %i bytes', (sw3, bytes, expected) => {
    expect(hex(encodeReply(sw3, new Uint8Array(bytes)))).toBe(`aaaaaa9669${expected}`);
  });

  test.each([
    [null, 1295],
    [new Uint8Array(0), 1297],
    [new Uint8Array(1024), 2321],
  ])('a card read is as long as documented', (fingerprint, total) => {
    const payload = joinPayload(new Uint8Array(256), new Uint8Array(1024), fingerprint);
    const frame = encodeReply(SW3.ok, payload);
    expect(frame).toHaveLength(total);
    const [body] = new FrameParser(SHORTEST_REPLY).push(frame);
    expect(body && decodeReply(body)).toEqual({ sw3: SW3.ok, data: payload });
  });
});

test('a payload is split by the lengths it carries, or refused', () => {
  const bytes = (max: number) => fc.uint8Array({ maxLength: max });
  fc.assert(
    fc.property(bytes(300), bytes(1100), fc.option(bytes(1100)), (text, photo, fingerprint) => {
      const data = joinPayload(text, photo, fingerprint);
      const withFingerprint = fingerprint !== null;
      const expected = { text, photo, fingerprint: fingerprint ?? new Uint8Array(0) };
      expect(splitPayload(data, withFingerprint)).toEqual({ ok: true, value: expected });
      expect(splitPayload(data.subarray(0, -1), withFingerprint).ok).toBe(false);
      expect(splitPayload(Uint8Array.of(...data, 0), withFingerprint).ok).toBe(false);
    }),
  );
});

test('every status has a meaning, known or not', () => {
  expect(meaningOf(SW3.samNotAuthorised)).toBe('the security module is not authorised');
  expect(meaningOf(0x0a)).toBe('undocumented status 0a');
});
