import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';

/** A one-time code with which a kiosk enrols, and what to write into its configuration. */
export const code: Command = {
  name: 'code',
  usage: '<kiosk-id> --community NAME',
  first: true,
  words: 1,
  options: { community: { type: 'string' } },
  async run({ words: [kiosk], option, withStorage, now, say }) {
    if (!kiosk || !/^[a-z0-9-]{3,64}$/.test(kiosk)) {
      throw new UserError('code wants a kiosk id of 3 to 64 small letters, digits and dashes.');
    }
    const community = option('community');
    if (!community) throw new UserError('code wants --community NAME: where the kiosk stands.');
    const { newEnrolmentCode, notedAddress } = await import('../fleet/index.ts');
    const { recordAct } = await import('../audit/index.ts');
    const { code, address } = await withStorage(async (db) => ({
      address: await notedAddress(db),
      code: await db.transaction().execute(async (trx) => {
        const made = await newEnrolmentCode(trx, kiosk, community, now());
        const detail = { kiosk, community };
        await recordAct(trx, { at: now(), actor: operatorHere(), action: 'enrolment-code.made', detail });
        return made;
      }),
    }));
    say('# For kiosk.yaml; the code is good for seven days:');
    say(`kiosk: ${kiosk}`);
    say('backend:');
    say(
      address === null
        ? '  url: "https://…"   # start the backend once, then its address is known here'
        : `  url: "${address.url}"`,
    );
    if (address?.pin) say(`  authority: ${address.pin}`);
    else if (address?.url.startsWith('https:'))
      say('  authority: /path/to/authority.pem   # whoever issued the certificate of the proxy');
    say(`  enrolmentCode: ${code}`);
  },
};
