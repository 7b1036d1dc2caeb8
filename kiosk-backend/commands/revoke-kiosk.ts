import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';

/** Ends the trust in a kiosk that was stolen, cloned or retired. */
export const revokeKiosk: Command = {
  name: 'revoke-kiosk',
  usage: '<kiosk-id> --reason TEXT [--since TIME]',
  words: 1,
  options: { reason: { type: 'string' }, since: { type: 'string' } },
  async run({ words: [kiosk], option, withStorage, now, say, fail }) {
    if (!kiosk) throw new UserError('revoke-kiosk wants the id of a kiosk.');
    const reason = option('reason');
    if (!reason) throw new UserError('revoke-kiosk wants --reason TEXT.');
    const since = sinceFrom(option('since'), now());
    const { revokeKiosk: revoke } = await import('../fleet/index.ts');
    const outcome = await withStorage((db) =>
      revoke(db, { kiosk, reason, since, by: operatorHere() }, now()),
    );
    switch (outcome) {
      case 'unknown-kiosk':
        return fail(`No kiosk ${kiosk} was ever enrolled; a code for it is void now.`);
      case 'revoked-before':
        return fail(
          `${kiosk} was revoked before; what was said then stands, and a code made since is void now.`,
        );
      case 'revoked':
        say(
          `${kiosk} is revoked; its codes are void. Certificates count if they were reported before ${since.toISOString()}.`,
        );
        say(
          `To take it back: npm run backend -- code ${kiosk} --community NAME; it makes new keys by itself.`,
        );
        return;
      default:
        outcome satisfies never;
    }
  },
};

/** A time not after now; now where none was given. */
function sinceFrom(text: string | undefined, now: Date): Date {
  if (text === undefined) return now;
  const since = new Date(text);
  if (Number.isNaN(since.getTime())) {
    throw new UserError(`--since wants a time as 2026-11-22T09:00:00Z, not "${text}".`);
  }
  if (since > now) throw new UserError('--since lies in the future; without it, it is now.');
  return since;
}
