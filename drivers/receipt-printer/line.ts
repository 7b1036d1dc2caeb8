/** One opening of the printer's port: who says what on it, and whether it is at a known point. */

import type { Clock } from '../device.ts';
import type { Link } from '../transport/index.ts';
import type { ReceiptPrinterSettings } from './config.ts';
import { createConfirmation } from './confirmation.ts';
import {
  type AnswerEvent,
  ASK_MODEL,
  AUTOMATIC_STATUS_ON,
  createDemultiplexer,
  INITIALISE,
  type PrinterCondition,
  RECOVER_AND_CLEAR,
  RECOVER_AND_CONTINUE,
} from './esc-pos/index.ts';
import { createStatusPoller, type StatusPoller } from './status-poller.ts';
import { createSynchroniser } from './synchroniser.ts';

export interface LineOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly settings: ReceiptPrinterSettings;
  /** Whether the printer works through its buffer now. */
  readonly isReady: () => boolean;
  /** Whether a receipt has been sent and its barrier has not been answered. */
  readonly isPrinting: () => boolean;
  /** What a whole round of answers says, or automatic status where it must do. */
  readonly onCondition: (condition: PrinterCondition) => void;
  readonly onSilence: (sinceMs: number) => void;
  /** The line is at a known point, or the printer does not get there. */
  readonly onSettled: () => void;
  /**
   * The printer has answered the receipt's barrier; `condition` is what it said of itself after that, null when it
   * cannot be asked. False asks for another round before the receipt is decided on.
   */
  readonly onConfirmed: (condition: PrinterCondition | null) => boolean;
  /** The barrier's answer cannot be told from other bytes. */
  readonly onDoubt: () => void;
  readonly onModel: (name: string) => void;
}

export interface Line {
  readonly state: 'needed' | 'running' | 'done' | 'failed';
  /** Brings the line to a known point, see the synchroniser. */
  synchronise(tornOff: boolean): void;
  /** The known point is lost. */
  again(): void;
  /** Sends a receipt; no question is asked meanwhile. Resolves when all was handed over. */
  send(bytes: Uint8Array): Promise<void>;
  /** Out of an error: with what is in the buffer, or without. */
  recover(how: 'continue' | 'clear'): void;
  stop(): void;
}

/**
 * Sent before anything else. An earlier connection may have ended within the head of a command, and a question would
 * be taken for its rest: a picture's size of 10 04 wants a megabyte of dots. Zeros make it a picture of no size. The
 * longest head (GS v 0, GS ( k) has eight bytes; NUL itself is no command.
 */
const END_OF_HEAD = new Uint8Array(8);
/** How long the answer to GS I may take; meanwhile no receipt is sent, whose barrier its letters might look like. */
const MODEL_TIMEOUT_MS = 300;

const inTrouble = ({ waitingForRecovery, paperNearEnd, ...errors }: PrinterCondition): boolean =>
  waitingForRecovery || Object.values(errors).includes(true);

export const openLine = (options: LineOptions): Line => {
  const { link, clock, settings, isReady, isPrinting, onCondition, onConfirmed } = options;
  const demultiplexer = createDemultiplexer();
  let poller: StatusPoller | null = null;
  /** Receipts being written: one that was given up goes on while the next one already waits behind it. */
  let writing = 0;
  let model: 'unknown' | 'asked' | 'known' = settings.model === undefined ? 'unknown' : 'known';
  let cancelModel = (): void => {};
  /** When the barrier's answer had stood alone for long enough; a round that began later decides. */
  let confirmedAt: number | null = null;

  const write = (bytes: Uint8Array): void => void link.write(bytes);

  const modelAnswered = (): void => {
    cancelModel();
    model = 'known';
    options.onSettled();
  };
  const askModel = (): void => {
    model = 'asked';
    demultiplexer.expectModel();
    write(ASK_MODEL);
    cancelModel = clock.after(MODEL_TIMEOUT_MS, modelAnswered);
  };
  const settled = (): void => {
    if (sync.state === 'done' && settings.confirms && model === 'unknown') askModel();
    if (sync.state === 'done' && settings.automaticStatus) write(AUTOMATIC_STATUS_ON);
    if (model !== 'asked') options.onSettled();
  };
  const sync = createSynchroniser({
    clock,
    confirms: settings.confirms,
    send: write,
    isReady,
    onSettled: settled,
  });

  const confirmation = createConfirmation({
    clock,
    onDoubt: options.onDoubt,
    onAlone() {
      if (poller === null) {
        onConfirmed(null);
        return;
      }
      confirmedAt = clock.monotonic();
      poller.now();
    },
  });

  write(END_OF_HEAD);
  if (settings.asksStatus) {
    poller = createStatusPoller({
      clock,
      intervalMs: settings.pollIntervalMs,
      answerTimeoutMs: settings.answerTimeoutMs,
      send: write,
      onRound(condition, begunAt) {
        const decides = confirmedAt !== null && begunAt >= confirmedAt && isPrinting();
        if (decides && onConfirmed(condition)) confirmedAt = null;
        onCondition(condition);
      },
      onSilence: options.onSilence,
    });
  }

  const hear = (event: AnswerEvent): void => {
    switch (event.kind) {
      case 'real-time':
        poller?.answer(event.byte);
        return;
      case 'automatic':
        // While a receipt is being written no question is asked: a full buffer is heard of in no other way.
        if (poller === null || (writing > 0 && inTrouble(event.condition))) onCondition(event.condition);
        poller?.now();
        return;
      case 'barrier':
        if (isPrinting()) confirmation.barrier();
        else sync.answer();
        return;
      case 'model':
        options.onModel(event.name);
        if (model === 'asked') modelAnswered();
        return;
      case 'noise':
        return;
      default:
        event satisfies never;
    }
  };
  link.onData((chunk) => {
    for (const event of demultiplexer.feed(chunk)) hear(event);
  });

  /** What was answered belongs to no receipt that is still to come. */
  const forget = (): void => {
    confirmedAt = null;
    confirmation.stop();
  };
  const again = (): void => {
    forget();
    sync.again();
  };

  return {
    get state() {
      return sync.state === 'done' && model === 'asked' ? 'running' : sync.state;
    },
    synchronise: sync.start,
    again,
    async send(bytes) {
      // The initialisation with which a receipt begins may switch automatic status off.
      const all = settings.automaticStatus
        ? Uint8Array.of(...INITIALISE, ...AUTOMATIC_STATUS_ON, ...bytes.subarray(INITIALISE.length))
        : bytes;
      forget();
      writing += 1;
      poller?.suspend();
      await link.write(all);
      writing -= 1;
      if (writing === 0) poller?.resume();
    },
    recover(how) {
      if (how === 'clear') again();
      write(how === 'clear' ? RECOVER_AND_CLEAR : RECOVER_AND_CONTINUE);
    },
    stop() {
      poller?.stop();
      sync.stop();
      confirmation.stop();
      cancelModel();
    },
  };
};
