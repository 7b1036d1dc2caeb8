import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDigit, hasRightCheckDigit } from './check-digit.ts';
import { NATIONS } from './nations.ts';
import { decodeRecord } from './record.ts';
import { encodeRecord } from './record-encode.ts';
import { anyCard, inventedCitizen } from './testing/invented-cards.ts';

/** The record with `text` written at a byte offset. */
function patched(record: Uint8Array, offset: number, text: string): Uint8Array {
  const copy = record.slice();
  copy.set(Buffer.from(text, 'utf16le'), offset);
  return copy;
}

describe('check digits (GB 11643)', () => {
  test('published specimen numbers', () => {
    for (const specimen of ['932682198501010017', '911124198108030024']) {
      expect(hasRightCheckDigit(specimen)).toBe(true);
    }
  });

  test('one wrong digit or two neighbours swapped are noticed', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{17}$/),
        fc.nat(16),
        fc.integer({ min: 1, max: 9 }),
        (first, at, shift) => {
          const number = first + checkDigit(first);
          const digit = String((Number(first[at]) + shift) % 10);
          expect(hasRightCheckDigit(number.slice(0, at) + digit + number.slice(at + 1))).toBe(false);
          const a = number.charAt(at);
          const b = number.charAt(at + 1);
          if (a !== b)
            expect(hasRightCheckDigit(number.slice(0, at) + b + a + number.slice(at + 2))).toBe(false);
        },
      ),
    );
  });
});

test('all 58 nations', () => {
  expect(NATIONS.size).toBe(58);
  expect([NATIONS.get('01'), NATIONS.get('05'), NATIONS.get('34'), NATIONS.get('56')]).toEqual([
    '汉',
    '维吾尔',
    '布朗',
    '基诺',
  ]);
});

describe('text records', () => {
  test('all four kinds of card survive the chip', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        expect(decodeRecord(encodeRecord(card))).toEqual({ ok: true, value: card });
      }),
      { numRuns: 500 },
    );
  });

  test('fields lie where the standard puts them', () => {
    const record = encodeRecord(inventedCitizen(7));
    const at = (offset: number, bytes: number) =>
      Buffer.from(record.subarray(offset, offset + bytes)).toString('utf16le');
    expect(at(0, 30)).toBe('虚构辛            ');
    expect(at(30, 22)).toBe('10119500228');
    expect(at(122, 36)).toBe(inventedCitizen(7).number);
    expect(at(188, 32)).toBe('20150601长期      ');
    expect(at(248, 2)).toBe(' ');
  });

  test('an English name of two parts is put together again', () => {
    const card = {
      type: 'foreigner-2023',
      name: 'INVENTED PERSON',
      chineseName: '',
      englishName: 'INVENTED PERSON',
      sex: 'female',
      birth: '1985-01-01',
      number: `932682198501010${'01'}${checkDigit('93268219850101001')}`,
      nationality: 'XUT',
      validFrom: '2024-01-01',
      validTo: '2034-01-01',
      renewalCount: 1,
    } as const;
    const second = patched(encodeRecord(card), 220, 'THIRD');
    expect(decodeRecord(second)).toMatchObject({ value: { englishName: 'INVENTED PERSON THIRD' } });
  });

  test.each([
    ['a wrong check digit', 122, '330106195002280079'.replace(/.$/, 'A'), 'bad-record'],
    ['a number with another check digit', 122 + 34, 'swap', 'check-digit'],
    ['a 30th of February', 36, '19500230', 'bad-record'],
    ['a month without days', 36, '19501300', 'bad-record'],
    ['no date of issue', 188, '        ', 'bad-record'],
    ['a nation outside the standard', 32, '57', 'bad-record'],
    ['a sex outside the standard', 30, '3', 'bad-record'],
    ['no name', 0, '   ', 'bad-record'],
    ['a printer command in the name', 0, '\u001b', 'bad-record'],
    ['an unknown kind of card', 248, 'Z', 'bad-record'],
  ])('refuses %s', (_, offset, text, reason) => {
    const card = inventedCitizen(7);
    const right = card.number.at(-1);
    const record = patched(encodeRecord(card), offset, text === 'swap' ? (right === '0' ? '1' : '0') : text);
    const decoded = decodeRecord(record);
    expect(decoded).toMatchObject({ ok: false, error: { reason } });
    expect(JSON.stringify(decoded)).not.toContain(card.number.slice(0, 6));
  });

  test('any bytes give a card or a reason, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeRecord(bytes).ok).toBe(false);
      }),
    );
    const valid = encodeRecord(inventedCitizen(3));
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (at, value) => {
        const copy = valid.slice();
        copy[at] = value;
        const decoded = decodeRecord(copy);
        expect(
          decoded.ok || decoded.error.reason === 'bad-record' || decoded.error.reason === 'check-digit',
        ).toBe(true);
      }),
    );
  });

  test('a field that does not fit is the programmer’s mistake', () => {
    expect(() => encodeRecord({ ...inventedCitizen(1), name: '虚'.repeat(16) })).toThrow(RangeError);
  });
});
