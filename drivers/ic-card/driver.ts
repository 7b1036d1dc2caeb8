import { channel } from '../channel.ts';
import { watchForEnd } from '../command-end.ts';
import { parseConfig } from '../config.ts';
import {
  type CommandError,
  type CommandOptions,
  commandError,
  type DriverOptions,
  err,
  type Result,
  systemClock,
} from '../device.ts';
import { statusDesk } from '../status.ts';
import { supervise } from '../supervisor.ts';
import { hostedTransport, type LinkReason, type PcscReader } from '../transport/index.ts';
import type { Dialogue } from './apdu.ts';
import { CardLine, transmitError } from './card-line.ts';
import { type IcCardConfig, icCardConfigSchema } from './config.ts';
import type {
  IcCardReader,
  IcCardReaderCapabilities,
  IcCardReaderEvent,
  IcCardReaderStatus,
} from './ic-card-reader.ts';
import { readHolderDialogue } from './social-card.ts';
import { readUidDialogue } from './uid.ts';

/** Opens the reader, and finds it again whenever it or PC/SC is lost, until `close()`. Throws a `ConfigError`. */
export function openIcCardReader(options: IcCardConfig & DriverOptions): IcCardReader {
  const { clock = systemClock, random = Math.random, startPortHost, ...rest } = options;
  const config = parseConfig('the IC card reader', icCardConfigSchema, rest);
  const status = statusDesk<IcCardReaderStatus>({
    device: 'starting',
    media: 'unknown',
    reader: null,
    reason: null,
  });
  const events = channel<IcCardReaderEvent>();
  const cardChanges = channel<void>();
  let capabilities: IcCardReaderCapabilities = { protocol: 'pcsc', uid: null };
  let line: CardLine | null = null;
  let command: AbortController | null = null;
  let closing: Promise<void> | null = null;

  /** Another card or none: whoever was speaking to the card speaks to nobody now. */
  const cardIsGone = (): void => {
    command?.abort(transmitError('card-removed'));
    events.tell({ name: 'MediaRemoved' });
  };

  const onReaders = (readers: readonly PcscReader[]): void => {
    const { media: before, reader: used } = status.current;
    const usable = readers.filter(({ name }) => name.includes(config.reader ?? ''));
    const reader =
      usable.find(({ name, atr }) => name === used && atr !== null) ??
      usable.find(({ atr }) => atr !== null) ??
      usable.find(({ name }) => name === used) ??
      usable[0];
    if (!reader) {
      status.set({ device: 'noDevice', media: 'unknown', reader: null, reason: 'no-reader' });
      command?.abort(transmitError('no-reader'));
      return;
    }
    const media = reader.atr === null ? 'notPresent' : 'present';
    status.set({ device: 'online', media, reader: reader.name, reason: null });
    if (before === 'present' && (media === 'notPresent' || reader.name !== used)) cardIsGone();
    if (media === 'present' && (before !== 'present' || reader.name !== used))
      events.tell({ name: 'MediaInserted' });
    cardChanges.tell();
  };

  const supervisor = supervise({
    transport:
      config.transport ?? hostedTransport({ kind: 'pcsc', module: config.module }, { clock, startPortHost }),
    clock,
    random,
    onUp(link) {
      line = new CardLine(link, clock, onReaders);
    },
    onDown(sentence, reason) {
      line = null;
      status.set({ device: 'noDevice', media: 'unknown', reader: null, reason: missing(reason) });
      command?.abort(notReady(status.current, sentence));
    },
  });

  const cardPresent = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (status.current.media !== 'present' && !signal.aborted) return;
        stop();
        signal.removeEventListener('abort', look);
        resolve();
      };
      const stop = cardChanges.listen(look);
      signal.addEventListener('abort', look);
      look();
    });

  const run = async <T>(
    commandOptions: CommandOptions,
    dialogue: () => Dialogue<Result<T, CommandError>>,
  ): Promise<Result<T, CommandError>> => {
    if (closing || commandOptions.signal?.aborted) return err(canceled);
    if (command) return err(commandError('sequenceError', 'busy', 'another command is running'));
    if (status.current.device !== 'online')
      return err(notReady(status.current, 'the reader is not connected'));
    const mine = new AbortController();
    command = mine;
    const stopWatching = watchForEnd(commandOptions, clock, (code) =>
      mine.abort(code === 'canceled' ? canceled : commandError(code, 'timed-out', 'no card in time')),
    );
    await cardPresent(mine.signal);
    const { reader } = status.current;
    const result =
      mine.signal.aborted || !line || reader === null
        ? err(mine.signal.reason as CommandError)
        : await line.lead(dialogue(), reader, mine.signal);
    stopWatching();
    command = null;
    if (!result.ok && result.error.reason === 'card-mute') events.tell({ name: 'InvalidMedia' });
    return result;
  };

  return {
    get capabilities() {
      return capabilities;
    },
    get status() {
      return status.current;
    },
    onStatus: status.listen,
    onEvent: events.listen,
    readHolder: (commandOptions = {}) => run(commandOptions, readHolderDialogue),
    async readUid(commandOptions = {}) {
      const result = await run(commandOptions, readUidDialogue);
      if (result.ok && capabilities.uid === null) capabilities = { ...capabilities, uid: true };
      return result;
    },
    close() {
      command?.abort(canceled);
      for (const each of [status, events]) each.clear();
      closing ??= supervisor.close();
      return closing;
    },
  };
}

const canceled = commandError('canceled', 'canceled', 'the command was canceled');

function missing(reason: LinkReason): IcCardReaderStatus['reason'] {
  if (reason === 'no-module') return 'pcsc-module-missing';
  return reason === 'no-service' ? 'pcsc-service-missing' : null;
}

const notReady = ({ reason }: IcCardReaderStatus, detail: string): CommandError =>
  commandError('deviceNotReady', reason ?? 'unplugged', detail);
