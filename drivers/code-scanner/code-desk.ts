import { channel } from '../channel.ts';
import { watchForEnd } from '../command-end.ts';
import {
  type Clock,
  type CommandError,
  type CommandOptions,
  commandError,
  type DeviceState,
  err,
  ok,
  type Result,
} from '../device.ts';
import { statusDesk } from '../status.ts';
import type { Decoded, ScannedCode } from './code.ts';
import type { CodeScanner, CodeScannerCapabilities, CodeScannerEvent, CodeScannerStatus } from './scanner.ts';

/** Everything of a scanner but where its codes come from. */
export interface CodeDesk {
  readonly scanner: CodeScanner;
  receive(decoded: readonly Decoded[]): void;
  setDevice(device: DeviceState): void;
}

/** `release` gives back what the codes come from; it is called once, when the scanner is closed. */
export function codeDesk(
  clock: Clock,
  capabilities: CodeScannerCapabilities,
  initial: DeviceState,
  release: () => Promise<void>,
): CodeDesk {
  const codes = channel<string>();
  const events = channel<CodeScannerEvent>();
  const status = statusDesk<CodeScannerStatus>({ device: initial });
  let waiting: ((result: Result<ScannedCode, CommandError>) => void) | null = null;
  let closing: Promise<void> | null = null;

  const read = (options: CommandOptions): Promise<Result<ScannedCode, CommandError>> => {
    const canceled = err(commandError('canceled', 'canceled', 'the command was canceled'));
    if (closing || options.signal?.aborted) return Promise.resolve(canceled);
    if (waiting) {
      return Promise.resolve(err(commandError('sequenceError', 'busy', 'another code is being waited for')));
    }
    if (status.current.device !== 'online') return Promise.resolve(unplugged);
    return new Promise((resolve) => {
      const settle = (result: Result<ScannedCode, CommandError>) => {
        stopWatching();
        waiting = null;
        resolve(result);
      };
      const late = commandError('timeOut', 'timed-out', 'nothing was scanned in time');
      const stopWatching = watchForEnd(options, clock, (code) =>
        settle(code === 'canceled' ? canceled : err(late)),
      );
      waiting = settle;
    });
  };

  return {
    scanner: {
      capabilities,
      get status() {
        return status.current;
      },
      onStatus: status.listen,
      onEvent: events.listen,
      onCode: codes.listen,
      read: (options = {}) => read(options),
      close() {
        closing ??= release();
        waiting?.(err(commandError('canceled', 'canceled', 'the scanner was closed')));
        for (const each of [codes, events, status]) each.clear();
        return closing;
      },
    },
    receive(decoded) {
      if (closing) return;
      for (const each of decoded) {
        if (each.kind === 'rejected') events.tell({ name: 'CodeRejected', reason: each.reason });
        else {
          waiting?.(ok(each.code));
          events.tell({ name: 'CodeScanned', code: each.code });
          codes.tell(each.code.text);
        }
      }
    },
    setDevice(device) {
      if (closing) return;
      status.set({ device });
      if (device !== 'online') waiting?.(unplugged);
    },
  };
}

const unplugged = err(commandError('deviceNotReady', 'unplugged', 'the scanner is not connected'));
