import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';

/** Takes personal data out of what is old, as the backend does by itself once a day. */
export const retain: Command = {
  name: 'retain',
  usage: '[--keep-days N]',
  words: 0,
  options: { 'keep-days': { type: 'string' } },
  async run({ option, withStorage, now, say }) {
    const { expire } = await import('../privacy/index.ts');
    const keepDays = await keepDaysTyped(option('keep-days'));
    const { events, certificates, refusals } = await withStorage((db) =>
      expire(db, { keepDays, actor: operatorHere(), now: now() }),
    );
    say(
      `Personal data taken out of ${events} events and ${certificates} certificates; ${refusals} refusals dropped.`,
    );
  },
};

/** For how many days events say whom they are about. */
export async function keepDaysTyped(typed: string | undefined): Promise<number> {
  const { DEFAULT_KEEP_DAYS } = await import('../privacy/index.ts');
  if (typed === undefined) return DEFAULT_KEEP_DAYS;
  const days = Number(typed);
  if (Number.isInteger(days) && days >= 1 && days <= 36_500) return days;
  throw new UserError(`--keep-days wants a number of days from 1 to 36500, not "${typed}".`);
}
