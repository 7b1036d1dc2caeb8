import {
  type Clock,
  type CommandError,
  commandError,
  type DeviceState,
  err,
  ok,
  type Result,
} from '../device.ts';

interface Watched<Status> {
  readonly status: Status;
  onStatus(listener: (status: Status) => void): () => void;
}

export interface UntilOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** The first status that is wanted. Errors: `timed-out`, `canceled`. */
export function until<Status>(
  device: Watched<Status>,
  wanted: (status: Status) => boolean,
  { clock, signal, timeoutMs }: UntilOptions,
): Promise<Result<Status, CommandError>> {
  return new Promise((resolve) => {
    const end = (result: Result<Status, CommandError>): void => {
      stop();
      cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const onAbort = (): void => end(err(commandError('canceled', 'canceled', 'interrupted')));
    const stop = device.onStatus((status) => {
      if (wanted(status)) end(ok(status));
    });
    const cancel = clock.after(timeoutMs, () =>
      end(err(commandError('timeOut', 'timed-out', `nothing changed within ${timeoutMs / 1000} s`))),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (wanted(device.status)) end(ok(device.status));
  });
}

type HasDevice = { readonly device: DeviceState };

/** A port that another program has just closed, or a network printer that serves one host at a time, needs a moment. */
const GRACE_MS = 1000;

/**
 * The first status that says whether the device is there: it answers, or its port cannot be opened, or is open and
 * nobody answers. A port that cannot be opened is given a moment.
 */
export async function settled<Status extends HasDevice>(
  device: Watched<Status>,
  options: UntilOptions,
): Promise<Result<Status, CommandError>> {
  const first = await until(device, (status) => status.device !== 'starting', options);
  if (!first.ok || first.value.device !== 'noDevice') return first;
  const there = ({ device: state }: Status): boolean => state !== 'noDevice' && state !== 'starting';
  const second = await until(device, there, { ...options, timeoutMs: Math.min(GRACE_MS, options.timeoutMs) });
  return second.ok || second.error.code === 'canceled' ? second : first;
}
