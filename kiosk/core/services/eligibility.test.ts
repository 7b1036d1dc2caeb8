import type { CitizenCard, IdCard } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { eligibility, type RegistryAnswer } from './eligibility.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const card: CitizenCard = {
  type: 'citizen',
  name: '王桂兰',
  sex: 'female',
  birth: '1948-03-12',
  number: '999901194803120243',
  validFrom: '2019-05-20',
  validTo: null,
  nation: { code: '01', name: '汉' },
  address: '示范省示范市',
  authority: '示范市公安局',
};
const foreigner: IdCard = {
  type: 'foreigner-2017',
  name: 'DUPONT',
  sex: 'female',
  birth: '1985-02-14',
  number: 'FRA330185021401',
  validFrom: '2018-01-01',
  validTo: '2028-01-01',
  englishName: 'DUPONT, MARIE',
  chineseName: '',
  nationality: 'FRA',
  authorityCode: '1500',
  version: '01',
};
const resident = {
  id: 'r',
  idNumber: card.number,
  name: card.name,
  residence: '荷花社区 12 幢',
  community: '荷花社区',
  residentSince: '1986-09-01',
  status: 'registered' as const,
};
const service = { cardTypes: ['citizen' as const], registryMaxAgeHours: 72 };
const answer = (change: Partial<RegistryAnswer> = {}): RegistryAnswer => ({
  source: 'backend',
  asOf: '2026-11-22T12:00:00Z',
  resident,
  ...change,
});

test.each<[string, IdCard, RegistryAnswer | null, object]>([
  ['registered', card, answer(), { kind: 'eligible', resident }],
  [
    'a card type the service does not take',
    foreigner,
    answer(),
    { kind: 'not-eligible', reason: 'card-type' },
  ],
  [
    'not in the registry',
    card,
    answer({ resident: null }),
    { kind: 'not-eligible', reason: 'not-registered' },
  ],
  [
    'another name in the registry',
    card,
    answer({ resident: { ...resident, name: '王桂香' } }),
    { kind: 'not-eligible', reason: 'not-registered' },
  ],
  [
    'moved away',
    card,
    answer({ resident: { ...resident, status: 'moved-away' } }),
    { kind: 'not-eligible', reason: 'moved-away' },
  ],
  ['nobody could tell', card, null, { kind: 'cannot-tell' }],
  ['cache too old', card, answer({ source: 'cache', asOf: '2026-11-19T11:00:00Z' }), { kind: 'cannot-tell' }],
])('%s', (_what, laid, registry, expected) => {
  expect(eligibility(service, laid, registry, NOW)).toEqual(expected);
});
