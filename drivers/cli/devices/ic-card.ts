import { err, ok } from '../../device.ts';
import {
  type IcCardReader,
  type IcCardTask,
  icCardChecks,
  icCardRedaction,
  openIcCardReader,
  type SimulatedIcCardReader,
  simulateIcCardReader,
  type VirtualCard,
} from '../../ic-card/index.ts';
import { checkDigit } from '../../id-card-reader/index.ts';
import { recordingTransport } from '../../recording/index.ts';
import type { Transport } from '../../transport/index.ts';
import type { World } from '../world.ts';
import {
  bound,
  type ClassModule,
  elsewhere,
  type Finding,
  missing,
  type Request,
  type Suite,
  simulated,
  spoken,
} from './found.ts';

const first17 = '99999919500228002';
/** An invented person's card: 999999 is no region. */
const SOCIAL_CARD: VirtualCard = {
  kind: 'social',
  number: first17 + checkDigit(first17),
  // 虚构 in GB 18030, as on the chip.
  name: Uint8Array.of(0xd0, 0xe9, 0xb9, 0xb9),
  sex: '2',
  nation: '01',
  birth: '19500228',
  birthplace: '999999',
  cardNumber: 'X00000001',
};
const BADGE: VirtualCard = { kind: 'badge', uid: Uint8Array.of(0x04, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6) };

async function find(request: Request, world: World): Finding<IcCardReader> {
  const { place, record } = request;
  const { clock, random } = world;
  const at = (transport?: Transport) => {
    const open = () =>
      openIcCardReader({
        ...place.settings,
        ...spoken(place, 'pcsc'),
        ...(place.label === undefined ? {} : { reader: place.label }),
        ...(transport === undefined ? {} : { transport: recorded(transport, request, world) }),
        clock,
        random,
      });
    const checks: Suite = (hands) => bound(icCardChecks, { open, hands, clock });
    return { open, checks };
  };
  if (place.simulated) {
    const reader = simulateIcCardReader({ clock });
    const hands = async (task: string): Promise<boolean> => doTask(reader, task);
    return ok(
      simulated({ where: 'a simulated reader', ...at(reader.transport), hands, end: async () => {} }),
    );
  }
  if (record !== undefined)
    return err(missing('a PC/SC reader has no line of ours to record; --simulated has'));
  const { open, checks } = at();
  return ok(elsewhere(place.label === undefined ? 'PC/SC' : `PC/SC reader ${place.label}`, open, checks));
}

function recorded(transport: Transport, { record }: Request, { clock }: World): Transport {
  if (record === undefined) return transport;
  return recordingTransport(transport, { device: 'ic-card', redact: icCardRedaction, clock, sink: record });
}

function doTask(reader: SimulatedIcCardReader, task: string): boolean {
  switch (task as IcCardTask | 'unplug' | 'plug-in') {
    case 'place-social-card':
      reader.place(SOCIAL_CARD);
      return true;
    case 'place-badge':
      reader.place(BADGE);
      return true;
    case 'remove-card':
      reader.place(null);
      return true;
    case 'unplug':
      reader.fault('no-reader');
      return true;
    case 'plug-in':
      reader.fault(null);
      return true;
    default:
      return false;
  }
}

export const icCard: ClassModule<IcCardReader> = { find };
