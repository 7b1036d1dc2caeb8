import { readFile } from 'node:fs/promises';
import { decodeRecord, encodeRecord } from '@huimin/drivers/id-card-reader';
import { expect, test } from 'vitest';
import { parsePeople, readPeople } from './people.ts';
import { PEOPLE_FILE } from './testing.ts';

test('everybody in the file can be put on a card and read from it', async () => {
  const people = await readPeople(PEOPLE_FILE);
  const cards = people.flatMap((person) => (person.role === 'resident' ? [person.card] : []));
  expect(cards.length).toBeGreaterThan(5);
  for (const card of cards) {
    expect(decodeRecord(encodeRecord(card))).toEqual({ ok: true, value: card });
  }
});

test.each([
  [
    'a wrong check digit',
    /999901194803120243/,
    '999901194803120244',
    /residents\.0\.card\.number.*check digit/,
  ],
  ['an unknown nation', /nation: "05"/, 'nation: "77"', /residents\.2\.card\.nation.*77/],
  ['a date that is none', /birth: "1948-03-12"/, 'birth: "1948-02-31"', /residents\.0\.card\.birth/],
  ['a short PIN', /pin: "2580"/, 'pin: "25"', /staff\.0\.pin.*4 to 8 digits/],
  ['an id that stands twice', /id: li-jianguo/, 'id: wang-guilan', /"wang-guilan" stands there twice/],
  ['a misspelt key', /validFrom: "2019-05-20"/, 'validForm: "2019-05-20"', /residents\.0\.card/],
  ['broken YAML', /staff:/, 'staff: [', /line \d+/],
])('%s is named', async (_what, found, instead, sentence) => {
  const source = await readFile(PEOPLE_FILE, 'utf8');
  expect(source).toMatch(found);
  const people = parsePeople(source.replace(found, instead));
  expect(people).toMatchObject({ ok: false, error: expect.stringMatching(sentence) });
});
