import type { ToCore } from '../../bridge/index.ts';
import { BurstFilter, batchIdleMs } from './burst.ts';

const activityEveryMs = 1000;

/**
 * Listens to keys and pointers of the whole page: passes keys on to the core for scanners that act as keyboards,
 * keeps a scanner's Enter from pressing what has the focus, moves the focus by the arrow keys, and tells the core
 * at most once a second that somebody is there. Returns what ends it.
 */
export function watchHands(page: Window, send: (message: ToCore) => void): () => void {
  const filter = new BurstFilter();
  let timer: number | undefined;
  let lastActivity = Number.NEGATIVE_INFINITY;

  const active = (): void => {
    const now = page.performance.now();
    if (now - lastActivity < activityEveryMs) return;
    lastActivity = now;
    send({ type: 'activity' });
  };
  const flush = (): void => {
    page.clearTimeout(timer);
    const keys = filter.drain();
    if (keys.length > 0) send({ type: 'keys', keys });
  };
  const keyDown = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && ['+', '-', '=', '0'].includes(event.key)) event.preventDefault();
    if (event.key.length > 20 || event.repeat) return;
    active();
    const scanned = filter.take({ key: event.key, at: event.timeStamp });
    if (scanned) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (filter.complete) flush();
    else {
      page.clearTimeout(timer);
      timer = page.setTimeout(flush, batchIdleMs);
    }
    if (!scanned) moveFocus(page, event);
  };

  page.addEventListener('keydown', keyDown, { capture: true });
  page.addEventListener('pointerdown', active, { capture: true, passive: true });
  return () => {
    page.clearTimeout(timer);
    page.removeEventListener('keydown', keyDown, { capture: true });
    page.removeEventListener('pointerdown', active, { capture: true });
  };
}

/** Arrow keys go to the control before or after, in reading order, inside the dialog when there is one. */
function moveFocus(page: Window, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const { document } = page;
  const within = document.querySelector('[role="alertdialog"]') ?? document;
  const controls = [...within.querySelectorAll<HTMLElement>('button:not(:disabled)')];
  const active = document.activeElement;
  if (controls.length === 0) return;
  const current = active instanceof HTMLElement ? controls.indexOf(active) : -1;
  const next = current < 0 ? (step > 0 ? 0 : controls.length - 1) : current + step;
  controls.at(next % controls.length)?.focus({ preventScroll: true });
  event.preventDefault();
}
