import { type Command, UserError } from './command.ts';

/** Checks or shows who did what. */
export const audit: Command = {
  name: 'audit',
  usage: 'check [--head HASH] | show [--last N]',
  words: 1,
  options: { head: { type: 'string' }, last: { type: 'string' } },
  async run({ words: [what], option, withStorage, say, fail }) {
    if (what !== 'check' && what !== 'show') throw new UserError('audit wants one of: check, show.');
    const last = Number(option('last') ?? '50');
    if (!Number.isInteger(last) || last < 1) throw new UserError('--last wants a number from 1.');
    const head = option('head');
    if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) {
      throw new UserError('--head wants the 64 digits that an earlier check printed.');
    }
    const { checkAudit, lastEntries } = await import('../audit/index.ts');
    if (what === 'show') {
      for (const entry of await withStorage((db) => lastEntries(db, last))) {
        say(
          [entry.sequence, entry.at, entry.actor, entry.action, entry.subject ?? '-', entry.detail].join(
            '  ',
          ),
        );
      }
      return;
    }
    const verdict = await withStorage((db) => checkAudit(db, head ?? null));
    if (verdict.broken !== null) return fail(`The audit is broken. ${verdict.broken}`);
    if (verdict.contained === false) return fail(`The audit is cut or replaced: it does not hold ${head}.`);
    if (verdict.head === null) return say('The audit has no entries yet.');
    say(`${verdict.entries} entries, whole since ${verdict.since}. Head: ${verdict.head}`);
  },
};
