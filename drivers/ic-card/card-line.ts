import { channel } from '../channel.ts';
import { type Clock, type CommandError, commandError, err, ok, type Result } from '../device.ts';
import {
  encodePcscFrame,
  type Link,
  type PcscFailure,
  type PcscFrame,
  type PcscReader,
  pcscFrameParser,
} from '../transport/index.ts';
import { type CardAnswer, type Dialogue, parseAnswer } from './apdu.ts';

/** A card answers within a second; with what T=0 and slow readers add, milliseconds. */
const ANSWER_MS = 5000;

/** Commands and answers over a link, one at a time. Knows frames and timeouts, not what cards are for. */
export class CardLine {
  private readonly link: Link;
  private readonly clock: Clock;
  private readonly answers = channel<Extract<PcscFrame, { kind: 'answer' | 'failed' }>>();
  private lastId = 0;

  constructor(link: Link, clock: Clock, onReaders: (readers: readonly PcscReader[]) => void) {
    this.link = link;
    this.clock = clock;
    const parse = pcscFrameParser();
    link.onData((chunk) => {
      for (const frame of parse(chunk)) {
        if (frame?.kind === 'readers') onReaders(frame.readers);
        else if (frame?.kind === 'answer' || frame?.kind === 'failed') this.answers.tell(frame);
      }
      // The parser has its own copy; what stands on a card is not left lying about.
      chunk.fill(0);
    });
    void link.write(encodePcscFrame({ kind: 'list' }));
  }

  /** Leads a dialogue with the card in `reader` to its end. `signal` ends it with its reason, a `CommandError`. */
  async lead<T>(
    dialogue: Dialogue<Result<T, CommandError>>,
    reader: string,
    signal: AbortSignal,
  ): Promise<Result<T, CommandError>> {
    let step = dialogue.next();
    try {
      while (!step.done) {
        const answer = await this.transmit(reader, step.value, signal);
        if (!answer.ok) return answer;
        step = dialogue.next(answer.value);
      }
      return step.value;
    } finally {
      // Lets it wipe what it has read so far.
      dialogue.return(err(commandError('canceled', 'canceled', 'the dialogue was broken off')));
    }
  }

  private transmit(
    reader: string,
    command: Uint8Array,
    signal: AbortSignal,
  ): Promise<Result<CardAnswer, CommandError>> {
    this.lastId = (this.lastId % 255) + 1;
    const id = this.lastId;
    return new Promise((resolve) => {
      const settle = (result: Result<CardAnswer, CommandError>) => {
        stop();
        cancel();
        signal.removeEventListener('abort', abort);
        resolve(result);
      };
      const abort = () => settle(err(signal.reason as CommandError));
      const cancel = this.clock.after(ANSWER_MS, () =>
        settle(err(commandError('hardwareError', 'no-answer', `no answer within ${ANSWER_MS} ms`))),
      );
      // An answer to a command that was given up carries another number and is ignored.
      const stop = this.answers.listen((frame) => {
        if (frame.id !== id) return;
        if (frame.kind === 'failed') return settle(err(transmitError(frame.failure)));
        const answer = parseAnswer(frame.bytes);
        frame.bytes.fill(0);
        settle(
          answer ? ok(answer) : err(commandError('hardwareError', 'card-failed', 'an answer was cut short')),
        );
      });
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      void this.link.write(encodePcscFrame({ kind: 'transmit', id, reader, command }));
    });
  }
}

export function transmitError(failure: PcscFailure): CommandError {
  switch (failure) {
    case 'card-removed':
      return commandError(
        'commandErrorCode',
        'card-removed',
        'the card was taken away before it had been read',
      );
    case 'card-mute':
      return commandError(
        'invalidData',
        'card-mute',
        'the card does not answer; it may lie the wrong way round',
      );
    case 'no-reader':
      return commandError('deviceNotReady', 'no-reader', 'the reader is gone');
    case 'failed':
      return commandError('hardwareError', 'card-failed', 'the reader could not speak to the card');
    default:
      return failure satisfies never;
  }
}
