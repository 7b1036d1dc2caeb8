import { checkDigit, type IdCard } from '../id-card-reader/index.ts';

const numbered = (first17: string): string => first17 + checkDigit(first17);

/** Cards of people who do not exist, for the simulated reader: 999999 is no region, and nobody was born there. */
export const inventedCards: readonly [IdCard, IdCard] = [
  {
    type: 'citizen',
    name: '虚构甲',
    sex: 'female',
    nation: { code: '01', name: '汉' },
    birth: '1950-02-28',
    address: '虚构省虚构市虚构路1号',
    number: numbered('99999919500228002'),
    authority: '虚构市公安局',
    validFrom: '2015-06-01',
    validTo: null,
  },
  {
    type: 'citizen',
    name: '虚构乙',
    sex: 'male',
    nation: { code: '01', name: '汉' },
    birth: '1948-11-05',
    address: '虚构省虚构市虚构路2号',
    number: numbered('99999919481105001'),
    authority: '虚构市公安局',
    validFrom: '2016-01-01',
    validTo: null,
  },
];
