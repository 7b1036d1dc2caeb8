import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';

/** Takes in what kiosks wrote to a stick because the network stayed away. */
export const takeIn: Command = {
  name: 'take-in',
  usage: 'FILE...',
  words: 1000,
  options: {},
  async run({ words, withStorage, now, say, fail }) {
    if (words.length === 0) throw new UserError('take-in wants files that a kiosk wrote (huimin-….hmx).');
    const [{ openAuthority, storedAuthorityPin }, { takeCarriedFile }] = await Promise.all([
      import('../authority/index.ts'),
      import('../ingest/index.ts'),
    ]);
    await withStorage(async (db) => {
      if ((await storedAuthorityPin(db)) === null)
        throw new UserError('No backend has been started with this database, so no kiosk is enrolled here.');
      // Its operator stands in its certificate since its first start.
      const authority = await openAuthority(db, '', now);
      const defects: unknown[] = [];
      for (const path of words) {
        const taken = await takeCarriedFile({ db, authority, now, by: operatorHere() }, path).catch(
          (cause: unknown) => notTaken(cause, path, defects),
        );
        if ('refused' in taken) {
          fail(taken.refused);
          continue;
        }
        const { kiosk, accepted, duplicate, rejected, answers } = taken;
        say(`${path}, of ${kiosk}: ${accepted} accepted, ${duplicate} duplicate, ${rejected} rejected.`);
        if ('path' in answers) say(`Its answers, to be carried back: ${answers.path}`);
        else
          fail(
            `Its answers could not be written: ${answers.absent}. The kiosk hears them once it has a network.`,
          );
      }
      const [defect] = defects;
      if (defect !== undefined) throw defect;
    });
  },
};

/** What went wrong with one file stops none of the others; what nobody expected is thrown after them. */
function notTaken(cause: unknown, path: string, defects: unknown[]): { readonly refused: string } {
  const { syscall, code } = cause as { readonly syscall?: unknown; readonly code?: unknown };
  if (syscall === 'open' || syscall === 'read') return { refused: `${path} cannot be read (${code}).` };
  defects.push(cause);
  return { refused: `${path} was not taken in, or not to its end.` };
}
