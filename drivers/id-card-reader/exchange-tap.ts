import type { Link, Transport } from '../transport/index.ts';
import { COMMANDS, type CommandName } from './codec.ts';
import { FrameParser, SHORTEST_REQUEST } from './frame.ts';

export interface ExchangeListener {
  /** A request leaves. */
  onRequest?(name: CommandName): void;
  /** The first bytes after a request have arrived; told before they are handed on. */
  onReplyBegins?(name: CommandName): void;
}

/** The transport at the level of SDT frames, telling what passes over it. */
export function tapExchange(inner: Transport, listener: ExchangeListener): Transport {
  return {
    get name() {
      return inner.name;
    },
    async open() {
      const opened = await inner.open();
      if (!opened.ok) return opened;
      const link = opened.value;
      const requests = new FrameParser(SHORTEST_REQUEST);
      let unanswered: CommandName | null = null;
      const write = (bytes: Uint8Array): Promise<void> => {
        for (const body of requests.push(bytes)) {
          unanswered = nameOf(body);
          if (unanswered !== null) listener.onRequest?.(unanswered);
        }
        return link.write(bytes);
      };
      const onData: Link['onData'] = (hear) =>
        link.onData((chunk) => {
          const begun = unanswered;
          unanswered = null;
          if (begun !== null) listener.onReplyBegins?.(begun);
          hear(chunk);
        });
      return { ok: true, value: { ...link, write, onData } };
    },
  };
}

const names = Object.keys(COMMANDS) as CommandName[];

function nameOf([command, parameter]: Uint8Array): CommandName | null {
  return (
    names.find((name) => COMMANDS[name][0] === command && COMMANDS[name][1] === parameter) ??
    (command === COMMANDS.setBaudRate[0] ? 'setBaudRate' : null)
  );
}
