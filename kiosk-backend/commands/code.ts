import { type Command, UserError } from './command.ts';

/** A one-time code with which a kiosk enrols. */
export const code: Command = {
  name: 'code',
  usage: '<kiosk-id> --community NAME',
  words: 1,
  options: { community: { type: 'string' } },
  async run({ words: [kiosk], option, withStorage, now, say }) {
    if (!kiosk || !/^[a-z0-9-]{3,64}$/.test(kiosk)) {
      throw new UserError('code wants a kiosk id of 3 to 64 small letters, digits and dashes.');
    }
    const community = option('community');
    if (!community) throw new UserError('code wants --community NAME: where the kiosk stands.');
    const { newEnrolmentCode } = await import('../fleet/index.ts');
    say(await withStorage((db) => newEnrolmentCode(db, kiosk, community, now())));
  },
};
