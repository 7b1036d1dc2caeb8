import { type Clock, err, ok, type Result } from '../../device.ts';
import type { Link } from '../link.ts';
import { linkEnds } from '../link-ends.ts';
import type { NativeConfig } from '../native.ts';
import { sentences } from '../reasons.ts';
import { heartbeat } from './heartbeat.ts';
import type { PortHost } from './process.ts';
import { type FromHost, readFromHost } from './protocol.ts';

/**
 * A process takes no longer than this to start, milliseconds: far more than on any machine, because one that is started
 * again and again for being slow would never be there.
 */
const STARTING_MS = 20_000;
/** Opening or releasing a port, or listing them, takes no native call longer than this unless it hangs; milliseconds. */
const ANSWER_MS = 5000;

/** This process's side of a process that holds ports. */
export interface HostClient {
  /** `name` is for the sentence that says that the port does not answer. */
  open(config: NativeConfig, name: string): Promise<Result<Link, string>>;
  /** What the process found; to be checked by the caller. */
  list(): Promise<Result<unknown, string>>;
}

export interface HostClientOptions {
  readonly clock: Clock;
  /** Whether anything is open or asked for; told when it changes. */
  readonly onBusy: (busy: boolean) => void;
  /** A call hangs in the process, and with it whatever else it does: it is to be ended. */
  readonly onHung: () => void;
}

/** Something that was asked for and may still be told about. */
interface Matter {
  /** For the sentence that says that there is no answer. */
  readonly name: string;
  hear(message: FromHost): void;
  /** The process is gone. */
  lost(sentence: string): void;
}

export function hostClient(process: PortHost, { clock, onBusy, onHung }: HostClientOptions): HostClient {
  const matters = new Map<number, Matter>();
  let lastId = 0;
  let isReady = false;
  const startsWaiting = new Set<() => void>();
  const openPorts = new Set<number>();
  const heart = heartbeat({
    clock,
    ping: () => process.send({ type: 'ping', id: 0 }),
    onSilent() {
      // First, so that whoever opens again on hearing of the loss is not sent to the same process.
      onHung();
      for (const matter of [...matters.values()]) matter.lost(sentences.noAnswer(matter.name));
    },
  });

  process.onMessage((value) => {
    const message = readFromHost(value);
    if (message !== null) heart.heard();
    if (message?.type === 'ready') {
      isReady = true;
      for (const begin of startsWaiting) begin();
      startsWaiting.clear();
    } else if (message !== null) matters.get(message.id)?.hear(message);
  });
  process.onEnd((how) => {
    for (const matter of [...matters.values()]) matter.lost(sentences.crashed(how));
  });

  /** Calls back when an answer has not come in time; the returned function cancels. */
  const limit = (giveUp: () => void): (() => void) => {
    let cancel = clock.after(isReady ? ANSWER_MS : STARTING_MS, giveUp);
    const begin = (): void => {
      cancel();
      cancel = clock.after(ANSWER_MS, giveUp);
    };
    if (!isReady) startsWaiting.add(begin);
    return () => {
      startsWaiting.delete(begin);
      cancel();
    };
  };
  const begin = (matter: Matter): number => {
    const id = ++lastId;
    matters.set(id, matter);
    if (matters.size === 1) onBusy(true);
    return id;
  };
  const done = (id: number): void => {
    if (openPorts.delete(id) && openPorts.size === 0) heart.stop();
    if (matters.delete(id) && matters.size === 0) onBusy(false);
  };

  return {
    open(config, name) {
      const { promise, resolve } = Promise.withResolvers<Result<Link, string>>();
      const ends = linkEnds();
      const writes = new Map<number, () => void>();
      let lastWrite = 0;
      let closing = false;

      const end = (reason: string): void => {
        cancel();
        resolve(err(reason));
        ends.end(closing ? sentences.closed : reason);
        done(id);
      };
      const giveUp = (): void => {
        end(sentences.noAnswer(name));
        onHung();
      };
      const id = begin({
        name,
        hear(message) {
          switch (message.type) {
            case 'opened':
              cancel();
              openPorts.add(id);
              heart.start();
              resolve(ok(link));
              break;
            case 'refused':
            case 'ended':
              end(message.reason);
              break;
            case 'data':
              ends.receive(message.bytes);
              break;
            case 'written':
              writes.get(message.write)?.();
              writes.delete(message.write);
              break;
            case 'ready':
            case 'ports':
            case 'pong':
              break;
            default:
              message satisfies never;
          }
        },
        lost: end,
      });
      let cancel = limit(giveUp);
      const link: Link = {
        write(bytes) {
          if (ends.ended || closing) return Promise.resolve();
          const write = ++lastWrite;
          const written = Promise.withResolvers<void>();
          writes.set(write, written.resolve);
          process.send({ type: 'write', id, write, bytes });
          return ends.untilEnded(written.promise);
        },
        onData: ends.onData,
        onClose: ends.onClose,
        close() {
          if (!ends.ended && !closing) {
            closing = true;
            process.send({ type: 'close', id });
            cancel = limit(giveUp);
          }
          return ends.whenEnded;
        },
      };
      process.send({ type: 'open', id, config });
      return promise;
    },

    list() {
      const { promise, resolve } = Promise.withResolvers<Result<unknown, string>>();
      const finish = (result: Result<unknown, string>): void => {
        cancel();
        resolve(result);
        done(id);
      };
      const name = 'the process that looks for ports';
      const id = begin({
        name,
        hear(message) {
          if (message.type === 'ports') finish(ok(message.ports));
        },
        lost: (sentence) => finish(err(sentence)),
      });
      const cancel = limit(() => {
        finish(err(sentences.noAnswer(name)));
        onHung();
      });
      process.send({ type: 'list', id });
      return promise;
    },
  };
}
