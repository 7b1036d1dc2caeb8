import {
  type CommandName,
  decodeReply,
  LATEST_ADDRESS_BYTES,
  type Reply,
  SAM_ID_BYTES,
  SW3,
} from './codec.ts';
import { FrameParser, SHORTEST_REPLY } from './frame.ts';

/**
 * Finds the reply to one request among the bytes that arrive: noise, damaged frames and replies to other requests are
 * passed over. Does no input or output and knows no time.
 */
export class ReplyReader {
  private readonly parser = new FrameParser(SHORTEST_REPLY);
  private command: CommandName | null = null;
  private rejectedBefore = 0;
  private garbledReplies = 0;

  /** From here on a reply to this command is looked for; what came before is forgotten. */
  begin(command: CommandName): void {
    this.parser.reset();
    this.rejectedBefore = this.parser.rejected;
    this.command = command;
  }

  /** Takes the next bytes; the reply once it is complete, its data for the caller to wipe. */
  push(chunk: Uint8Array): Reply | null {
    return this.command === null ? null : this.take(this.command, this.parser.push(chunk));
  }

  /** Call when the line has gone quiet: the reply may hide behind noise that announced more than came. */
  quiet(): Reply | 'garbled' | null {
    if (this.command === null) return null;
    const hidden = this.take(this.command, this.parser.quiet());
    if (hidden !== null) return hidden;
    if (!this.parser.unfinished && this.parser.rejected === this.rejectedBefore) return null;
    this.garbledReplies += 1;
    return 'garbled';
  }

  /** Nothing is waited for any more; a frame that has begun is forgotten. */
  end(): void {
    this.parser.reset();
    this.command = null;
  }

  /** Whether anything ever arrived damaged or cut short. */
  get damaged(): boolean {
    return this.garbledReplies > 0 || this.parser.rejected > 0;
  }

  private take(command: CommandName, bodies: readonly Uint8Array[]): Reply | null {
    const replies = bodies.map(decodeReply);
    const answer = replies.find((reply) => reply !== null && answers(command, reply)) ?? null;
    for (const reply of replies) if (reply !== answer) reply?.data.fill(0);
    return answer;
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
      return command === 'readLatestAddress' && data.length === 0;
    case SW3.ok:
      if (command === 'selectCard') return data.length === 8;
      if (command === 'samId') return data.length === SAM_ID_BYTES;
      if (command === 'readLatestAddress') return data.length === LATEST_ADDRESS_BYTES;
      if (reading) return data.length > LATEST_ADDRESS_BYTES;
      return command !== 'findCard' && data.length === 0;
    default:
      return true;
  }
}
