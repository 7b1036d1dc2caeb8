import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { err, ok, type Result } from '../../device.ts';
import type { Link, Transport } from '../link.ts';
import { linkEnds } from '../link-ends.ts';
import { sentences } from '../reasons.ts';
import {
  encodePcscFrame,
  type PcscFailure,
  type PcscFrame,
  type PcscReader,
  pcscFrameParser,
} from './frames.ts';

/** The parts of the package `smartcard` 3.7 that are used. */
interface SmartcardModule {
  readonly Context: new () => {
    listReaders(): readonly NativeReader[];
    close(): void;
  };
  readonly ReaderMonitor: new () => {
    start(listener: (event: MonitorEvent) => void): void;
    stop(): void;
  };
  readonly SCARD_STATE_PRESENT: number;
  readonly SCARD_SHARE_SHARED: number;
  readonly SCARD_PROTOCOL_T0: number;
  readonly SCARD_PROTOCOL_T1: number;
}
interface NativeReader {
  readonly name: string;
  connect(shareMode: number, protocol: number): Promise<NativeCard>;
}
interface NativeCard {
  transmit(command: Buffer): Promise<Buffer>;
  disconnect(): void;
}
interface MonitorEvent {
  readonly type: 'reader-attached' | 'reader-detached' | 'card-inserted' | 'card-removed' | 'error';
  readonly reader: string;
  readonly state: number;
  readonly atr: Buffer | null;
}

const NAME = 'PC/SC';

export interface PcscConfig {
  readonly kind: 'pcsc';
  /** The npm package `smartcard` 3.7, or the path of one that was built elsewhere. */
  readonly module: string;
}

/**
 * All readers that this machine's PC/SC has, and the cards in them, as `PcscFrame`s. A module that is not there is
 * `no-module`, a service that does not run `no-service`.
 */
export function pcscTransport({ module }: PcscConfig): Transport {
  return {
    name: NAME,
    async open() {
      const loaded = await load(module);
      return loaded.ok ? openPcsc(loaded.value) : loaded;
    },
  };
}

async function load(module: string): Promise<Result<SmartcardModule, string>> {
  try {
    // Not by `import` alone, which takes neither a folder nor, on Windows, a path.
    const file = createRequire(import.meta.url).resolve(module);
    const loaded: { readonly default?: SmartcardModule } = await import(pathToFileURL(file).href);
    return loaded.default ? ok(loaded.default) : err(sentences.noModule(NAME, `${module} is another module`));
  } catch (error) {
    return err(sentences.noModule(NAME, error));
  }
}

function openPcsc(pcsc: SmartcardModule): Result<Link, string> {
  const readers = new Map<string, PcscReader>();
  const cards = new Map<string, NativeCard>();
  const ends = linkEnds();
  const parse = pcscFrameParser();

  const tell = (frame: PcscFrame): void => ends.receive(encodePcscFrame(frame));
  const tellReaders = (): void => tell({ kind: 'readers', readers: [...readers.values()] });
  const forgetCard = (reader: string): void => {
    try {
      cards.get(reader)?.disconnect();
    } catch {
      // It is gone, which is what was wanted.
    }
    cards.delete(reader);
  };
  const end = (reason: string): void => {
    if (ends.ended) return;
    // Before the monitor is stopped, which may take a second.
    ends.end(reason);
    for (const reader of cards.keys()) forgetCard(reader);
    for (const release of [() => monitor.stop(), () => context.close()]) {
      try {
        release();
      } catch {
        // Whatever it holds of a service that has gone, nobody has any more.
      }
    }
  };

  const onMonitor = ({ type, reader, state, atr }: MonitorEvent): void => {
    if (ends.ended) return;
    // The monitor tells an error when the service is gone, and goes on telling it.
    if (type === 'error') {
      end(sentences.noService(NAME, reader));
      return;
    }
    const present =
      type === 'card-inserted' || (type === 'reader-attached' && (state & pcsc.SCARD_STATE_PRESENT) !== 0);
    if (!present) forgetCard(reader);
    if (type === 'reader-detached') readers.delete(reader);
    else readers.set(reader, { name: reader, atr: present ? (atr?.toString('hex') ?? '') : null });
    tellReaders();
  };

  /** The card in a reader, connected to when it is first spoken to. */
  const cardIn = async (name: string): Promise<NativeCard | PcscFailure> => {
    const known = cards.get(name);
    if (known) return known;
    let reader: NativeReader | undefined;
    try {
      reader = context.listReaders().find((each) => each.name === name);
    } catch (error) {
      end(sentences.noService(NAME, error));
      return 'failed';
    }
    if (!reader) return 'no-reader';
    try {
      const card = await reader.connect(
        pcsc.SCARD_SHARE_SHARED,
        pcsc.SCARD_PROTOCOL_T0 | pcsc.SCARD_PROTOCOL_T1,
      );
      cards.set(name, card);
      return card;
    } catch {
      return readers.get(name)?.atr == null ? 'card-removed' : 'card-mute';
    }
  };

  const transmit = async ({
    id,
    reader,
    command,
  }: Extract<PcscFrame, { kind: 'transmit' }>): Promise<void> => {
    const card = await cardIn(reader);
    if (typeof card === 'string') return tell({ kind: 'failed', id, failure: card });
    try {
      const bytes = await card.transmit(Buffer.from(command));
      tell({ kind: 'answer', id, bytes });
      bytes.fill(0);
    } catch {
      // After a reset or a removal a connection is of no use any more; the next command makes another.
      forgetCard(reader);
      tell({ kind: 'failed', id, failure: readers.get(reader)?.atr == null ? 'card-removed' : 'failed' });
    }
  };

  let context: InstanceType<SmartcardModule['Context']>;
  let monitor: InstanceType<SmartcardModule['ReaderMonitor']>;
  try {
    monitor = new pcsc.ReaderMonitor();
    context = new pcsc.Context();
  } catch (error) {
    return err(sentences.noService(NAME, error));
  }
  let commands: Promise<void> = Promise.resolve();
  return ok({
    async write(bytes) {
      for (const frame of parse(bytes)) {
        if (frame?.kind === 'list') tellReaders();
        if (frame?.kind === 'transmit') commands = commands.then(() => transmit(frame));
      }
    },
    onData(listener) {
      ends.onData(listener);
      try {
        monitor.start(onMonitor);
      } catch (error) {
        end(sentences.noService(NAME, error));
      }
    },
    onClose: ends.onClose,
    close: async () => end(sentences.closed),
  });
}
