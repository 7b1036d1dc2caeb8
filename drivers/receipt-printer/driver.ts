/**
 * One receipt printer, for as long as the kiosk runs.
 *
 * A receipt is sent once, as a whole, to a printer that is ready, and counts as printed when the printer has answered
 * the barrier at its end. What is lost in between is `outcome-unknown`; nothing is ever sent again by itself.
 */

import { type Clock, type CommandError, commandError, type Device, err, ok, type Result } from '../device.ts';
import { supervise } from '../supervisor.ts';
import type { Link, Transport } from '../transport/index.ts';
import {
  createDebouncer,
  needsRecovery,
  type ReceiptPrinterStatus,
  sameStatus,
  toStatus,
  unknownStatus,
} from './condition.ts';
import type { ReceiptDocument } from './document.ts';
import { type EncodeError, encodeReceipt, type Rasterise } from './esc-pos.ts';
import { createJob, type Job } from './job.ts';
import {
  createDemultiplexer,
  type PrinterCondition,
  RECOVER_AND_CLEAR,
  RECOVER_AND_CONTINUE,
} from './status.ts';
import { createStatusPoller, type StatusPoller } from './status-poller.ts';
import { createSynchroniser, type Synchroniser } from './synchroniser.ts';

export interface ReceiptPrinterOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter of reconnecting. */
  readonly random: () => number;
  /** Paper width: 48 for 80 mm, 32 for 58 mm. */
  readonly columns: number;
  readonly rasterise?: Rasterise;
  /** Pause between two rounds of status questions, milliseconds. */
  readonly pollIntervalMs?: number;
  /** How long the printer may take to answer one status question, milliseconds. */
  readonly answerTimeoutMs?: number;
  /** How long a printer that says it is fine may take to print a receipt, milliseconds (2 ms a byte are added). */
  readonly barrierTimeoutMs?: number;
}

export interface ReceiptPrinter extends Device<ReceiptPrinterStatus> {
  /**
   * Waits until the printer is ready, sends the receipt, waits until it is printed. Paper out and an open cover are
   * waited for, before and in mid print. Errors (`reason`): `missing-glyph`, `invalid-qr`, `invalid-code128`,
   * `invalid-image` (invalidData); `busy` (sequenceError: another receipt is being printed); `not-sent` (canceled:
   * nothing left the kiosk); `barrier-unanswered` (unsupportedCommand: nothing was sent, the printer would not
   * confirm); `outcome-unknown` (hardwareError, or canceled if aborted after sending): look at the paper.
   */
  print(
    document: ReceiptDocument,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Result<{ readonly kind: 'printed' }, CommandError>>;
}

/** A printer that receives a job over a slow line answers late: only then is silence this long tolerated. */
const SILENCE_WHILE_PRINTING_MS = 15_000;
/** DLE ENQ is repeated while an error lasts: it is refused until the person has cleared the paper path. */
const RECOVER_EVERY_MS = 2_000;

const invalid = (error: EncodeError): CommandError => {
  const detail =
    error.reason === 'missing-glyph'
      ? `no glyph for U+${error.codePoint.toString(16).toUpperCase().padStart(4, '0')}`
      : 'the document holds an element that cannot be printed';
  return commandError('invalidData', error.reason, detail);
};

/** Opens the printer; supervision starts at once and lasts until `close()`. */
export const openReceiptPrinter = (options: ReceiptPrinterOptions): ReceiptPrinter => {
  const { transport, clock, random, columns, rasterise } = options;
  const { pollIntervalMs = 500, answerTimeoutMs = 1_000, barrierTimeoutMs = 60_000 } = options;
  const listeners = new Set<(status: ReceiptPrinterStatus) => void>();
  let status = unknownStatus('starting');
  let line: { link: Link; poller: StatusPoller; sync: Synchroniser } | null = null;
  let job: Job | null = null;
  /** Part of a receipt may stand in the printer or on its paper. */
  let unfinished = false;
  let recoverAgainAt = 0;
  let closed = false;

  const report = (next: ReceiptPrinterStatus): void => {
    if (closed || sameStatus(status, next)) return;
    status = next;
    for (const listener of [...listeners]) listener(next);
  };

  /** Sends the waiting job if everything is ready for it. */
  const proceed = (): void => {
    if (!line || status.device !== 'online') return;
    const { sync, link, poller } = line;
    if (sync.state === 'needed') sync.start(unfinished);
    if (!job || job.sent) return;
    if (sync.state === 'failed') {
      job.finish(
        err(commandError('unsupportedCommand', 'barrier-unanswered', 'the printer does not answer GS r')),
      );
      return;
    }
    if (sync.state !== 'done') return;
    unfinished = true;
    poller.suspend();
    void link.write(job.send()).then(poller.resume);
  };

  const recover = (condition: PrinterCondition): void => {
    if (!line || !needsRecovery(condition) || clock.monotonic() < recoverAgainAt) return;
    recoverAgainAt = clock.monotonic() + RECOVER_EVERY_MS;
    // With a receipt under way its rest must still come out, once. Without one, whatever is left in the buffer is
    // the rest of a receipt that nobody waits for any more: it must not come out in front of the next resident.
    if (job?.sent) void line.link.write(RECOVER_AND_CONTINUE);
    else {
      line.sync.again();
      void line.link.write(RECOVER_AND_CLEAR);
    }
  };

  const onUp = (link: Link): void => {
    const debounce = createDebouncer();
    const demultiplexer = createDemultiplexer();
    const sync = createSynchroniser({
      clock,
      send: (bytes) => void link.write(bytes),
      isReady: () => status.device === 'online',
      onSettled() {
        if (sync.state === 'done') unfinished = false;
        proceed();
      },
    });
    const poller = createStatusPoller({
      clock,
      intervalMs: pollIntervalMs,
      answerTimeoutMs,
      send: (bytes) => void link.write(bytes),
      onRound(condition) {
        const seen = toStatus(condition);
        if (seen.device !== 'online') job?.excuse();
        recover(condition);
        const next = debounce(status, seen);
        if (next) report(next);
        proceed();
      },
      onSilence(sinceMs) {
        if (sinceMs >= (job?.sent ? SILENCE_WHILE_PRINTING_MS : 2 * answerTimeoutMs))
          report(unknownStatus('offline'));
      },
    });
    line = { link, poller, sync };
    link.onData((chunk) => {
      for (const event of demultiplexer.feed(chunk)) {
        if (event.kind === 'real-time') poller.answer(event.byte);
        if (event.kind !== 'barrier') continue;
        if (!job?.sent) {
          sync.answer();
          continue;
        }
        unfinished = false;
        job.finish(ok({ kind: 'printed' }));
      }
    });
  };

  const onDown = (reason: string): void => {
    line?.poller.stop();
    line?.sync.stop();
    line = null;
    report(unknownStatus('noDevice'));
    if (job?.sent)
      job.finish(err(commandError('hardwareError', 'outcome-unknown', `connection lost: ${reason}`)));
  };

  const supervisor = supervise({ transport, clock, random, onUp, onDown });

  return {
    get status() {
      return status;
    },
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    print(document, { signal } = {}) {
      const encoded = encodeReceipt(document, { columns, ...(rasterise ? { rasterise } : {}) });
      if (!encoded.ok) return Promise.resolve(err(invalid(encoded.error)));
      if (job)
        return Promise.resolve(
          err(commandError('sequenceError', 'busy', 'another receipt is being printed')),
        );
      if (closed || signal?.aborted) {
        return Promise.resolve(
          err(commandError('canceled', 'not-sent', 'canceled before anything was sent')),
        );
      }
      const mine = createJob({
        bytes: encoded.value,
        clock,
        barrierTimeoutMs,
        ...(signal ? { signal } : {}),
      });
      job = mine;
      if (line?.sync.state === 'failed') line.sync.again();
      const done = mine.result.then((result) => {
        job = null;
        // The barrier of a receipt given up on may still be answered: no answer counts before that is over.
        if (unfinished) line?.sync.again();
        return result;
      });
      proceed();
      return done;
    },
    async close() {
      if (!closed) {
        job?.cancel('the driver was closed');
        closed = true;
        line?.poller.stop();
        line?.sync.stop();
        listeners.clear();
      }
      await supervisor.close();
    },
  };
};
