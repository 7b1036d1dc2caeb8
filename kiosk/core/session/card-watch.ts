import type { Clock, IdCardReader, IdCardReading } from '@huimin/drivers';
import type { CardProblem } from './context.ts';
import { pause } from './pause.ts';

export interface CardWatch {
  close(): Promise<void>;
}

/** Before a card that could not be read is tried again. */
const TRY_AGAIN_MS = 600;

/**
 * Watches the reader for as long as the kiosk runs: each card laid down is told once, then its removal. A reader that
 * was unplugged is simply tried again when it is back.
 */
export function watchCards(options: {
  readonly reader: Pick<IdCardReader, 'status' | 'readCard' | 'waitForRemoval'>;
  readonly clock: Clock;
  readonly onCard: (reading: IdCardReading) => void;
  readonly onRemoved: () => void;
  readonly onProblem: (problem: CardProblem) => void;
}): CardWatch {
  const { reader, clock, onCard, onRemoved, onProblem } = options;
  const closing = new AbortController();
  const { signal } = closing;

  /** Apart from the loop, whose frame would keep the reading alive until the next card. */
  const tellOfCard = async (): Promise<'told' | 'not-read'> => {
    const read = await reader.readCard({ signal });
    if (read.ok) {
      onCard(read.value);
      return 'told';
    }
    const problem = problemOf(read.error.reason);
    if (problem !== null) onProblem(problem);
    return 'not-read';
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      if ((await tellOfCard()) === 'not-read') {
        if (!signal.aborted) await pause(clock, TRY_AGAIN_MS, signal);
        continue;
      }
      let removed = await reader.waitForRemoval({ signal });
      // An unplugged reader cannot tell; when it is back, the card is looked for again.
      while (!removed.ok && !signal.aborted) {
        await pause(clock, TRY_AGAIN_MS, signal);
        removed = reader.status.device === 'online' ? await reader.waitForRemoval({ signal }) : removed;
      }
      if (!signal.aborted) onRemoved();
    }
  };
  const running = run();
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

function problemOf(reason: string): CardProblem {
  switch (reason) {
    case 'card-removed':
      return 'removed';
    case 'card-unreadable':
    case 'unrecognised-card':
    case 'check-digit':
    case 'bad-record':
      return 'unreadable';
    default:
      return null; // the reader's own trouble: its status says so
  }
}
