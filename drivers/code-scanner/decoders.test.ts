import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CodeDecoder, codeEncodings, type Decoded, LONGEST_CODE } from './code.ts';
import { createHidPosDecoder, encodeHidPos, hidPosProfiles } from './hid-pos.ts';
import { createLineDecoder } from './line-decoder.ts';

const textsOf = (decoded: readonly Decoded[]) =>
  decoded.map((each) => (each.kind === 'code' ? each.code.text : each.reason));

function profileOf(name: string) {
  const profile = hidPosProfiles[name];
  if (!profile) throw new Error(`no profile ${name}`);
  return profile;
}
const accessIs = profileOf('access-is');
/** Characters of every length in UTF-8, none of them a control character. */
const anyText = fc.stringMatching(/^[ -~一-龥𠀀-𠀟]{1,200}$/u);

describe('a serial scanner', () => {
  test('any split of any lines gives the same codes', () => {
    const end = fc.constantFrom('\r', '\n', '\r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, end), { maxLength: 6 }), fc.nat(40), (lines, step) => {
        const bytes = Buffer.from(lines.flat().join(''));
        const decoder = createLineDecoder('utf-8', false);
        const decoded: Decoded[] = [];
        for (let at = 0; at < bytes.length; at += step + 1)
          decoded.push(...decoder.push(bytes.subarray(at, at + step + 1), at));
        expect(textsOf(decoded)).toEqual(lines.map(([text]) => text));
      }),
    );
  });

  test('refuses control characters, what is no text and endless lines, says so, and goes on', () => {
    const decoder = createLineDecoder('utf-8', false);
    expect(textsOf(decoder.push(Buffer.from('a\u001bm\rgood\r'), 0))).toEqual(['control-characters', 'good']);
    expect(textsOf(decoder.push(Buffer.from([0xff, 0xfe, 0x0d]), 0))).toEqual(['not-text']);
    for (let i = 0; i < 100; i++) expect(decoder.push(new Uint8Array(1000).fill(0x41), 0)).toEqual([]);
    expect(textsOf(decoder.push(Buffer.from('\rnext\r\n\r\n'), 0))).toEqual(['too-long', 'next']);
  });

  test('a code of the greatest length passes, one more character does not', () => {
    const decoder = createLineDecoder('utf-8', false);
    const longest = 'A'.repeat(LONGEST_CODE);
    expect(textsOf(decoder.push(Buffer.from(`${longest}\r${longest}A\r`), 0))).toEqual([longest, 'too-long']);
  });

  test('what was cut short is not joined to the next code', () => {
    const decoder = createLineDecoder('utf-8', false);
    expect(decoder.push(Buffer.from('half a co'), 0)).toEqual([]);
    expect(textsOf(decoder.push(Buffer.from('whole\r'), 1500))).toEqual(['incomplete', 'whole']);
  });

  test('tells the AIM identifier where it is sent, and reads GB18030 where that is said', () => {
    const [decoded] = createLineDecoder('utf-8', true).push(Buffer.from(']E04006381333931\r'), 0);
    expect(decoded).toEqual({ kind: 'code', code: { text: '4006381333931', symbology: ']E0' } });
    const gb18030 = Buffer.from('bbddc3f10d', 'hex');
    expect(textsOf(createLineDecoder('gb18030', false).push(gb18030, 0))).toEqual(['惠民']);
    expect(textsOf(createLineDecoder('utf-8', false).push(gb18030, 0))).toEqual(['not-text']);
  });
});

describe('an HID-POS scanner', () => {
  test("reads its maker's own example: 60 bytes in two reports", () => {
    const text = 'M1GATHERGOOD/MICHAEL  YABCDEF LHRDURAK 3542 052Y003D23  0100';
    const first = Buffer.alloc(64);
    first.set([0x02, 0x38, 0x5d, 0x51, 0x30]);
    first.write(text.slice(0, 56), 5, 'latin1');
    first.set([0x73, 0x00, 0x01], 61);
    const second = Buffer.alloc(64);
    second.set([0x02, 0x04, 0x5d, 0x51, 0x30]);
    second.write(text.slice(56), 5, 'latin1');
    second.set([0x73, 0x00, 0x00], 61);
    const decoder = createHidPosDecoder(accessIs, 'utf-8');
    expect(decoder.push(first, 0)).toEqual([]);
    expect(decoder.push(second, 4)).toEqual([{ kind: 'code', code: { text, symbology: ']Q0' } }]);
  });

  test('any text in any encoding comes through every layout that can carry it', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...Object.keys(hidPosProfiles)), (text, name) => {
        const profile = profileOf(name);
        const bytes = Buffer.from(text);
        fc.pre(profile.moreAt !== null || bytes.length <= profile.capacity);
        const decoder = createHidPosDecoder(profile, 'utf-8');
        const decoded = encodeHidPos(bytes, ']Q1', profile).flatMap((report) => [...decoder.push(report, 0)]);
        const symbology = profile.aimIdAt === null ? null : ']Q1';
        expect(decoded).toEqual([{ kind: 'code', code: { text, symbology } }]);
      }),
    );
  });

  test('lies about the length, lost parts and endless codes are rejected, and the next code is read', () => {
    const report = (length: number, more: number) => {
      const [made] = encodeHidPos(Buffer.from('A'.repeat(56)), ']Q1', accessIs);
      if (!made) throw new Error('no report');
      made[1] = length;
      made[63] = more;
      return made;
    };
    const good = encodeHidPos(Buffer.from('good'), ']Q1', accessIs);
    const readsOn = (decoder: CodeDecoder, at: number) =>
      expect(textsOf(good.flatMap((each) => [...decoder.push(each, at)])).at(-1)).toBe('good');

    const lied = createHidPosDecoder(accessIs, 'utf-8');
    expect(textsOf(lied.push(report(255, 0), 0))).toEqual(['incomplete']);
    expect(lied.push(report(57, 1), 0)).toEqual([]);
    expect(textsOf(lied.push(report(56, 0), 0))).toEqual(['incomplete']);
    readsOn(lied, 1);

    const lost = createHidPosDecoder(accessIs, 'utf-8');
    expect(lost.push(report(56, 1), 0)).toEqual([]);
    expect(textsOf(good.flatMap((each) => [...lost.push(each, 5000)]))).toEqual(['incomplete', 'good']);

    const endless = createHidPosDecoder(accessIs, 'utf-8');
    for (let i = 0; i < 1000; i++) expect(endless.push(report(56, 1), i)).toEqual([]);
    expect(textsOf(endless.push(report(1, 0), 1000))).toEqual(['too-long']);
    readsOn(endless, 1001);
  });

  test('reports that are too short or not ours do no harm', () => {
    const decoder = createHidPosDecoder(accessIs, 'utf-8');
    expect(decoder.push(Uint8Array.of(9, 1, 2, 3), 0)).toEqual([]);
    expect(decoder.push(new Uint8Array(0), 0)).toEqual([]);
    expect(textsOf(decoder.push(Uint8Array.of(2, 4, 0x5d), 0))).toEqual(['incomplete']);
  });
});

test('no bytes in any pieces make a decoder throw, or tell an unclean code', () => {
  const decoders = () => [
    ...codeEncodings.flatMap((encoding) => [
      createLineDecoder(encoding, true),
      createLineDecoder(encoding, false),
    ]),
    ...Object.values(hidPosProfiles).map((profile) => createHidPosDecoder(profile, 'utf-8')),
  ];
  const piece = fc.tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc
        .uint8Array({ minLength: 64, maxLength: 64 })
        .map((bytes) => bytes.with(0, 2).with(63, bytes[63] ?? 0)),
    ),
    fc.nat(2000),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      for (const decoder of decoders()) {
        let at = 0;
        for (const [chunk, pause] of pieces) {
          at += pause;
          for (const decoded of decoder.push(chunk, at)) {
            if (decoded.kind === 'code') expect(decoded.code.text).toMatch(/^\P{Cc}+$/u);
          }
        }
      }
    }),
  );
});
