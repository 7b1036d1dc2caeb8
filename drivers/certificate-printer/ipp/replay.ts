import { isDeepStrictEqual } from 'node:util';
import { err, ok, type Result } from '../../device.ts';
import { type IppClient, isQuestion } from './client.ts';
import type { ExchangeFailure } from './connection.ts';
import type { IppMessage } from './message.ts';
import { type IppExchange, type IppRecording, requestOf } from './recording.ts';
import { OPERATION, textsOf, toAttributes } from './terms.ts';

type Request = IppExchange['request'];

export interface IppReplay {
  readonly client: IppClient;
  /** The first thing the driver asked for that the recording has not, or null. */
  readonly divergence: string | null;
  /** How many exchanges that made or changed a job have not been played. */
  readonly left: number;
}

const REQUESTED = 'requested-attributes';

/** Whether a recorded request answers this one: it is the same, or it asked the printer for these attributes and more. */
const answers = (recorded: Request, asked: Request): boolean => {
  if (asked.operation !== OPERATION.getPrinterAttributes) return isDeepStrictEqual(recorded, asked);
  const told = new Set(textsOf(toAttributes(recorded.attributes), REQUESTED));
  return (
    recorded.operation === asked.operation &&
    textsOf(toAttributes(asked.attributes), REQUESTED).every((name) => told.has(name))
  );
};

/**
 * Answers as the recorded printer did. Whatever made or changed a job comes in the recorded order, each once. How often
 * a driver looks in between depends on the time that day: a question gets the answers that were recorded for it before
 * the next change, one after the other, and then the last of them again. Times are not replayed.
 */
export const replayIpp = ({ exchanges }: IppRecording): IppReplay => {
  const answered = new Set<IppExchange>();
  /** The first exchange after the last change that was played. */
  let from = 0;
  let divergence: string | null = null;

  const nextChange = (): number => {
    const found = exchanges.findIndex((each, index) => index >= from && !isQuestion(each.request.operation));
    return found < 0 ? exchanges.length : found;
  };

  const find = (asked: Request): IppExchange | undefined => {
    const same = (each: IppExchange | undefined): boolean =>
      each !== undefined && answers(each.request, asked);
    const end = nextChange();
    if (!isQuestion(asked.operation)) {
      if (!same(exchanges[end])) return undefined;
      from = end + 1;
      return exchanges[end];
    }
    const heard = exchanges.slice(0, end).filter(same);
    return heard.find((each) => !answered.has(each) && exchanges.indexOf(each) >= from) ?? heard.at(-1);
  };

  const client: IppClient = {
    async call(call): Promise<Result<IppMessage, ExchangeFailure>> {
      const exchange = find(requestOf(call));
      if (!exchange) {
        const operation = `operation 0x${call.operation.toString(16).padStart(4, '0')}`;
        divergence ??= `${operation} was not recorded like this after line ${from + 1}`;
        return err({ kind: 'lost', detail: `the recording diverges: ${divergence}` });
      }
      answered.add(exchange);
      const { answer } = exchange;
      if ('failure' in answer) return err({ kind: answer.failure, detail: 'as recorded' });
      return ok({
        version: [2, 0],
        code: answer.status,
        requestId: 1,
        groups: answer.groups,
        data: new Uint8Array(),
      });
    },
    close: () => undefined,
  };

  return {
    client,
    get divergence() {
      return divergence;
    },
    get left() {
      return exchanges.slice(from).filter(({ request }) => !isQuestion(request.operation)).length;
    },
  };
};
