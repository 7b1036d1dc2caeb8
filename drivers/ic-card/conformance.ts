import {
  type Check,
  type CheckResult,
  failed,
  passed,
  type SupervisedContext,
  skipped,
  statusIs,
  supervisedChecks,
  whileOnline,
} from '../conformance/index.ts';
import { type CommandError, type CommandOptions, type Result, systemClock } from '../device.ts';
import type { IcCardReader } from './ic-card-reader.ts';

export type IcCardTask = 'place-social-card' | 'place-badge' | 'remove-card';

/** `remove-card` when none lies there is done at once. */
export type IcCardContext = SupervisedContext<IcCardReader, IcCardTask>;

/** A person at a desk has this long to lay a card down, and a card to be read. */
const PATIENCE_MS = 30_000;

type Read = (reader: IcCardReader, options: CommandOptions) => Promise<Result<unknown, CommandError>>;

const reads = (id: string, title: string, task: IcCardTask, read: Read): Check<IcCardContext> => ({
  id,
  title,
  run: (context) =>
    whileOnline(context, async (reader): Promise<CheckResult> => {
      if (!(await context.hands('remove-card'))) return skipped('nobody cleared the reader');
      const events: string[] = [];
      reader.onEvent(({ name }) => events.push(name));
      const abort = new AbortController();
      const reading = read(reader, { timeoutMs: PATIENCE_MS, signal: abort.signal });
      const placed = await context.hands(task);
      if (!placed) abort.abort();
      const result = await reading;
      if (!placed) return skipped('nobody laid such a card down');
      if (!result.ok) return failed(`it ended with ${result.error.reason}`);
      if (!events.includes('MediaInserted')) return failed('MediaInserted was not told');
      if (!(await context.hands('remove-card'))) return skipped('nobody took the card away');
      const clock = context.clock ?? systemClock;
      const gone = await statusIs(reader, ({ media }) => media === 'notPresent', 2000, clock);
      return gone && events.includes('MediaRemoved')
        ? passed()
        : failed('its removal was not told within 2 s');
    }),
});

export const icCardChecks: readonly Check<IcCardContext>[] = [
  ...supervisedChecks,
  reads(
    'reads-a-holder',
    'a social-security card is read without a PIN',
    'place-social-card',
    (reader, options) => reader.readHolder(options),
  ),
  reads('reads-a-badge', 'the number of a badge is read', 'place-badge', (reader, options) =>
    reader.readUid(options),
  ),
  {
    id: 'ends-in-time',
    title: 'waiting for a card ends in time and when it is canceled',
    run: (context) =>
      whileOnline(context, async (reader): Promise<CheckResult> => {
        if (!(await context.hands('remove-card'))) return skipped('nobody cleared the reader');
        const clock = context.clock ?? systemClock;
        await statusIs(reader, ({ media }) => media === 'notPresent', 2000, clock);
        const late = await reader.readUid({ timeoutMs: 50 });
        if (late.ok || late.error.reason !== 'timed-out') return failed('it did not end in time');
        const abort = new AbortController();
        const reading = reader.readUid({ signal: abort.signal });
        abort.abort();
        const ended = await reading;
        return ended.ok || ended.error.reason !== 'canceled' ? failed('canceling did not end it') : passed();
      }),
  },
];
