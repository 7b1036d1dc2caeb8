/**
 * One receipt printer, for as long as the kiosk runs.
 *
 * A receipt is sent once, as a whole, to a printer that is ready, and counts as printed when the printer has answered
 * the barrier at its end and then says that nothing is wrong. What is lost in between is `outcome-unknown`; nothing is
 * ever sent again by itself.
 */

import { channel } from '../channel.ts';
import { parseConfig } from '../config.ts';
import {
  type CommandError,
  type CommandOptions,
  commandError,
  type Device,
  type DriverOptions,
  err,
  ok,
  type Result,
  systemClock,
} from '../device.ts';
import { supervise } from '../supervisor.ts';
import { type Link, type PortListing, transportOf } from '../transport/index.ts';
import { autoPort } from './auto-port.ts';
import {
  createDebouncer,
  needsRecovery,
  type ReceiptPrinterStatus,
  sameStatus,
  toStatus,
  unknownStatus,
} from './condition.ts';
import { type ReceiptPrinterConfig, receiptPrinterConfigSchema } from './config.ts';
import { DOTS_PER_COLUMN, type EncodeError, type Rasterise, type ReceiptDocument } from './document/index.ts';
import { encodeReceipt, type PrinterCondition } from './esc-pos/index.ts';
import { createJob, type Job, type JobResult, outcomeUnknown } from './job.ts';
import { type Line, openLine } from './line.ts';
import { paperEvent, type ReceiptPrinterCapabilities, type ReceiptPrinterEvent } from './report.ts';

export type ReceiptPrinterOptions = ReceiptPrinterConfig &
  DriverOptions & {
    /** Draws characters that the printer's own font lacks, e.g. `fontRasteriser()`; without it they are refused. */
    readonly rasterise?: Rasterise;
    /** How `transport: 'auto'` learns which ports there are; the machine's own unless told. */
    readonly listPorts?: () => Promise<PortListing>;
  };

export interface ReceiptPrinter
  extends Device<ReceiptPrinterStatus, ReceiptPrinterCapabilities, ReceiptPrinterEvent> {
  /**
   * Waits until the printer is ready, sends the receipt, waits until it is printed. Paper out and an open cover are
   * waited for, before and in mid print. Errors (`reason`): `missing-glyph`, `invalid-qr`, `invalid-code128`,
   * `invalid-image` (invalidData); `busy` (sequenceError: another command is being carried out); `not-sent` (canceled
   * or timeOut: nothing left the kiosk); `barrier-unanswered` (unsupportedCommand: nothing was sent, the printer would
   * not confirm); `outcome-unknown` (hardwareError, or canceled or timeOut after sending): look at the paper. A printer
   * configured with `confirms: false` never does better than `outcome-unknown` (unsupportedCommand).
   */
  print(
    document: ReceiptDocument,
    options?: CommandOptions,
  ): Promise<Result<{ readonly kind: 'printed' }, CommandError>>;
  /** Cuts the paper off, with whatever stands on it. Errors as for `print`. */
  cut(options?: CommandOptions): Promise<Result<{ readonly kind: 'cut' }, CommandError>>;
  /**
   * XFS4IoT `Printer.Reset`: out of any error, nothing left in the printer's buffer (thrown away after an error, else
   * printed), what is on the paper cut off. Waits until the printer is ready. Errors: `busy`, `not-sent` (not reset),
   * `barrier-unanswered`.
   */
  reset(options?: CommandOptions): Promise<Result<{ readonly kind: 'reset' }, CommandError>>;
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
const busy = commandError('sequenceError', 'busy', 'another command is being carried out');
const unconfirmed = commandError(
  'unsupportedCommand',
  'outcome-unknown',
  'sent; this printer is configured as one that confirms nothing',
);
const unanswered = commandError(
  'unsupportedCommand',
  'barrier-unanswered',
  'the printer does not answer GS r',
);

/** Opens the printer; supervision starts at once and lasts until `close()`. Throws a `ConfigError`. */
export const openReceiptPrinter = (options: ReceiptPrinterOptions): ReceiptPrinter => {
  const {
    clock = systemClock,
    random = Math.random,
    startPortHost,
    listPorts: list,
    rasterise,
    ...config
  } = options;
  const settings = parseConfig('the receipt printer', receiptPrinterConfigSchema, config);
  const { columns, asksStatus, answerTimeoutMs, barrierTimeoutMs } = settings;
  const encoding = { columns, dotsPerLine: settings.dotsPerLine ?? columns * DOTS_PER_COLUMN };
  const statuses = channel<ReceiptPrinterStatus>();
  const events = channel<ReceiptPrinterEvent>();
  let status = unknownStatus('starting');
  let capabilities: ReceiptPrinterCapabilities = {
    columns,
    dots: encoding.dotsPerLine,
    codes: ['qr', 'code128'],
    cuts: ['partial', 'full'],
    asksStatus,
    confirms: settings.confirms ? null : false,
    nearEndSensor: null,
    model: settings.model ?? null,
  };
  let knownPaper = status.paper;
  let line: Line | null = null;
  let job: Job | null = null;
  /** Part of a receipt may stand in the printer or on its paper. */
  let unfinished = false;
  let recoverAgainAt = 0;
  let printedJobs = 0;
  let closed = false;

  const learn = (more: Partial<ReceiptPrinterCapabilities>): void => {
    capabilities = { ...capabilities, ...more };
  };

  const report = (next: ReceiptPrinterStatus): void => {
    if (closed || sameStatus(status, next)) return;
    status = next;
    const event = paperEvent(knownPaper, next.paper);
    if (next.paper !== 'unknown' && next.paper !== 'jammed') knownPaper = next.paper;
    if (next.paper === 'low') learn({ nearEndSensor: true });
    statuses.tell(next);
    if (event) events.tell(event);
  };

  const sendJob = async (to: Line, mine: Job, bytes: Uint8Array): Promise<void> => {
    unfinished = true;
    mine.markSent();
    await to.send(bytes);
    if (settings.confirms || mine.finished) return;
    unfinished = false;
    mine.fail(unconfirmed);
  };

  /** Does what the waiting command needs next, if everything is ready for it. */
  const proceed = (): void => {
    if (!line || status.device !== 'online') return;
    if (line.state === 'needed') line.synchronise(unfinished);
    if (!job || job.sent || job.finished) return;
    if (line.state === 'failed') job.fail(unanswered);
    if (line.state !== 'done') return;
    if (job.bytes === null) job.succeed();
    else void sendJob(line, job, job.bytes);
  };

  const isPrinting = (): boolean => job?.sent === true && !job.finished;

  const recover = (condition: PrinterCondition): void => {
    if (!line || !needsRecovery(condition) || clock.monotonic() < recoverAgainAt) return;
    recoverAgainAt = clock.monotonic() + RECOVER_EVERY_MS;
    // With a receipt under way its rest must still come out, once. Without one, whatever is left in the buffer is
    // the rest of a receipt that nobody waits for any more: it must not come out in front of the next resident.
    line.recover(isPrinting() ? 'continue' : 'clear');
  };

  const confirmed = (condition: PrinterCondition | null): boolean => {
    if (!isPrinting()) return true;
    const said = condition === null ? 'online' : toStatus(condition).device;
    // Off line without a cause is somebody at the feed button, for a moment, and a hot head cools down: the next round
    // decides.
    if (said === 'offline' || said === 'deviceBusy') return false;
    if (said === 'online') {
      unfinished = false;
      job?.succeed();
    } else {
      // A printer that confirms while it says that it cannot print has not looked: its word proves nothing.
      job?.fail(outcomeUnknown('the printer confirmed the receipt while it reported trouble'));
    }
    return true;
  };

  const onUp = (link: Link): void => {
    const debounce = createDebouncer();
    const opened = openLine({
      link,
      clock,
      settings,
      isReady: () => status.device === 'online',
      isPrinting,
      onCondition(condition) {
        const seen = toStatus(condition);
        if (seen.device !== 'online') job?.excuse();
        recover(condition);
        // What is said only once, when it changes, cannot be waited for to be said again.
        const next = asksStatus ? debounce(status, seen) : seen;
        if (next) report(next);
        proceed();
      },
      onSilence(sinceMs) {
        if (sinceMs >= (job?.sent ? SILENCE_WHILE_PRINTING_MS : 2 * answerTimeoutMs))
          report(unknownStatus('offline'));
      },
      onSettled() {
        const settled = opened.state;
        if (settled === 'done') unfinished = false;
        if (settled === 'done' || settled === 'failed') {
          learn({ confirms: settings.confirms && settled === 'done' });
        }
        proceed();
      },
      onConfirmed: confirmed,
      onDoubt() {
        if (isPrinting()) job?.fail(outcomeUnknown('what the printer answered cannot be told from noise'));
      },
      onModel: (model) => learn({ model }),
    });
    line = opened;
    if (asksStatus) return;
    report(unknownStatus('online'));
    proceed();
  };

  const onDown = (reason: string): void => {
    line?.stop();
    line = null;
    if (!settings.confirms) unfinished = true;
    report(unknownStatus('noDevice'));
    if (job?.sent) job.fail(outcomeUnknown(`connection lost: ${reason}`));
  };

  const { transport, stop: stopSearch } =
    settings.transport === 'auto'
      ? autoPort({ clock, startPortHost, list, exclude: settings.exclude })
      : { transport: transportOf(settings.transport, { clock, startPortHost }), stop: () => {} };
  const supervisor = supervise({ transport, clock, random, onUp, onDown });

  /** One command from its start to its end; `bytes` null for a reset. */
  const command = async (bytes: Uint8Array | null, commandOptions: CommandOptions): Promise<JobResult> => {
    if (job) return err(busy);
    if (closed || commandOptions.signal?.aborted) {
      return err(commandError('canceled', 'not-sent', 'canceled before anything was sent'));
    }
    const isExcused = (): boolean => ['userError', 'hardwareError', 'deviceBusy'].includes(status.device);
    const mine = createJob({ ...commandOptions, bytes, clock, barrierTimeoutMs, isExcused });
    job = mine;
    if (bytes === null) {
      unfinished = true;
      line?.recover('clear');
    } else if (line?.state === 'failed') {
      line.again();
    }
    proceed();
    const result = await mine.result;
    job = null;
    // The barrier of a receipt given up on may still be answered: no answer counts before that is over.
    if (unfinished) line?.again();
    return result;
  };

  return {
    get capabilities() {
      return capabilities;
    },
    get status() {
      return status;
    },
    onStatus: statuses.listen,
    onEvent: events.listen,
    async print(document, commandOptions = {}) {
      const encoded = encodeReceipt(document, { ...encoding, ...(rasterise ? { rasterise } : {}) });
      if (!encoded.ok) return err(invalid(encoded.error));
      const result = await command(encoded.value, commandOptions);
      if (!result.ok) return result;
      printedJobs += 1;
      events.tell({ name: 'MediaPresented', jobs: printedJobs });
      return ok({ kind: 'printed' });
    },
    async cut(commandOptions = {}) {
      const encoded = encodeReceipt({ lines: [{ kind: 'cut' }] }, encoding);
      if (!encoded.ok) return err(invalid(encoded.error));
      const result = await command(encoded.value, commandOptions);
      return result.ok ? ok({ kind: 'cut' }) : result;
    },
    async reset(commandOptions = {}) {
      const result = await command(null, commandOptions);
      return result.ok ? ok({ kind: 'reset' }) : result;
    },
    async close() {
      if (!closed) {
        job?.cancel('the driver was closed');
        closed = true;
        stopSearch();
        line?.stop();
        statuses.clear();
        events.clear();
      }
      await supervisor.close();
    },
  };
};
