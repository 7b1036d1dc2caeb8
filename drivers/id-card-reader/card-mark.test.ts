import { expect, test } from 'vitest';
import { cardMarker } from './card-mark.ts';
import { inventedCitizen } from './testing/invented-cards.ts';

test('a mark tells cards apart, says nothing of the number, and means nothing elsewhere', () => {
  const mark = cardMarker();
  const [one, two] = [inventedCitizen(1).number, inventedCitizen(2).number];
  expect(mark(one)).toBe(mark(one));
  expect(mark(one)).not.toBe(mark(two));
  expect(mark(one)).toMatch(/^[0-9a-f]{64}$/);
  expect(cardMarker()(one)).not.toBe(mark(one));
});
