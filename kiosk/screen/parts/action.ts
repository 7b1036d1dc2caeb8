import type { Intent } from '../../bridge/index.ts';

/** The fixed name of an intent, as it stands in `data-action`. Null for what no control does. */
export function actionName(intent: Intent): string | null {
  switch (intent.do) {
    case 'group':
    case 'service':
      return `${intent.do}:${intent.id}`;
    case 'answer':
      return `answer:${intent.value}`;
    case 'change':
      return `change:${intent.field}`;
    case 'digit':
      return `digit:${intent.digit}`;
    case 'rate':
      return `rate:${intent.rating}`;
    case 'language':
      return `language:${intent.language}`;
    case 'frame':
    case 'camera-failed':
      return null;
    default:
      return intent.do;
  }
}

/** Presses of the same control on the same page closer than this are one press. */
const doublePressMs = 450;

/**
 * Makes double presses harmless. Digits are not guarded: a PIN may have the same digit twice in a row, and the core
 * counts them anyway.
 */
export class DoublePressGuard {
  #last = '';
  #at = Number.NEGATIVE_INFINITY;

  /** True when the intent is a new one, at `now` milliseconds. */
  passes(page: number, intent: Intent, now: number): boolean {
    const name = `${page} ${actionName(intent) ?? intent.do}`;
    const again = name === this.#last && now - this.#at < doublePressMs;
    this.#last = name;
    this.#at = now;
    return !again || intent.do === 'digit' || intent.do === 'erase';
  }
}
