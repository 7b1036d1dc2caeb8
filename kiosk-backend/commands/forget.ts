import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';
import { idNumberGiven, idNumberOption } from './person.ts';

/** Deletes what the backend holds about a person. */
export const forget: Command = {
  name: 'forget',
  usage: '[--id-number-file FILE] --reason TEXT [--registry]',
  words: 0,
  options: {
    ...idNumberOption,
    reason: { type: 'string' },
    registry: { type: 'boolean', default: false },
  },
  async run({ option, flag, withStorage, now, say, place }) {
    const reason = option('reason');
    if (!reason) throw new UserError('forget wants --reason TEXT, without names: it stays in the audit.');
    const idNumber = await idNumberGiven('forget', option('id-number-file'));
    if (reason.toUpperCase().includes(idNumber)) {
      throw new UserError('--reason stays in the audit, so it may not hold the number.');
    }
    const { forgetPerson } = await import('../privacy/index.ts');
    const request = { idNumber, reason, registry: flag('registry'), actor: operatorHere() };
    const { events, certificates, registry } = await withStorage((db) => forgetPerson(db, request, now()));
    say(
      `Personal data taken out of ${events} events and ${certificates} certificates of ${await place()}; ${registry} registry rows deleted.`,
    );
  },
};
