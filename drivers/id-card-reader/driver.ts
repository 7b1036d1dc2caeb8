import { watchForEnd } from '../command-end.ts';
import { parseConfig } from '../config.ts';
import {
  type CommandError,
  type CommandOptions,
  commandError,
  err,
  ok,
  type Result,
  systemClock,
} from '../device.ts';
import { supervise } from '../supervisor.ts';
import type { Link } from '../transport/index.ts';
import { cardMarker } from './card-mark.ts';
import { BAUD_RATES, type CommandName, formatSamId, type Reply, SW3 } from './codec.ts';
import { type IdCardReaderConfig, idCardReaderConfigSchema } from './config.ts';
import { type Outcome, type RequestOptions, SdtLine } from './line.ts';
import { pause } from './pause.ts';
import { decodePhoto } from './photo-decoder.ts';
import { ReadSteps } from './read-steps.ts';
import type { IdCardReader, IdCardReaderOptions } from './reader.ts';
import { type LineSpeed, readerPort } from './reader-port.ts';
import { garbledRequest, noAnswer, refusal, samOutOfOrder } from './refusals.ts';
import { watchForRemoval } from './removal.ts';
import { ReaderState } from './state.ts';

/** How often a reader that does not answer, or whose security module failed, is asked whether it is well again. */
const PROBE_MS = 1000;
/** A reader that knows its number tells it at once; being online must not wait for one that does not. */
const SAM_ID_MS = 300;
/** A reader that has changed its speed answers at the new one by then. */
const NEW_SPEED_MS = 5000;

/** Throws `ConfigError` for a configuration that no reader can be opened with. */
export function openIdCardReader(options: IdCardReaderConfig & IdCardReaderOptions): IdCardReader {
  const { clock = systemClock, random = Math.random, startPortHost, listPorts, ...given } = options;
  const config = parseConfig('the ID card reader', idCardReaderConfigSchema, given);
  const hosting = { clock, startPortHost };
  const { pollIntervalMs, fingerprint, photoDecoder } = config;
  const port = readerPort(config, { hosting, listPorts });
  const state = new ReaderState({ baudRate: port.baudRate !== null, photo: photoDecoder !== undefined });
  let link: Link | null = null;
  let line: SdtLine | null = null;
  let lastFindAt = Number.NEGATIVE_INFINITY;
  const markOf = cardMarker();
  /** The mark of the card that was read last and is not known to have left; its number is not kept. */
  let lastMark: string | null = null;
  /** The card in the field may have been read without anyone having the result: Find would refuse it, a read not. */
  let readBehindOurBack = false;
  let command: AbortController | null = null;
  let probing = new AbortController();
  /** The port is closed and opened again on purpose. */
  let changingSpeed = false;
  /** Why the port was lost or could not be opened, last; null while it is open. */
  let lostFor: string | null = null;
  const closing = new AbortController();

  const sleep = (ms: number, signal: AbortSignal) => pause(clock, ms, signal);
  const pollPause = (signal: AbortSignal) => sleep(lastFindAt + pollIntervalMs - clock.monotonic(), signal);

  /** Sends one request of a command and takes from the answer what it says about reader and card. */
  const send = async (
    on: SdtLine,
    name: CommandName,
    signal: AbortSignal,
    request: RequestOptions = {},
  ): Promise<Outcome> => {
    if (name === 'findCard') await pollPause(signal);
    const onSent = () => {
      if (name === 'findCard') lastFindAt = clock.monotonic();
    };
    const outcome = await on.transact(name, signal, { ...request, onSent });
    // An answer may have come just before the cable went: the port's loss is the later news.
    if (outcome.kind !== 'reply' || line !== on) return outcome;
    const { sw3 } = outcome.reply;
    if (!samOutOfOrder(sw3)) state.set({ device: 'online' });
    if (name === 'findCard') {
      if (sw3 === SW3.cardFound) state.set({ media: 'present' });
      // A refusal after a successful read says nothing about the card.
      else if (sw3 === SW3.findFailed && lastMark === null && !readBehindOurBack) {
        state.set({ media: 'notPresent' });
      }
    }
    if (name === 'readCardWithFingerprint') state.learn({ fingerprint: sw3 !== SW3.badCommand });
    if (name === 'readLatestAddress') state.learn({ latestAddress: sw3 !== SW3.badCommand });
    return outcome;
  };

  const learnSamId = (reply: Reply): void => {
    if (reply.sw3 === SW3.ok) state.learn({ samId: formatSamId(reply.data) });
  };

  /** Asks until the reader is well, its status following what it says. */
  const probe = async (on: SdtLine): Promise<void> => {
    probing.abort();
    const mine = new AbortController();
    probing = mine;
    for (let attempt = 0; !mine.signal.aborted; attempt++) {
      // A running command finds out by itself, and a reset would cost it the card it has selected.
      if (attempt > 0 && (command || state.status.device === 'online')) return;
      const outcome = await on.transact(attempt % 2 === 0 ? 'samStatus' : 'resetSam', mine.signal);
      if (mine.signal.aborted) return;
      if (outcome.kind !== 'reply') state.set({ device: 'offline' });
      else if (samOutOfOrder(outcome.reply.sw3)) state.set({ device: 'hardwareError' });
      // Readers that do not know the question are readers all the same.
      else {
        if (state.capabilities.samId === null) {
          const told = await on.transact('samId', mine.signal, { timeoutMs: SAM_ID_MS });
          if (told.kind === 'reply') learnSamId(told.reply);
        }
        if (!mine.signal.aborted) state.set({ device: 'online' });
        return;
      }
      await sleep(PROBE_MS, mine.signal);
    }
  };

  /** Probing rests while a command runs; call when one has ended. */
  const resumeProbing = () => {
    if (line !== null && !closing.signal.aborted && state.status.device !== 'online') void probe(line);
  };

  const supervisor = supervise({
    transport: port.transport,
    clock,
    random,
    onUp(opened: Link) {
      link = opened;
      lostFor = null;
      line = new SdtLine(opened, clock);
      // Another reader may have been plugged in.
      state.learn({ samId: null, fingerprint: null, latestAddress: null, baudRate: port.baudRate !== null });
      state.set({ device: 'starting', media: 'unknown' });
      void probe(line);
    },
    onDown(reason) {
      link = null;
      line = null;
      lostFor = reason;
      // The card may lie there still when the reader is back: its mark stays known, so that another is told from it.
      readBehindOurBack = false;
      probing.abort();
      if (changingSpeed) return state.set({ device: 'starting', media: 'unknown' });
      state.set({ device: 'noDevice', media: 'unknown' });
      command?.abort(notConnected(reason));
    },
  });

  /** Runs one command: alone, stoppable, its failures reflected in the status. */
  const run = async <T>(
    commandOptions: CommandOptions,
    work: (on: SdtLine, stopped: AbortSignal) => Promise<Result<T, CommandError> | 'stopped'>,
  ): Promise<Result<T, CommandError>> => {
    if (closing.signal.aborted || commandOptions.signal?.aborted) return err(ended('canceled'));
    if (command) return err(commandError('sequenceError', 'busy', 'another command is running'));
    if (!line) return err(commandError('deviceNotReady', 'unplugged', 'the reader is not connected'));
    const mine = new AbortController();
    command = mine;
    const stopWatching = watchForEnd(commandOptions, clock, (code) => mine.abort(ended(code)));
    const result = await work(line, mine.signal).finally(() => {
      stopWatching();
      command = null;
    });
    if (result === 'stopped') {
      resumeProbing();
      return err(mine.signal.reason as CommandError);
    }
    if (!result.ok && result.error.code === 'hardwareError' && line !== null && !closing.signal.aborted) {
      const device = result.error.reason === 'no-answer' ? 'offline' : 'hardwareError';
      state.set({ device, media: 'unknown' });
      void probe(line);
    }
    return result;
  };

  /** One request that is no part of reading a card; a damaged exchange is worth a second one. */
  const ask = async (
    on: SdtLine,
    name: CommandName,
    stopped: AbortSignal,
    request: RequestOptions = {},
  ): Promise<Result<Reply, CommandError> | 'stopped'> => {
    for (let attempt = 1; ; attempt++) {
      const outcome = await send(on, name, stopped, request);
      if (outcome.kind === 'stopped') return 'stopped';
      const damaged =
        outcome.kind === 'garbled' || (outcome.kind === 'reply' && garbledRequest(outcome.reply.sw3));
      if (damaged && attempt === 1) continue;
      if (outcome.kind !== 'reply' || damaged) return err(noAnswer(outcome.kind === 'silence'));
      return outcome.reply.sw3 === SW3.ok ? ok(outcome.reply) : err(refusal(outcome.reply.sw3));
    }
  };

  /** Opens the port at another speed; true once the reader answers there. */
  const reopenAt = async (baudRate: LineSpeed, stopped: AbortSignal): Promise<boolean> => {
    port.baudRate = baudRate;
    await link?.close();
    const waiting = new AbortController();
    const stopWaiting = state.statuses.listen(({ device }) => {
      if (device === 'online') waiting.abort();
    });
    await sleep(NEW_SPEED_MS, AbortSignal.any([waiting.signal, stopped]));
    stopWaiting();
    return state.status.device === 'online';
  };

  return {
    get capabilities() {
      return state.capabilities;
    },
    get status() {
      return state.status;
    },
    onStatus: (listener) => state.statuses.listen(listener),
    onEvent: (listener) => state.events.listen(listener),
    readCard: ({ latestAddress = false, ...commandOptions } = {}) =>
      run(commandOptions, async (on, stopped) => {
        const steps = new ReadSteps({
          fingerprint,
          latestAddress,
          alreadySelected: readBehindOurBack,
          damaged: () => on.damaged,
        });
        let move = steps.start();
        for (;;) {
          switch (move.kind) {
            case 'done':
              lastMark = markOf(move.reading.card.number);
              readBehindOurBack = false;
              if (line === on) state.set({ media: 'present' });
              return ok(move.reading);
            case 'failed':
              if (move.error.reason === 'card-removed' && line === on) state.set({ media: 'notPresent' });
              if (INVALID_MEDIA.has(move.error.reason)) state.invalidMedia(move.error.reason);
              return err(move.error);
            case 'send':
            case 'poll': {
              const name: CommandName = move.kind === 'poll' ? 'findCard' : move.command;
              const outcome = await send(on, name, stopped);
              if (outcome.kind === 'reply' && outcome.reply.sw3 === SW3.cardFound) {
                lastMark = null;
                readBehindOurBack = false;
              }
              if (outcome.kind === 'stopped') {
                steps.forget();
                if (READS_CARD.has(name)) readBehindOurBack = line === on;
                return 'stopped';
              }
              move = steps.next(outcome);
              if (outcome.kind === 'reply') outcome.reply.data.fill(0);
              break;
            }
            default:
              return move satisfies never;
          }
        }
      }),
    waitForRemoval: (commandOptions = {}) =>
      run(commandOptions, async (on, stopped) => {
        const removalPort = {
          send: (name: CommandName) => send(on, name, stopped),
          pause: () => sleep(pollIntervalMs, stopped),
          markOf,
        };
        const watched = await watchForRemoval(removalPort, lastMark);
        if (watched === 'stopped') return 'stopped';
        if (!watched.ok) return watched;
        if (line === on) state.set({ media: 'notPresent' });
        readBehindOurBack = watched.value.kind === 'replaced';
        lastMark = watched.value.kind === 'replaced' ? watched.value.mark : null;
        if (watched.value.kind === 'replaced' && line === on) state.set({ media: 'present' });
        return ok(undefined);
      }),
    reset: (commandOptions = {}) =>
      run(commandOptions, async (on, stopped) => {
        const answer = await ask(on, 'resetSam', stopped);
        if (answer === 'stopped' || !answer.ok) return answer;
        readBehindOurBack = false;
        state.set({ media: 'unknown' });
        return ok(undefined);
      }),
    deviceInfo: (commandOptions = {}) =>
      run(commandOptions, async (on, stopped) => {
        const well = await ask(on, 'samStatus', stopped);
        if (well === 'stopped' || !well.ok) return well;
        const number = await ask(on, 'samId', stopped);
        if (number === 'stopped') return number;
        if (number.ok) learnSamId(number.value);
        else if (number.error.code !== 'unsupportedCommand') return number;
        return ok({ samId: state.capabilities.samId });
      }),
    setBaudRate: (baudRate, commandOptions = {}) =>
      run(commandOptions, async (on, stopped) => {
        const before = port.baudRate;
        if (before === null) {
          return err(commandError('unsupportedCommand', 'not-serial', 'the reader is not on a serial line'));
        }
        const answer = await ask(on, 'setBaudRate', stopped, { parameter: BAUD_RATES.indexOf(baudRate) });
        if (answer === 'stopped' || !answer.ok) return answer;
        changingSpeed = true;
        try {
          if (await reopenAt(baudRate, stopped)) return ok(undefined);
          if (stopped.aborted) return 'stopped';
          await reopenAt(before, stopped);
        } finally {
          changingSpeed = false;
          if (lostFor !== null) state.set({ device: 'noDevice' });
        }
        if (lostFor !== null) return err(notConnected(lostFor));
        return err(noAnswer(true, ` at ${baudRate} baud; it was left at ${before}`));
      }),
    async decodePhoto(photo, commandOptions = {}) {
      if (photoDecoder === undefined) {
        return err(commandError('unsupportedCommand', 'no-decoder', 'no photo decoder is configured'));
      }
      const { signal } = commandOptions;
      const stopped = AbortSignal.any(signal === undefined ? [closing.signal] : [closing.signal, signal]);
      return decodePhoto(photo, photoDecoder, { clock, ...commandOptions, signal: stopped });
    },
    async close() {
      closing.abort();
      probing.abort();
      port.stop();
      command?.abort(commandError('canceled', 'canceled', 'the reader was closed'));
      lastMark = null;
      state.set({ device: 'offline', media: 'unknown' });
      await supervisor.close();
    },
  };
}

const notConnected = (why: string): CommandError =>
  commandError('deviceNotReady', 'unplugged', `the reader is not connected: ${why}`);

const ended = (code: 'canceled' | 'timeOut'): CommandError =>
  code === 'canceled'
    ? commandError(code, 'canceled', 'the command was canceled')
    : commandError(code, 'timed-out', 'the time that was given is over');

const READS_CARD: ReadonlySet<CommandName> = new Set([
  'readCard',
  'readCardWithFingerprint',
  'readLatestAddress',
]);

/** The reasons of `readCard` that are the card's. */
const INVALID_MEDIA: ReadonlySet<string> = new Set([
  'card-unreadable',
  'unrecognised-card',
  'check-digit',
  'bad-record',
]);
