import type { Carrier, ToCore, ToScreen } from '../../bridge/index.ts';
import { toScreenSchema } from '../../bridge/index.ts';

/** Milliseconds to wait before the given attempt (0 the first): doubling, capped at 5 s. */
export function backoff(attempt: number): number {
  return Math.min(5000, 250 * 2 ** Math.min(attempt, 10));
}

/** What the link tells the page. */
export interface LinkEvents {
  onOpen(): void;
  /** A message that is what it should be; anything else is dropped. */
  onMessage(message: ToScreen): void;
  onClose(): void;
}

/** The text as a message of the core, or null when it is not one. */
export function readMessage(text: string): ToScreen | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = toScreenSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** One way to the core at a time, whatever carries it. */
export class Link {
  readonly #events: LinkEvents;
  #carrier: Carrier | null = null;

  constructor(events: LinkEvents) {
    this.#events = events;
  }

  /** Takes a carrier into use and puts the former one away. */
  adopt(carrier: Carrier): void {
    const former = this.#carrier;
    this.#carrier = carrier;
    former?.close();
    carrier.onMessage((text) => {
      if (this.#carrier !== carrier) return;
      const message = readMessage(text);
      if (message !== null) this.#events.onMessage(message);
    });
    carrier.onClose(() => {
      if (this.#carrier !== carrier) return;
      this.#carrier = null;
      this.#events.onClose();
    });
    this.#events.onOpen();
  }

  /** Sends when there is a way to send: a press on a page without the core is simply nothing. */
  send(message: ToCore): void {
    this.#carrier?.send(JSON.stringify(message));
  }
}

/**
 * Dials until the carrier opens, and again whenever it closes, with capped backoff.
 * `renew` runs before every attempt but the first: a core that was started again wants a new session cookie.
 */
export async function keepDialling(
  link: Link,
  dial: () => Promise<Carrier>,
  renew: () => Promise<unknown>,
  wait: (ms: number) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let attempt = 0;
  let first = true;
  while (!signal.aborted) {
    try {
      if (!first) await renew();
      first = false;
      const carrier = await dial();
      attempt = 0;
      const closed = new Promise<void>((resolve) => carrier.onClose(resolve));
      link.adopt(carrier);
      await closed;
    } catch {
      // The core is not there yet: the page says so calmly and tries again.
    }
    await wait(backoff(attempt++));
  }
}
