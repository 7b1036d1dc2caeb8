import { type Clock, err } from '../device.ts';
import {
  encodePcscFrame,
  type MemoryPeer,
  memoryTransport,
  type PcscFailure,
  type PcscFrame,
  pcscFrameParser,
  sentences,
  type Transport,
} from '../transport/index.ts';
import {
  ATR,
  type CardFault,
  type VirtualCard,
  type VirtualCardOptions,
  virtualCard,
} from './virtual-card.ts';

/** Faults of card, reader and service in the middle of a read. */
export const simulatedIcCardFaults = [
  'refuses',
  'truncated',
  'lying',
  'garbled',
  /** The card does not answer at all. */
  'mute',
  /** The card is taken away at its third command. */
  'removed-in-mid-read',
  /** Every answer comes late, but comes. */
  'slow',
  /** Some answers never come. */
  'no-answer',
  /** Answers to questions nobody asked, and frames that make no sense. */
  'noise',
  /** The reader itself is unplugged; PC/SC stays. */
  'no-reader',
  /** The process that has the readers is gone, and no other can be started. */
  'no-service',
] as const;
export type SimulatedIcCardFault = (typeof simulatedIcCardFaults)[number];

export interface SimulatedIcCardReader {
  /** For `openIcCardReader`; every opening is answered by a process of its own, as it were. */
  readonly transport: Transport;
  /** Lays a card on the reader, replacing whatever lies there; null takes it away. */
  place(card: VirtualCard | null, options?: VirtualCardOptions): void;
  fault(name: SimulatedIcCardFault | null): void;
}

const SLOW_MS = 400;
const NAME = 'Simulated reader 00 00';
const cardFaults: readonly string[] = ['refuses', 'truncated', 'lying', 'garbled'] satisfies CardFault[];
const isCardFault = (name: SimulatedIcCardFault | null): name is CardFault => cardFaults.includes(name ?? '');

/** PC/SC with one reader, in the frames that pass between the driver and the process that has the readers. */
export function simulateIcCardReader({ clock }: { readonly clock: Clock }): SimulatedIcCardReader {
  let peer: MemoryPeer | null = null;
  let chip: ReturnType<typeof virtualCard> | null = null;
  let fault: SimulatedIcCardFault | null = null;
  let commands = 0;

  const send = (frame: PcscFrame): void => {
    if (fault === 'noise') void peer?.write(Uint8Array.of(0x7f, 0, 2, 0xde, 0xad, 0x02, 0, 3, 0, 0x90, 0));
    void peer?.write(encodePcscFrame(frame));
  };
  const tellReaders = (): void => {
    const atr = chip ? Buffer.from(ATR).toString('hex') : null;
    send({ kind: 'readers', readers: fault === 'no-reader' ? [] : [{ name: NAME, atr }] });
  };
  const remove = (): void => {
    chip = null;
    tellReaders();
  };
  const failed = (id: number, failure: PcscFailure): void => send({ kind: 'failed', id, failure });

  const handle = ({ id, command }: Extract<PcscFrame, { kind: 'transmit' }>): void => {
    commands += 1;
    if (fault === 'removed-in-mid-read' && commands % 3 === 0) remove();
    if (fault === 'no-reader') failed(id, 'no-reader');
    else if (!chip) failed(id, 'card-removed');
    else if (fault === 'mute') failed(id, 'card-mute');
    else if (fault !== 'no-answer' || commands % 4 !== 0) {
      const bytes = chip.transmit(command);
      if (fault === 'slow') clock.after(SLOW_MS, () => send({ kind: 'answer', id, bytes }));
      else send({ kind: 'answer', id, bytes });
    }
  };

  const serve = (link: MemoryPeer): void => {
    const parse = pcscFrameParser();
    peer = link;
    link.onData((chunk) => {
      for (const frame of parse(chunk)) {
        if (frame?.kind === 'list') tellReaders();
        if (frame?.kind === 'transmit') handle(frame);
      }
    });
  };

  return {
    transport: {
      name: 'simulated PC/SC',
      async open() {
        if (fault === 'no-service') return err(sentences.noService('PC/SC', 'it is simulated to be gone'));
        const pair = memoryTransport(NAME);
        serve(pair.peer);
        return pair.transport.open();
      },
    },
    place(card, options) {
      if (chip) remove();
      chip = card ? virtualCard(card, options) : null;
      chip?.fault(isCardFault(fault) ? fault : null);
      if (chip) tellReaders();
    },
    fault(name) {
      const readerChanged = (name === 'no-reader') !== (fault === 'no-reader');
      fault = name;
      commands = 0;
      chip?.fault(isCardFault(name) ? name : null);
      if (name === 'no-service') peer?.drop(sentences.crashed('ended (1)'));
      else if (readerChanged) tellReaders();
    },
  };
}
