import type { Clock } from '../device.ts';
import { type Link, lineTimeMs, pacedWriter } from '../transport/index.ts';
import type { IdCard } from './card.ts';
import {
  BAUD_RATES,
  type BaudRate,
  COMMANDS,
  encodeReply,
  joinPayload,
  LATEST_ADDRESS_BYTES,
  SW3,
} from './codec.ts';
import { FrameParser, SHORTEST_REQUEST } from './frame.ts';
import { encodeRecord } from './record-encode.ts';
import { opaqueBytes } from './simulated-bytes.ts';

/** Faults of the reader itself; being unplugged is the transport's (`startSimulatedIdCardReader`). */
export type SimulatedReaderFault =
  /** The card is found and selected, but reading it fails. */
  | 'unreadable'
  | 'no-answer'
  /** Garbage, false frames among it, before and after every reply. */
  | 'noise'
  /** Every reply comes late, but within the field timeouts. */
  | 'slow'
  /** The security module failed its self-test and accepts no command. */
  | 'sam-failed';

export interface SimulatedReaderOptions {
  /** The device's end of a pseudo-terminal or an in-process pair. */
  readonly link: Link;
  readonly clock: Clock;
  /** Both directions take as long as on a line of the current baud rate. */
  readonly paced: boolean;
  /** What the line starts with; the `60 nn` request changes it. */
  readonly baudRate?: BaudRate;
  /** Whether cards hold a fingerprint (1024 opaque bytes). */
  readonly fingerprint?: boolean;
  /** An address added to the card after it was issued, at most 35 characters. */
  readonly latestAddress?: string;
}

export interface SimulatedReader {
  /** Lays a card on the reader, replacing whatever lies there; null takes it away. */
  place(card: IdCard | null): void;
  fault(name: SimulatedReaderFault | null): void;
  /** What its line is set to now. */
  readonly baudRate: BaudRate;
}

const SLOW_MS = 800;
const PHOTO_BYTES = 1024;
const FINGERPRINT_BYTES = 1024;

/** A reader that speaks the real bytes: reset, status, number, find, select, read, latest address, baud rate. */
export function simulateIdCardReader(options: SimulatedReaderOptions): SimulatedReader {
  const { link, clock, paced, fingerprint = false, latestAddress } = options;
  const parser = new FrameParser(SHORTEST_REQUEST);
  let baudRate: BaudRate = options.baudRate ?? BAUD_RATES[0];
  let output = pacedWriter(link, baudRate, clock);
  let fault: SimulatedReaderFault | null = null;
  let card: IdCard | null = null;
  let selection: 'none' | 'found' | 'selected' = 'none';
  /** A card that was read is not found again before it has left the field. */
  let alreadyRead = false;
  /** Counts what was laid down and taken away, so that a reply under way notices. */
  let placements = 0;
  let noiseSeed = 1;

  const read = (withFingerprint: boolean): Uint8Array => {
    if (!card || selection !== 'selected' || fault === 'unreadable') {
      selection = 'none';
      return encodeReply(SW3.readFailed);
    }
    alreadyRead = true;
    const photo = opaqueBytes(`photo ${card.number}`, PHOTO_BYTES);
    const print = fingerprint ? opaqueBytes(`print ${card.number}`, FINGERPRINT_BYTES) : new Uint8Array(0);
    return encodeReply(SW3.ok, joinPayload(encodeRecord(card), photo, withFingerprint ? print : null));
  };

  const readLatestAddress = (): Uint8Array => {
    if (!card || selection !== 'selected') return encodeReply(SW3.readFailed);
    if (latestAddress === undefined) return encodeReply(SW3.itemAbsent);
    const padded = Buffer.from(latestAddress.padEnd(LATEST_ADDRESS_BYTES / 2), 'utf16le');
    return encodeReply(SW3.ok, padded.subarray(0, LATEST_ADDRESS_BYTES));
  };

  const setBaudRate = (index: number): Uint8Array => {
    const next = BAUD_RATES[index];
    if (next === undefined) return encodeReply(SW3.badCommand);
    baudRate = next;
    return encodeReply(SW3.ok);
  };

  const answer = (command: number, parameter: number): Uint8Array => {
    if (fault === 'sam-failed') return encodeReply(SW3.samSelfTest);
    const is = (name: keyof typeof COMMANDS) =>
      COMMANDS[name][0] === command && COMMANDS[name][1] === parameter;
    if (is('resetSam')) {
      selection = 'none';
      return encodeReply(SW3.ok);
    }
    if (is('samStatus')) return encodeReply(SW3.ok);
    if (is('samId')) return encodeReply(SW3.ok, SAM_ID);
    if (is('findCard')) {
      selection = card && !alreadyRead ? 'found' : 'none';
      return selection === 'found'
        ? encodeReply(SW3.cardFound, new Uint8Array(4))
        : encodeReply(SW3.findFailed);
    }
    if (is('selectCard')) {
      if (!card || selection === 'none') return encodeReply(SW3.selectFailed);
      selection = 'selected';
      return encodeReply(SW3.ok, new Uint8Array(8));
    }
    if (is('readCard')) return read(false);
    if (is('readCardWithFingerprint')) return read(true);
    if (is('readLatestAddress')) return readLatestAddress();
    if (command === COMMANDS.setBaudRate[0]) return setBaudRate(parameter);
    return encodeReply(SW3.badCommand);
  };

  /** Sends a reply; stops in the middle if the card it is being read from leaves. */
  const send = async (reply: Uint8Array, notBefore: number): Promise<void> => {
    const noisy = fault === 'noise';
    const bytes = noisy ? Uint8Array.of(...noise(noiseSeed++), ...reply, ...noise(noiseSeed++)) : reply;
    if (!paced) return link.write(bytes);
    const placement = placements;
    const readsCard = reply.length > LONGEST_WITHOUT_CARD;
    const via = output;
    if (!readsCard) return via.write(bytes, notBefore);
    for (let at = 0; at < bytes.length && placement === placements; at += CARD_SLICE) {
      await via.write(bytes.subarray(at, at + CARD_SLICE), notBefore);
    }
  };

  const handle = (body: Uint8Array, receivedAt: number): void => {
    if (fault === 'no-answer') return;
    const requestedAt = paced ? receivedAt + lineTimeMs(body.length + FRAME_OVERHEAD, baudRate) : receivedAt;
    const before = baudRate;
    const reply = (notBefore: number) => {
      const bytes = answer(body[0] ?? 0, body[1] ?? 0);
      void send(bytes, notBefore);
      // The reply to a change of speed still goes out at the old one.
      if (baudRate !== before) output = pacedWriter(link, baudRate, clock);
    };
    if (fault === 'slow') clock.after(SLOW_MS, () => reply(clock.monotonic()));
    else reply(requestedAt);
  };

  link.onData((chunk) => {
    const receivedAt = clock.monotonic();
    const rejectedBefore = parser.rejected;
    for (const body of parser.push(chunk)) handle(body, receivedAt);
    if (parser.rejected > rejectedBefore && fault !== 'no-answer') {
      void send(encodeReply(SW3.requestChecksum), receivedAt);
    }
  });

  return {
    place(next) {
      card = next;
      selection = 'none';
      alreadyRead = false;
      placements += 1;
    },
    fault(name) {
      fault = name;
    },
    get baudRate() {
      return baudRate;
    },
  };
}

/** Preamble, length and checksum around a body. */
const FRAME_OVERHEAD = 8;
/** A reply longer than this comes from the card; shorter ones are the reader's own. */
const LONGEST_WITHOUT_CARD = 100;
/** How many bytes are on their way before a card's leaving is noticed: about 6 ms at 115200 baud. */
const CARD_SLICE = 64;

/** An invented number of a security module. */
const SAM_ID = Uint8Array.of(5, 0, 3, 0, 0x10, 0x27, 0, 0, 0x39, 0x30, 0, 0, 0x31, 0xd4, 0, 0);

/** Random bytes with a preamble among them that announces a frame of two bytes, which cannot be. */
const noise = (seed: number): Uint8Array =>
  Uint8Array.of(...opaqueBytes(`noise ${seed}`, 40), 0xaa, 0xaa, 0xaa, 0x96, 0x69, 0x00, 0x02, 0x55);
