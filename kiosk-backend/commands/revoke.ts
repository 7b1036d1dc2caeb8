import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';

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
    const { recordAct } = await import('../audit/index.ts');
    const { known } = await withStorage((db) =>
      db.transaction().execute(async (trx) => {
        const revoked = await revoke(trx, number, reason, now());
        const detail = { number, ...revoked }; // without the reason, which may name somebody
        await recordAct(trx, { at: now(), actor: operatorHere(), action: 'certificate.revoked', detail });
        return revoked;
      }),
    );
    say(
      known
        ? `${number} is revoked.`
        : `${number} is revoked; no kiosk has reported a certificate of this number yet.`,
    );
  },
};
