import { checkDigit } from '../../id-card-reader/index.ts';
import type { VirtualCard, VirtualSocialCard } from '../virtual-card.ts';

const BODY = '11010119900307001';

/** 王伟 in GB18030; the person is invented. */
export const socialCard: VirtualSocialCard = {
  kind: 'social',
  number: `${BODY}${checkDigit(BODY)}`,
  name: Uint8Array.from(Buffer.from('cdf5ceb0', 'hex')),
  sex: '1',
  nation: '01',
  birth: '19900307',
  birthplace: '110101',
  cardNumber: 'A12345678',
};

export const holder = {
  number: socialCard.number,
  name: '王伟',
  sex: '1',
  nation: '01',
  birth: '19900307',
  birthplace: '110101',
  card: { number: 'A12345678', issuedOn: '20200102', validUntil: '20300102' },
};

export const badge: VirtualCard = {
  kind: 'badge',
  uid: Uint8Array.of(0x04, 0xa2, 0x24, 0x1b, 0x2c, 0x5e, 0x80),
};
