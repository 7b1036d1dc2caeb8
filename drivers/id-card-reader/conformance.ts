import { parseConfig } from '../config.ts';
import {
  type Check,
  type CheckResult,
  fail,
  failed,
  type Hands,
  ONLINE_WITHIN_MS,
  passed,
  skip,
  skipped,
  supervisedChecks,
  verdictOf,
} from '../conformance/index.ts';
import type { Clock, CommandError, Result } from '../device.ts';
import { hasRightCheckDigit } from './check-digit.ts';
import { type IdCardReaderConfig, idCardReaderConfigSchema } from './config.ts';
import { openIdCardReader } from './driver.ts';
import { tapExchange } from './exchange-tap.ts';
import type { IdCardReader, IdCardReaderOptions, ReadCardOptions } from './reader.ts';
import { readerPort } from './reader-port.ts';

/** What hands do at a reader. `swap-card` lays another card down right after lifting the one that lies there. */
export type IdCardReaderTask = 'lay-card' | 'lift-card' | 'swap-card' | 'unplug' | 'plug-in';

export interface IdCardReaderContext {
  /** Each check opens the reader with it, and closes it again. */
  readonly config: IdCardReaderConfig;
  readonly options?: IdCardReaderOptions;
  readonly clock: Clock;
  readonly hands: Hands<IdCardReaderTask>;
  /** How long a person may take for a task, milliseconds. */
  readonly patienceMs?: number;
}

/** Between two questions for a card (GA/T 467 readers misbehave when asked more often), and what a clock may be off. */
const POLL_MS = 300;
const CLOCK_MS = 2;
const CANCEL_MS = 500;
const BACK_MS = 2000;
const PATIENCE_MS = 60_000;

/** One check's reader, the requests it was sent, and what is needed to write a check down in one line after another. */
interface Desk {
  readonly reader: IdCardReader;
  readonly finds: readonly number[];
  readonly patienceMs: number;
  /** Milliseconds that passed. */
  stopwatch(): () => number;
  wait(ms: number): Promise<void>;
  /** Ends the check as skipped if it cannot be done. */
  hands(task: IdCardReaderTask): Promise<void>;
  /** As soon as the first bytes of the next reading arrive; whether it could be done. */
  handsInMidRead(task: IdCardReaderTask): Promise<boolean>;
  /** The reader's being online, or not in time. */
  online(withinMs: number): Promise<boolean>;
}

/** The value of a command that has to succeed. */
function good<T>(what: string, result: Result<T, CommandError>): T {
  return result.ok ? result.value : fail(`${what}: ${result.error.reason} (${result.error.detail})`);
}

/** The reason of a command that has to fail. */
function reasonOf(what: string, result: Result<unknown, CommandError>): string {
  return result.ok ? fail(`${what} succeeded`) : result.error.reason;
}

type Run = (desk: Desk) => Promise<CheckResult>;

const check = (id: string, title: string, run: Run): Check<IdCardReaderContext> => ({
  id,
  title,
  async run(context) {
    const { desk, close } = await setUp(context);
    try {
      return await verdictOf(async () => {
        if (!(await desk.online(ONLINE_WITHIN_MS))) return failed(`it is ${desk.reader.status.device}`);
        return run(desk);
      });
    } finally {
      await close();
    }
  },
});

async function setUp(context: IdCardReaderContext) {
  const { config, options, clock, hands, patienceMs = PATIENCE_MS } = context;
  const finds: number[] = [];
  let onReading: (() => void) | null = null;
  const checked = parseConfig('the ID card reader', idCardReaderConfigSchema, config);
  const port = readerPort(checked, {
    hosting: { clock, startPortHost: options?.startPortHost },
    listPorts: options?.listPorts,
  });
  const reader = openIdCardReader({
    ...checked,
    framing: 'plain',
    transport: tapExchange(port.transport, {
      onRequest(name) {
        if (name === 'findCard') finds.push(clock.monotonic());
      },
      onReplyBegins(name) {
        if (name !== 'readCard' && name !== 'readCardWithFingerprint') return;
        onReading?.();
        onReading = null;
      },
    }),
    ...options,
    clock,
  });
  const wait = (ms: number) => new Promise<void>((done) => clock.after(ms, done));
  const desk: Desk = {
    reader,
    finds,
    patienceMs,
    wait,
    stopwatch() {
      const from = clock.monotonic();
      return () => Math.round(clock.monotonic() - from);
    },
    async hands(task) {
      if (!(await hands(task))) skip(`nobody could do it: ${task}`);
    },
    handsInMidRead: (task) =>
      new Promise((resolve) => {
        onReading = () => resolve(hands(task));
      }),
    online: (withinMs) =>
      new Promise((resolve) => {
        const settle = (is: boolean) => {
          stop();
          cancel();
          resolve(is);
        };
        const cancel = clock.after(withinMs, () => settle(false));
        const stop = reader.onStatus(({ device }) => {
          if (device === 'online') settle(true);
        });
        if (reader.status.device === 'online') settle(true);
      }),
  };
  const close = async () => {
    port.stop();
    await reader.close();
  };
  return { desk, close };
}

/** Lays a card down and reads it. */
async function readOne({ reader, hands, patienceMs }: Desk, options: ReadCardOptions = {}) {
  await hands('lay-card');
  return good('reading a card', await reader.readCard({ timeoutMs: patienceMs, ...options }));
}

const answersStatus = check('answers-status', 'it says how its security module is', async ({ reader }) => {
  good('asking for its status', await reader.deviceInfo({ timeoutMs: 5000 }));
  return passed();
});

const tellsSamId = check('tells-sam-id', 'it tells the number of its security module', async ({ reader }) => {
  const { samId } = good('asking for the number', await reader.deviceInfo({ timeoutMs: 5000 }));
  return samId === null ? failed('it does not know the request') : passed(samId);
});

const readsCard = check(
  'reads-a-card',
  'it reads a card whose number has the right check digit',
  async (desk) => {
    const { card, photo } = await readOne(desk);
    await desk.hands('lift-card');
    // The 2017 design's numbers carry no check digit of this kind.
    if (card.type !== 'foreigner-2017' && !hasRightCheckDigit(card.number))
      return failed('the digit is wrong');
    return passed(`${card.type}, photo of ${photo.length} bytes`);
  },
);

const readsAgain = check(
  'reads-again-after-lifting',
  'it reads a card again only after it was lifted',
  async (desk) => {
    const first = await readOne(desk);
    const reason = reasonOf('reading it again', await desk.reader.readCard({ timeoutMs: 1500 }));
    if (reason !== 'timed-out') return failed(`reading it again ended with ${reason}`);
    await desk.hands('lift-card');
    const second = await readOne(desk);
    await desk.hands('lift-card');
    return first.card.number === second.card.number ? passed() : failed('it was read as two cards');
  },
);

const noticesRemoval = check(
  'notices-removal',
  'it notices that a card has left, and not before',
  async (desk) => {
    await readOne(desk);
    const early = reasonOf('waiting for removal', await desk.reader.waitForRemoval({ timeoutMs: 1500 }));
    if (early !== 'timed-out') return failed(`while the card lay there, waiting ended with ${early}`);
    const events: string[] = [];
    const stop = desk.reader.onEvent(({ name }) => events.push(name));
    const removal = desk.reader.waitForRemoval({ timeoutMs: desk.patienceMs });
    await desk.hands('lift-card');
    const since = desk.stopwatch();
    good('waiting for removal', await removal);
    stop();
    if (!events.includes('MediaRemoved')) return failed('no MediaRemoved was told');
    return since() <= BACK_MS ? passed(`${since()} ms`) : failed(`only after ${since()} ms`);
  },
);

const noticesSwap = check(
  'notices-another-card',
  'it tells another card from the one before',
  async (desk) => {
    const first = await readOne(desk);
    const removal = desk.reader.waitForRemoval({ timeoutMs: desk.patienceMs });
    await desk.hands('swap-card');
    good('waiting for removal', await removal);
    const second = good('reading the other card', await desk.reader.readCard({ timeoutMs: desk.patienceMs }));
    await desk.hands('lift-card');
    return first.card.number === second.card.number ? failed('it is the same card') : passed();
  },
);

const cancels = check('cancels', `it gives up within ${CANCEL_MS} ms when it is told to`, async (desk) => {
  const stop = new AbortController();
  const reading = desk.reader.readCard({ signal: stop.signal });
  await desk.wait(700);
  stop.abort();
  const since = desk.stopwatch();
  const reason = reasonOf('reading', await reading);
  if (reason !== 'canceled') return failed(`it ended with ${reason}`);
  return since() <= CANCEL_MS ? passed(`${since()} ms`) : failed(`only after ${since()} ms`);
});

const timesOut = check('times-out', 'it ends in time when no card comes', async (desk) => {
  const since = desk.stopwatch();
  const result = await desk.reader.readCard({ timeoutMs: 1000 });
  const took = since();
  if (result.ok || result.error.code !== 'timeOut') return failed('it did not end with timeOut');
  return took <= 1000 + CANCEL_MS ? passed(`${took} ms`) : failed(`only after ${took} ms`);
});

const pollsSlowly = check(
  'polls-slowly',
  `it is not asked for a card more often than every ${POLL_MS} ms`,
  async (desk) => {
    reasonOf('reading', await desk.reader.readCard({ timeoutMs: 2500 }));
    const pauses = desk.finds.slice(1).map((at, i) => at - (desk.finds[i] ?? 0));
    if (pauses.length < 2) return failed('it was hardly asked at all');
    const shortest = Math.min(...pauses);
    return shortest >= POLL_MS - CLOCK_MS ? passed() : failed(`once after ${Math.round(shortest)} ms`);
  },
);

const latestAddress = check(
  'latest-address',
  'it tells whether a card holds a later address',
  async (desk) => {
    const { latestAddress: address } = await readOne(desk, { latestAddress: true });
    await desk.hands('lift-card');
    if (address === undefined) return skipped('the reader does not know the request');
    return passed(address === null ? 'this card holds none' : 'this card holds one');
  },
);

const survivesUnplugging = check(
  'survives-unplugging',
  `unplugged in mid-read it ends with a named error, and is back within ${BACK_MS} ms`,
  async (desk) => {
    await desk.hands('lay-card');
    const unplugging = desk.handsInMidRead('unplug');
    const reading = desk.reader.readCard({ timeoutMs: desk.patienceMs });
    const begun = await Promise.race([unplugging, reading]);
    if (begun === false) return skipped('nobody could do it: unplug');
    if (typeof begun === 'object' && !begun.ok) return failed(`it ended with ${begun.error.reason}`);
    await unplugging;
    const read = await reading;
    // Hands may be slower than the reader: then the next command meets the missing port.
    const reason = read.ok
      ? reasonOf('waiting for removal', await desk.reader.waitForRemoval({ timeoutMs: 5000 }))
      : read.error.reason;
    if (reason !== 'unplugged') return failed(`it ended with ${reason}`);
    await desk.hands('plug-in');
    const since = desk.stopwatch();
    if (!(await desk.online(BACK_MS)))
      return failed(`after ${BACK_MS} ms it is ${desk.reader.status.device}`);
    const took = since();
    await desk.hands('lift-card');
    await readOne(desk);
    await desk.hands('lift-card');
    return passed(`${took} ms, unplugged ${read.ok ? 'behind' : 'in the middle of'} the read`);
  },
);

/** Of the checks of every device: the others are part of those here. */
const tellsChangesOnly = supervisedChecks
  .filter(({ id }) => id === 'tells-changes-only')
  .map(
    ({ id, title, run }): Check<IdCardReaderContext> => ({
      id,
      title,
      run: ({ config, options, clock, hands }) =>
        run({ open: () => openIdCardReader({ ...config, ...options, clock }), hands, clock }),
    }),
  );

/** What a reader, its driver and its line have to be capable of together. */
export const idCardReaderChecks: readonly Check<IdCardReaderContext>[] = [
  answersStatus,
  ...tellsChangesOnly,
  tellsSamId,
  timesOut,
  cancels,
  pollsSlowly,
  readsCard,
  readsAgain,
  noticesRemoval,
  noticesSwap,
  latestAddress,
  survivesUnplugging,
];
