import type { CertificatePrinter, Clock, LookedUp } from '@huimin/drivers';
import type { OpenPrint, Store } from '../store/index.ts';
import type { IssueDeps } from './issue.ts';
import { pause } from './pause.ts';

type PageLeftOpen = Pick<OpenPrint, 'entry' | 'visit' | 'document' | 'number' | 'issues' | 'state'>;

export interface SettleDeps extends Pick<IssueDeps, 'live' | 'clock' | 'wake'> {
  readonly store: Pick<Store, 'commit'> & { openPrints(): Promise<readonly PageLeftOpen[]> };
  readonly certificatePrinter: Pick<CertificatePrinter, 'lookup'> | null;
}

/**
 * Settles pages whose fate was open when the kiosk stopped. The certificate printer is asked about its job; what it
 * cannot tell stays `unknown` for a person. Nothing is printed here.
 */
export async function settleOpenPrints(deps: SettleDeps, signal: AbortSignal): Promise<void> {
  for (const page of await deps.store.openPrints()) {
    if (deps.live.has(page.entry)) continue;
    const { entry, visit, document, number, issues } = page;
    const close = (state: 'confirmed' | 'unknown' | 'failed', detail: string): Promise<unknown> =>
      deps.store.commit({
        print: { entry, visit, document, number, state, detail },
        events: [
          ...(issues !== null && state !== 'failed' ? [issues] : []),
          { kind: 'print.recorded', visit, entry, document, number, state, detail },
        ],
      });
    if (document === 'receipt' || deps.certificatePrinter === null) {
      await close('unknown', 'the kiosk stopped while it printed');
      continue;
    }
    const found = await whatBecameOf(deps.certificatePrinter, entry, deps.clock, signal);
    if (found === null) return; // the kiosk is closing; the next start asks again
    if (found === 'delivered') await close('confirmed', 'found delivered after a restart');
    else if (found === 'failed') await close('failed', 'found failed after a restart');
    // It was ended at the printer, say, with the first sheet out: whether it lies in the tray, only a person can see.
    else if (found === 'unknown') await close('unknown', 'ended without success; a sheet may have come out');
    // A printer that lost its memory does not list what it printed: only what was never sent surely failed.
    else if (page.state === 'intent') await close('failed', 'never sent');
    else await close('unknown', 'the printer does not know it after a restart');
    deps.wake();
  }
}

const ASK_AGAIN_MS = 2000;

async function whatBecameOf(
  printer: Pick<CertificatePrinter, 'lookup'>,
  entry: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Exclude<LookedUp, 'active'> | null> {
  while (!signal.aborted) {
    const found = await printer.lookup(entry);
    if (found.ok && found.value !== 'active') return found.value;
    await pause(clock, ASK_AGAIN_MS, signal);
  }
  return null;
}
