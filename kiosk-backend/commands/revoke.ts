import { type Command, UserError } from './command.ts';

/** Takes a certificate back. */
export const revoke: Command = {
  name: 'revoke',
  usage: '<number> --reason TEXT',
  words: 1,
  options: { reason: { type: 'string' } },
  async run({ words: [number], option, withStorage, now, say }) {
    if (!number) throw new UserError('revoke wants the number of a certificate.');
    const reason = option('reason');
    if (!reason) throw new UserError('revoke wants --reason TEXT.');
    const { revoke } = await import('../verify/index.ts');
    const { known } = await withStorage((db) => revoke(db, number, reason, now()));
    say(
      known
        ? `${number} is revoked.`
        : `${number} is revoked; no kiosk has reported a certificate of this number yet.`,
    );
  },
};
