import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IdCard } from '../id-card-reader/index.ts';
import { anyCard } from '../id-card-reader/testing/invented-cards.ts';
import { fields, json } from './format.ts';
import { maskAddress, maskCard, maskCode, maskName, maskNumber } from './masking.ts';

/** Everything the program writes about a card. */
const written = (card: IdCard): string => [json(maskCard(card)), ...fields(maskCard(card))].join('\n');

/** The pieces of a text that are this long. */
const pieces = (text: string, length: number): string[] =>
  Array.from({ length: Math.max(0, text.length - length + 1) }, (_, i) => text.slice(i, i + length));

/** Another card of the same kind, of which the same may be seen. */
const twin = (card: IdCard): fc.Arbitrary<IdCard> =>
  anyCard
    .filter((other) => other.type === card.type)
    .map(
      (other) =>
        ({
          ...other,
          ...('address' in card
            ? { address: [...card.address].map((c, i) => (i < shownOf(card.address, 6) ? c : '某')).join('') }
            : {}),
          ...('permitNumber' in card ? { permitNumber: `${card.permitNumber.slice(0, 2)}9999999` } : {}),
          ...('englishName' in card ? { englishName: hide(card.englishName) } : {}),
          ...('chineseName' in card ? { chineseName: hide(card.chineseName) } : {}),
          name: hide(card.name),
          number: card.number.slice(0, 4) + '7'.repeat(card.number.length - 6) + card.number.slice(-2),
        }) as IdCard,
    );
const shownOf = (text: string, most: number): number => Math.min(most, Math.floor([...text].length / 2));
const hide = (name: string): string => [...name].map((c, i) => (i < shownOf(name, 1) ? c : '某')).join('');

describe('what is masked', () => {
  test('depends on nothing but the shown part: two cards that share it cannot be told apart', () => {
    fc.assert(
      fc.property(
        anyCard.chain((card) => fc.tuple(fc.constant(card), twin(card))),
        ([card, other]) => {
          expect(written(other)).toBe(written(card));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('no hidden piece of a number, a name, an address or a date stands anywhere in what is written', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const text = written(card);
        for (const piece of pieces(card.number.slice(4, -2), 5)) expect(text).not.toContain(piece);
        expect(text).not.toContain(card.birth);
        if ([...card.name].length > 1) expect(text).not.toContain(card.name);
        if ('address' in card) {
          for (const piece of pieces([...card.address].slice(6).join(''), 7))
            expect(text).not.toContain(piece);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('every field of the card is there', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        expect(Object.keys(maskCard(card))).toEqual(Object.keys(card));
      }),
    );
  });

  test('a field that nobody has thought of is hidden', () => {
    const card = { type: 'citizen', shoeSize: '43', pets: ['cat'] } as unknown as IdCard;
    expect(maskCard(card)).toEqual({ type: 'citizen', shoeSize: '***', pets: '***' });
  });

  test('what it looks like', () => {
    expect(maskName('虚构甲')).toBe('虚*');
    expect(maskName('某')).toBe('*');
    expect(maskName('𠮷田一')).toBe('𠮷*');
    expect(maskNumber('330106195002280016')).toBe('3301***16');
    expect(maskNumber('H12345678')).toBe('H1***');
    expect(maskAddress('虚构省虚构市虚构路1号')).toBe('虚构省虚构***');
    expect(maskAddress('村口')).toBe('村***');
    expect(maskCode('6901234567892')).toBe('6901***');
    expect([maskName(''), maskNumber(''), maskAddress(''), maskCode('')]).toEqual(['', '', '', '']);
  });
});
