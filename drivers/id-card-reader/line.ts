import type { Clock } from '../device.ts';
import type { Link } from '../transport/index.ts';
import { COMMANDS, type CommandName, encodeRequest, type Reply } from './codec.ts';
import { ReplyReader } from './reply-reader.ts';

/** How one request ended. */
export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** Nothing that answers the request came in time. */
  | { readonly kind: 'silence' }
  /** Something came, but damaged or cut short. */
  | { readonly kind: 'garbled' }
  /** The caller's signal fired. */
  | { readonly kind: 'stopped' };

/** What may differ from request to request. */
export interface RequestOptions {
  /** Instead of the command's own parameter byte: the speed of `setBaudRate`. */
  readonly parameter?: number;
  /** Instead of the command's own patience, milliseconds. */
  readonly timeoutMs?: number;
  /** Called when the request leaves, which earlier ones may delay. */
  readonly onSent?: () => void;
}

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

/** A reader that was switched off owes nothing; one that is behind is behind by a few answers at most. */
const MOST_OWED = 3;
/** Their answers are nothing but a success: one cannot be told from another. */
const ANSWERED_ALIKE: ReadonlySet<CommandName> = new Set(['samStatus', 'resetSam', 'setBaudRate']);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Requests and replies over a link, one at a time. Knows frames and timeouts, not what cards are for. */
export class SdtLine {
  private readonly link: Link;
  private readonly clock: Clock;
  private readonly replies = new ReplyReader();
  private received: (chunk: Uint8Array) => void = () => {};
  private queue: Promise<unknown> = Promise.resolve();
  /**
   * Requests of these names have been given up and may be answered yet. Replies carry no request number, but come in
   * the order of the requests.
   */
  private readonly owed = new Map<CommandName, number>();

  constructor(link: Link, clock: Clock) {
    this.link = link;
    this.clock = clock;
    link.onData((chunk) => {
      this.received(chunk);
      // The parser has its own copy; what stands on a card is not left lying about.
      chunk.fill(0);
    });
  }

  /** Whether anything ever arrived damaged on this line: what it delivers next deserves a second look. */
  get damaged(): boolean {
    return this.replies.damaged;
  }

  /**
   * Sends a request once earlier ones have ended, and waits for its reply, whose data is for the caller to wipe.
   * Replies to other requests are ignored, late ones to an earlier request of the same name among them: while one of
   * those may be under way, the reader's status is asked first, whose answer comes behind it.
   */
  transact(command: CommandName, signal: AbortSignal, options: RequestOptions = {}): Promise<Outcome> {
    const outcome = this.queue.then(() => this.settled(command, signal, options));
    this.queue = outcome;
    return outcome;
  }

  private async settled(
    command: CommandName,
    signal: AbortSignal,
    options: RequestOptions,
  ): Promise<Outcome> {
    if (command !== 'samStatus' && this.owed.has(command)) {
      const synchronised = await this.synchronise(signal);
      if (synchronised.kind !== 'reply') return synchronised;
    }
    // A request that never leaves is owed no answer.
    if (signal.aborted) return { kind: 'stopped' };
    const outcome = await this.exchange(command, signal, options);
    if (outcome.kind === 'reply') {
      // Nothing of this name was owed, so this is its own answer, and all that was asked before has been answered.
      if (!this.owed.has(command)) this.owed.clear();
    } else this.owed.set(command, Math.min(MOST_OWED, (this.owed.get(command) ?? 0) + 1));
    return outcome;
  }

  /** Asks for the status until its answer cannot be one that is owed to an earlier request. */
  private async synchronise(signal: AbortSignal): Promise<Outcome> {
    const alike = [...this.owed].filter(([name]) => ANSWERED_ALIKE.has(name)).map(([, count]) => count);
    let outcome = await this.exchange('samStatus', signal, {});
    for (let left = sum(alike); left > 0 && outcome.kind === 'reply'; left--) {
      outcome = await this.exchange('samStatus', signal, {});
    }
    if (outcome.kind === 'reply') this.owed.clear();
    return outcome;
  }

  private exchange(command: CommandName, signal: AbortSignal, options: RequestOptions): Promise<Outcome> {
    const { replies, clock } = this;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    if (signal.aborted) return Promise.resolve({ kind: 'stopped' });
    replies.begin(command);

    let cancelQuiet = () => {};
    const settle = (outcome: Outcome) => {
      cancelDeadline();
      cancelQuiet();
      signal.removeEventListener('abort', stop);
      this.received = () => {};
      replies.end();
      resolve(outcome);
    };
    const stop = () => settle({ kind: 'stopped' });
    const onQuiet = () => {
      const found = replies.quiet();
      if (found === 'garbled') settle({ kind: 'garbled' });
      else if (found !== null) settle({ kind: 'reply', reply: found });
    };
    const cancelDeadline = clock.after(options.timeoutMs ?? TIMEOUTS[command], () =>
      settle({ kind: 'silence' }),
    );
    signal.addEventListener('abort', stop, { once: true });
    this.received = (chunk) => {
      cancelQuiet();
      const reply = replies.push(chunk);
      if (reply !== null) settle({ kind: 'reply', reply });
      else cancelQuiet = clock.after(QUIET_MS, onQuiet);
    };
    const [byte, parameter] = COMMANDS[command];
    options.onSent?.();
    void this.link.write(encodeRequest(byte, options.parameter ?? parameter));
    return promise;
  }
}
