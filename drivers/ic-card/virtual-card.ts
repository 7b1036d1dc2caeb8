import { GET_UID, selectApplication } from './apdu.ts';
import { TAG } from './social-card.ts';

/** An invented person's card. */
export interface VirtualSocialCard {
  readonly kind: 'social';
  readonly number: string;
  /** As bytes: names are GB18030. */
  readonly name: Uint8Array;
  readonly sex: string;
  /** Two digits each byte below. */
  readonly nation: string;
  readonly birth: string;
  readonly birthplace: string;
  readonly cardNumber: string;
}
export type VirtualCard = VirtualSocialCard | { readonly kind: 'badge'; readonly uid: Uint8Array };

/** How a card behaves that is not as it should be. */
export type CardFault =
  /** EF06 is refused (6982). */
  | 'refuses'
  /** Records end in the middle. */
  | 'truncated'
  /** The number's last digit is another one. */
  | 'lying'
  /** Answers of bytes that make no sense. */
  | 'garbled';

export interface VirtualCardOptions {
  /** Answers longer than nothing have to be fetched with GET RESPONSE, as over T=0 without a helpful reader. */
  readonly t0?: boolean;
  /** Records are numbered by their tags. */
  readonly byTag?: boolean;
}

/** An answer to reset with T=0 and two historical bytes (ISO/IEC 7816-3). */
export const ATR = Uint8Array.of(0x3b, 0x02, 0x14, 0x50);

const SSSE_NAME = Uint8Array.from(Buffer.from('7378312e73682ec9e7bbe1b1a3d5cf', 'hex'));
const ok = (data: readonly number[] = []): number[] => [...data, 0x90, 0x00];

/** A card as its chip: told a command, gives an answer with its status word. */
export function virtualCard(card: VirtualCard, options: VirtualCardOptions = {}) {
  const { t0 = false, byTag = false } = options;
  let selected: 'nothing' | 'ssse' | 'ef05' | 'ef06' = 'nothing';
  let waiting: number[] | null = null;
  let fault: CardFault | null = null;

  const answer = (command: Uint8Array): number[] => {
    const hex = Buffer.from(command).toString('hex');
    if (fault === 'garbled') return [0xff];
    if (card.kind === 'badge') {
      return hex === Buffer.from(GET_UID).toString('hex') ? ok([...card.uid]) : [0x6d, 0x00];
    }
    if (hex === Buffer.from(selectApplication(SSSE_NAME)).toString('hex')) {
      selected = 'ssse';
      return ok([0x6f, 0x00]);
    }
    if (hex.startsWith('00a40400')) return [0x6a, 0x82];
    if (hex === '00a4020002ef05' || hex === '00a4020002ef06') {
      if (selected === 'nothing') return [0x69, 0x85];
      selected = hex.endsWith('05') ? 'ef05' : 'ef06';
      return selected === 'ef06' && fault === 'refuses' ? [0x69, 0x82] : ok();
    }
    if (hex.startsWith('00b2') && command[3] === 0x04) return readRecord(card, command[2] ?? 0);
    return [0x6d, 0x00];
  };

  const readRecord = (from: VirtualSocialCard, record: number): number[] => {
    if (selected !== 'ef05' && selected !== 'ef06') return [0x69, 0x86];
    const issuer = selected === 'ef05';
    const tag = issuer || byTag ? record : record + TAG.number - 1;
    const data = (issuer ? issuerRecords : holderRecords)(from, fault === 'lying').get(tag);
    if (!data) return [0x6a, 0x83];
    const whole = [tag, data.length, ...data];
    return fault === 'truncated' ? [...whole.slice(0, 4), 0x90, 0x00] : ok(whole);
  };

  return {
    transmit(command: Uint8Array): Uint8Array {
      const isGetResponse = command[1] === 0xc0 && waiting !== null;
      if (isGetResponse && waiting) {
        const due = waiting;
        const wanted = command[4] ?? 0;
        if (wanted !== due.length - 2) return Uint8Array.of(0x6c, due.length - 2);
        waiting = null;
        return Uint8Array.from(due);
      }
      const whole = answer(command);
      if (!t0 || whole.length <= 2) return Uint8Array.from(whole);
      waiting = whole;
      return Uint8Array.of(0x61, whole.length - 2);
    },
    reset() {
      selected = 'nothing';
      waiting = null;
    },
    fault(name: CardFault | null) {
      fault = name;
    },
  };
}

type Records = ReadonlyMap<number, readonly number[]>;
const ascii = (text: string, length: number): number[] => [
  ...Buffer.from(text.padEnd(length, '\0'), 'latin1'),
];
const packed = (digits: string): number[] => [...Buffer.from(digits, 'hex')];

const issuerRecords = (card: VirtualSocialCard): Records =>
  new Map([
    [0x01, packed('11010019990000000000000000000000')],
    [0x02, ascii('1', 1)],
    [0x03, ascii('2.00', 4)],
    [0x04, packed('110100000000000000000000')],
    [TAG.issuedOn, packed('20200102')],
    [TAG.validUntil, packed('20300102')],
    [TAG.cardNumber, ascii(card.cardNumber, 9)],
  ]);

function holderRecords(card: VirtualSocialCard, lying: boolean): Records {
  const last = card.number.at(-1) === '1' ? '2' : '1';
  const number = lying ? card.number.slice(0, -1) + last : card.number;
  const name = new Uint8Array(30);
  name.set(card.name);
  return new Map<number, readonly number[]>([
    [TAG.number, ascii(number, 18)],
    [TAG.name, [...name]],
    [TAG.sex, ascii(card.sex, 1)],
    [TAG.nation, packed(card.nation)],
    [TAG.birthplace, packed(card.birthplace)],
    [TAG.birth, packed(card.birth)],
  ]);
}
