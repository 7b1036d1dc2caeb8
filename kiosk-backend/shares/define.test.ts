import { expect, test } from 'vitest';
import { CELLS, cellOf, potsOf, type SharedResource } from '../contract/index.ts';
import { parseDefinition } from './define.ts';
import { holderOf } from './pots.ts';

const common = `
id: lunch
community: 荷花社区
name: { zh-CN: 老年助餐, en: Elder lunch }
opensAt: 2026-01-01T00:00:00+08:00
closesAt: 2027-01-01T00:00:00+08:00
`;
const quota = `${common}kind: quota\ncapacity: 40\n`;
const slots = `${common}kind: slots\nslots:
  - { id: monday, startsAt: 2026-11-23T09:00:00+08:00, endsAt: 2026-11-23T10:00:00+08:00 }
  - { id: friday, startsAt: 2026-11-27T09:00:00+08:00, endsAt: 2026-11-27T10:00:00+08:00, places: 3 }
`;
const vote = `${common}kind: vote\noptions:
  - { id: lift, name: { zh-CN: 电梯, en: Lift } }
  - { id: garden, name: { zh-CN: 花园, en: Garden } }
`;

function defined(text: string): SharedResource {
  const parsed = parseDefinition(text);
  if (!parsed.ok) throw new Error(parsed.mistakes.join(' '));
  return parsed.resource;
}
const potNames = (text: string, at: string): string[] =>
  potsOf(defined(text), Date.parse(at)).map(({ pot }) => pot);

test.each([
  ['', '"kind"'],
  ['a: [', 'It is not valid YAML: '],
  [quota.replace('kind: quota', 'kind: quotas'), `"kind": wants one of 'quota' | 'slots' | 'vote'.`],
  [quota.replace('40', 'many'), '"capacity": expected number, received string.'],
  [quota.replace('40', '0'), '"capacity": '],
  [`${quota}perperson: 1\n`, '"perperson" is not known.'],
  [quota.replace('2027', '2025'), '"closesAt": is not after opensAt.'],
  [quota.replace('+08:00', ''), '"opensAt": '],
  [quota.replace('id: lunch', 'id: Lunch!'), '"id": wants 1 to 64 small letters, digits and dashes.'],
  [slots.replace('friday', 'monday'), '"slots.1.id": monday is there twice.'],
  [slots.replace('10:00:00', '08:00:00'), '"slots.0.endsAt": is not after startsAt.'],
  [vote.replace('garden', 'lift'), '"options.1.id": lift is there twice.'],
])('a mistake is one clear sentence (%#)', (text, sentence) => {
  const parsed = parseDefinition(text);
  if (parsed.ok) throw new Error('this is not right');
  expect(parsed.mistakes.join('\n')).toContain(sentence);
  expect(parsed.mistakes.length).toBe(1);
});

test('periods begin at midnight in Beijing, on Mondays and on the first', () => {
  const at = (period: string, ahead: number, time: string) =>
    potNames(`${quota}period: ${period}\nahead: ${ahead}\n`, time);
  expect(at('day', 2, '2026-11-22T15:59:59Z')).toEqual(['2026-11-22', '2026-11-23', '2026-11-24']);
  expect(at('day', 0, '2026-11-22T16:00:00Z')).toEqual(['2026-11-23']);
  expect(at('week', 1, '2026-11-22T15:59:59Z')).toEqual(['2026-11-16', '2026-11-23']);
  expect(at('month', 3, '2026-01-31T04:00:00Z')).toEqual([
    '2026-01-01',
    '2026-02-01',
    '2026-03-01',
    '2026-04-01',
  ]);
  expect(at('day', 31, '2026-12-30T04:00:00Z')).toEqual(['2026-12-30', '2026-12-31']);
  expect(at('day', 0, '2020-05-05T04:00:00Z')).toEqual(['2026-01-01']);
  expect(at('once', 0, '2026-05-05T04:00:00Z')).toEqual(['all']);
  expect(at('once', 0, '2027-05-05T04:00:00Z')).toEqual([]);
});

test('a slot can be had until it begins', () => {
  expect(potNames(slots, '2026-11-23T00:59:59Z')).toEqual(['monday', 'friday']);
  expect(potNames(slots, '2026-11-23T01:00:00Z')).toEqual(['friday']);
});

test('residents fall into all cells alike, each always into the same', () => {
  expect(potNames(vote, '2026-11-23T00:00:00Z')).toHaveLength(CELLS);
  const key = Buffer.alloc(32, 1).toString('base64url');
  const cells = Array.from({ length: 6400 }, (_, each) => cellOf(holderOf(key, 'lunch', `9999${each}`)));
  const sizes = [...Map.groupBy(cells, (cell) => cell).values()].map(({ length }) => length);
  expect(sizes).toHaveLength(CELLS);
  expect(Math.min(...sizes)).toBeGreaterThan(50);
  expect(Math.max(...sizes)).toBeLessThan(160);
  expect(holderOf(key, 'lunch', 'a')).not.toBe(holderOf(key, 'dinner', 'a'));
});
