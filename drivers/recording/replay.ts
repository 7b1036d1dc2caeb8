import { err, ok } from '../device.ts';
import { type Link, linkEnds, type Transport } from '../transport/index.ts';
import type { Recording, RecordingEvent } from './format.ts';
import { sentenceOf } from './reasons.ts';
import type { Redaction } from './record.ts';
import { keepAll } from './redaction.ts';

export interface Replay {
  /** Answers as the recorded device did, as fast as it is asked: what follows on an output comes when that is written. */
  readonly transport: Transport;
  /**
   * The first thing the driver did otherwise than was recorded, or null. What it does after the recording's last event
   * is no such thing: a driver that asks again and again outlives every recording. It finds the port lost then.
   */
  readonly divergence: string | null;
  /** How many events of the recording have not been played. */
  readonly left: number;
}

export interface ReplayOptions {
  /**
   * The class's redaction, when the session was recorded with one: what the driver writes now is redacted like what it
   * wrote then, before the two are compared. Made anew for every opening, as in recording. What a redaction gives only at
   * the end of a session is compared when the driver closes the link.
   */
  readonly redact?: (() => Pick<Redaction, 'output'>) | undefined;
}

const OVER = 'lost: the recording is over';

/**
 * A transport that plays a recording. The times of a recording are not replayed: a test does not wait. The same calls
 * in the same order always have the same outcome, however what is written is cut into chunks.
 */
export function replayTransport({ header, events }: Recording, options: ReplayOptions = {}): Replay {
  const { redact = () => ({ output: keepAll() }) } = options;
  let at = 0;
  let divergence: string | null = null;

  const diverge = (what: string): void => {
    divergence ??= `event ${at + 1}: ${what}`;
  };
  const next = (): RecordingEvent | undefined => events[at];

  const transport: Transport = {
    name: `recording of ${header.device}`,
    async open() {
      const event = next();
      if (event === undefined) return err(OVER);
      if (event.kind !== 'open' && event.kind !== 'refused') {
        diverge(`the port is opened, but recorded is "${event.kind}"`);
        return err('the recording diverges');
      }
      at += 1;
      return event.kind === 'open' ? ok(replayLink()) : err(sentenceOf(event.reason));
    },
  };

  function replayLink(): Link {
    const ends = linkEnds();
    const { output } = redact();
    let written = new Uint8Array(0);
    /** How much of the next output has been written already. */
    let matched = 0;
    let isPlaying = false;

    /** Plays what the device did, up to the next thing that the driver has to do. */
    const play = (): void => {
      if (isPlaying) return;
      isPlaying = true;
      while (!ends.ended && step());
      isPlaying = false;
    };
    const step = (): boolean => {
      const event = next();
      switch (event?.kind) {
        case 'in':
          at += 1;
          ends.receive(Uint8Array.from(Buffer.from(event.hex, 'hex')));
          return true;
        case 'out':
          return compare(event.hex);
        case 'close':
          // Closed by the driver: it will do so again.
          if (event.reason === 'closed') return refuse('the driver writes, but recorded is "close"');
          at += 1;
          ends.end(sentenceOf(event.reason));
          return false;
        case 'open':
        case 'refused':
          return refuse(`the driver writes, but recorded is "${event.kind}"`);
        case undefined:
          if (written.length > 0) ends.end(OVER);
          return false;
        default:
          return event satisfies never;
      }
    };
    /** Takes what has been written for the next output; false when more must be written first. */
    const compare = (hex: string): boolean => {
      const recorded = Buffer.from(hex, 'hex');
      const size = Math.min(written.length, recorded.length - matched);
      if (!written.subarray(0, size).every((byte, i) => byte === recorded[matched + i]))
        return refuse('the driver writes something else than was recorded');
      written = written.subarray(size);
      matched += size;
      if (matched < recorded.length) return false;
      matched = 0;
      at += 1;
      return true;
    };
    /** Ends the replay if anything was written that cannot be right. */
    const refuse = (what: string): false => {
      if (written.length > 0) {
        diverge(what);
        ends.end('the recording diverges');
      }
      return false;
    };

    const take = (chunks: readonly Uint8Array[]): void => {
      for (const chunk of chunks) written = Uint8Array.from([...written, ...chunk]);
    };

    // Behind the caller's own turn, as on a wire.
    queueMicrotask(play);
    return {
      async write(bytes) {
        if (ends.ended) return;
        // A copy: the redaction may hold bytes back, and the driver may wipe what it has done with.
        take(output.push(new Uint8Array(bytes)));
        queueMicrotask(play);
      },
      onData: ends.onData,
      onClose: ends.onClose,
      async close() {
        if (ends.ended) return;
        take(output.end());
        if (written.length > 0) play();
        if (ends.ended) return;
        // What the device would still have said is heard by nobody.
        const rest = events.slice(at);
        const end = rest.findIndex(({ kind }) => kind !== 'in');
        if (rest[end]?.kind === 'close') at += end + 1;
        ends.end('closed');
      },
    };
  }

  return {
    transport,
    get divergence() {
      return divergence;
    },
    get left() {
      return events.length - at;
    },
  };
}
