import type { Link } from './link.ts';

/** The receiving half every `Link` needs: bytes kept until somebody listens, and an end that is told exactly once. */
export interface LinkEnds extends Pick<Link, 'onData' | 'onClose'> {
  /** Hands a chunk to the listener, or keeps it; ignored after the end. */
  receive(chunk: Uint8Array): void;
  /** Ends the link; every call but the first is ignored (a serial port reports its loss up to three times). */
  end(reason: string): void;
  readonly ended: boolean;
  /** Resolves with the end. */
  readonly whenEnded: Promise<void>;
  /**
   * Settles as `work` does, or resolves with the end of the link if that comes first. Nothing of it is left once it has
   * settled, which a race with `whenEnded` cannot promise: its reactions stay for as long as the link does.
   */
  untilEnded(work: Promise<unknown>): Promise<void>;
}

export function linkEnds(): LinkEnds {
  let listener: ((chunk: Uint8Array) => void) | null = null;
  let backlog: Uint8Array[] = [];
  let reason: string | null = null;
  const closeListeners: ((reason: string) => void)[] = [];
  const untold = new Set<() => void>();
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    receive(chunk) {
      if (reason !== null) return;
      if (listener) listener(chunk);
      else backlog.push(chunk);
    },
    end(why) {
      if (reason !== null) return;
      reason = why;
      for (const tell of closeListeners) tell(why);
      resolve();
      for (const release of untold) release();
      untold.clear();
    },
    onData(next) {
      listener = next;
      const kept = backlog;
      backlog = [];
      for (const chunk of kept) next(chunk);
    },
    onClose(tell) {
      if (reason === null) closeListeners.push(tell);
      else {
        const why = reason;
        queueMicrotask(() => tell(why));
      }
    },
    get ended() {
      return reason !== null;
    },
    whenEnded: promise,
    untilEnded(work) {
      const settled = Promise.withResolvers<void>();
      const forget = (): void => void untold.delete(settled.resolve);
      if (reason === null) untold.add(settled.resolve);
      else settled.resolve();
      work.then(() => settled.resolve(), settled.reject).finally(forget);
      return settled.promise;
    },
  };
}
