import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';
import { idNumberTyped } from './person.ts';

/** Deletes what the backend holds about a person. */
export const forget: Command = {
  name: 'forget',
  usage: '--id-number N --reason TEXT [--registry]',
  words: 0,
  options: {
    'id-number': { type: 'string' },
    reason: { type: 'string' },
    registry: { type: 'boolean', default: false },
  },
  async run({ option, flag, withStorage, now, say }) {
    const idNumber = idNumberTyped('forget', option('id-number'));
    const reason = option('reason');
    if (!reason) throw new UserError('forget wants --reason TEXT, without names: it stays in the audit.');
    if (reason.toUpperCase().includes(idNumber)) {
      throw new UserError('--reason stays in the audit, so it may not hold the number.');
    }
    const { forgetPerson } = await import('../privacy/index.ts');
    const request = { idNumber, reason, registry: flag('registry'), actor: operatorHere() };
    const { events, certificates, registry } = await withStorage((db) => forgetPerson(db, request, now()));
    say(
      `Personal data taken out of ${events} events and ${certificates} certificates; ${registry} registry rows deleted.`,
    );
  },
};
