import type { Clock, IcCardReader } from '@huimin/drivers';
import { pause } from './pause.ts';

/** Before a badge that could not be read, or a reader that is not there, is tried again. */
const TRY_AGAIN_MS = 600;

/**
 * Watches a reader of staff badges that are cards, for as long as the kiosk runs: each card laid down is told once, and
 * once more if the reader was lost meanwhile. A badge is known by its number, in capital hexadecimal letters, as the
 * registry of staff writes it.
 */
export function watchBadges(options: {
  readonly reader: Pick<IcCardReader, 'status' | 'onStatus' | 'readUid'>;
  readonly clock: Clock;
  readonly onBadge: (code: string) => void;
}): { close(): Promise<void> } {
  const { reader, clock, onBadge } = options;
  const closing = new AbortController();
  const { signal } = closing;

  const gone = (): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (reader.status.media === 'present' && !signal.aborted) return;
        stop();
        signal.removeEventListener('abort', look);
        resolve();
      };
      const stop = reader.onStatus(look);
      signal.addEventListener('abort', look);
      look();
    });
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const read = await reader.readUid({ signal });
      if (read.ok) {
        onBadge(read.value.uid);
        await gone();
      } else await pause(clock, TRY_AGAIN_MS, signal);
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
