import type { Clock } from '../device.ts';
import type { Link } from '../transport/index.ts';
import { COMMANDS, type CommandName, decodeReply, encodeRequest, type Reply, SW3 } from './codec.ts';
import { FrameParser, SHORTEST_REPLY } from './frame.ts';

/** How one request ended. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** Nothing that answers the request came in time. */
  | { readonly kind: 'silence' }
  /** Something came, but damaged or cut short. */
  | { readonly kind: 'garbled' }
  /** The caller's signal fired. */
  | { readonly kind: 'stopped' };

/** How long the reader may take, milliseconds (field values; the last byte has to be there by then). */
const TIMEOUTS: Record<CommandName, number> = {
  resetSam: 1000,
  samStatus: 1000,
  samId: 1000,
  findCard: 1000,
  selectCard: 1000,
  readCard: 3000,
  readCardWithFingerprint: 5000,
  readLatestAddress: 3000,
  setBaudRate: 1000,
};

/** A reader sends a reply without pauses; after this much silence a begun frame is a damaged one. */
const QUIET_MS = 150;

/** Requests and replies over a link, one at a time. Knows frames and timeouts, not what cards are for. */
export class SdtLine {
  private readonly link: Link;
  private readonly clock: Clock;
  private readonly parser = new FrameParser(SHORTEST_REPLY);
  private received: (chunk: Uint8Array) => void = () => {};
  private queue: Promise<unknown> = Promise.resolve();

  constructor(link: Link, clock: Clock) {
    this.link = link;
    this.clock = clock;
    link.onData((chunk) => {
      this.received(chunk);
      // The parser has its own copy; what stands on a card is not left lying about.
      chunk.fill(0);
    });
  }

  /**
   * Sends a request once earlier ones have ended, and waits for its reply, whose data is for the caller to wipe.
   * Replies to other requests are ignored.
   */
  transact(command: CommandName, signal: AbortSignal): Promise<Outcome> {
    const outcome = this.queue.then(() => this.exchange(command, signal));
    this.queue = outcome;
    return outcome;
  }

  private exchange(command: CommandName, signal: AbortSignal): Promise<Outcome> {
    const { parser, clock } = this;
    parser.reset();
    const rejectedBefore = parser.rejected;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    if (signal.aborted) return Promise.resolve({ kind: 'stopped' });

    let cancelQuiet = () => {};
    const settle = (outcome: Outcome) => {
      cancelDeadline();
      cancelQuiet();
      signal.removeEventListener('abort', stop);
      this.received = () => {};
      parser.reset();
      resolve(outcome);
    };
    const stop = () => settle({ kind: 'stopped' });
    const take = (bodies: Uint8Array[]): boolean => {
      const replies = bodies.map(decodeReply);
      const answer = replies.find((reply) => reply !== null && answers(command, reply)) ?? null;
      for (const reply of replies) if (reply !== answer) reply?.data.fill(0);
      if (answer) settle({ kind: 'reply', reply: answer });
      return answer !== null;
    };
    const onQuiet = () => {
      if (take(parser.quiet())) return;
      if (parser.unfinished || parser.rejected > rejectedBefore) settle({ kind: 'garbled' });
    };
    const cancelDeadline = clock.after(TIMEOUTS[command], () => settle({ kind: 'silence' }));
    signal.addEventListener('abort', stop, { once: true });
    this.received = (chunk) => {
      cancelQuiet();
      if (!take(parser.push(chunk))) cancelQuiet = clock.after(QUIET_MS, onQuiet);
    };
    const [byte, parameter] = COMMANDS[command];
    void this.link.write(encodeRequest(byte, parameter));
    return promise;
  }
}

/**
 * Whether a reply can be this command's. Replies carry no request number, so one that comes too late must not be
 * taken for the next request's: some status bytes belong to one command only, and success is told by its size.
 */
function answers(command: CommandName, { sw3, data }: Reply): boolean {
  const reading = command === 'readCard' || command === 'readCardWithFingerprint';
  switch (sw3) {
    case SW3.cardFound:
    case SW3.findFailed:
      return command === 'findCard';
    case SW3.selectFailed:
      return command === 'selectCard';
    case SW3.readFailed:
      return reading || command === 'readLatestAddress';
    case SW3.itemAbsent:
      return command === 'readLatestAddress';
    case SW3.ok:
      if (command === 'selectCard') return data.length === 8;
      if (command === 'samId') return data.length === 16;
      if (command === 'readLatestAddress') return data.length === 70;
      if (reading) return data.length > 70;
      return command !== 'findCard' && data.length === 0;
    default:
      return true;
  }
}
