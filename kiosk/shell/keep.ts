import { nextDelay } from './backoff.ts';
import { type Member, within } from './family.ts';
import type { Messages } from './messages.ts';

/** A part of the kiosk that is started again when it ends. */
export interface Part {
  readonly name: string;
  /** How long it may take to be ready. */
  readonly readySeconds: number;
  readonly start: () => Member;
}

/** What keeping needs of the world; times in ms. */
export interface KeepWorld {
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
  /** True once everything is being ended. */
  readonly closed: () => boolean;
  readonly tell: (line: string) => void;
  readonly say: Pick<Messages, 'startsAgain' | 'keepsEnding' | 'neverReady'>;
}

const MOST_CRASHES = 5;
const WITHIN_MS = 60_000;
/** Ctrl+C reaches the children too (Windows): before an end is a crash, there is this long to hear of it. */
const HEAR_MS = 200;

/**
 * Keeps a part running that has been ready: it starts again after one second, then two, up to thirty. Resolves with a
 * sentence when that is no use (the fifth end within a minute, or a start that leads nowhere); with undefined once
 * everything is being ended.
 */
export async function keepRunning(
  part: Part,
  first: Member,
  { now, wait, closed, tell, say }: KeepWorld,
): Promise<string | undefined> {
  let member = first;
  let startedAt = now();
  let delay: number | undefined;
  let crashes: readonly number[] = [];
  for (;;) {
    const { how } = await member.ended;
    const at = now();
    await wait(HEAR_MS);
    if (closed()) return undefined;
    crashes = [...crashes.filter((crash) => at - crash < WITHIN_MS), at];
    if (crashes.length >= MOST_CRASHES) return say.keepsEnding(part.name, how, MOST_CRASHES);
    delay = nextDelay(delay, at - startedAt);
    tell(say.startsAgain(part.name, how, delay));
    await wait(delay * 1000);
    if (closed()) return undefined;
    startedAt = now();
    member = part.start();
    const outcome = await within(part.readySeconds * 1000, Promise.race([member.ready, member.ended]));
    if (outcome === undefined) return say.neverReady(part.name, part.readySeconds);
  }
}
