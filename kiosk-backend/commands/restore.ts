import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';
import { passphraseIn } from './passphrase.ts';
import { endOnSignals } from './signals.ts';

/** Kiosk numbers left out unless told otherwise: more kiosks than a community sets up between two backups. */
const NEW_KIOSKS = '50';

/** Puts a backup into an empty place. */
export const restore: Command = {
  name: 'restore',
  usage: 'FILE [--passphrase-file FILE] [--new-kiosks N]',
  words: 1,
  options: { 'passphrase-file': { type: 'string' }, 'new-kiosks': { type: 'string', default: NEW_KIOSKS } },
  async run({ words: [file], option, data, place, now, say, fail }) {
    if (!file) throw new UserError('restore wants the name of a backup.');
    const newKiosks = Number(option('new-kiosks') ?? NEW_KIOSKS);
    if (!Number.isInteger(newKiosks) || newKiosks < 0 || newKiosks > 9999) {
      throw new UserError('--new-kiosks wants a number from 0 to 9999.');
    }
    const passphraseFile = option('passphrase-file');
    const passphrase = passphraseFile === undefined ? null : passphraseIn(passphraseFile);
    const { BackupRefused, restoreBackup } = await import('../backup/index.ts');
    endOnSignals();
    const databaseUrl = process.env.DATABASE_URL;
    const actor = operatorHere();
    const { madeAt, ahead, auditFlaw } = await restoreBackup({
      file,
      passphrase,
      data,
      databaseUrl,
      newKiosks,
      actor,
      now,
    }).catch((error: unknown) => {
      throw error instanceof BackupRefused ? new UserError(error.message) : error;
    });
    const from = madeAt === null ? '' : ` It was made at ${madeAt}.`;
    say(
      `${file} is restored into ${await place()}.${from} Left out: ${ahead.serialsEach} serials of each kiosk, ${ahead.kioskNumbers} kiosk numbers, ${ahead.codes} enrolment codes.`,
    );
    say(
      'Do again what was done since: revocations, deletion requests, changes of the registry, what is shared and was written off, codes, enrolment of new kiosks.',
    );
    if (auditFlaw !== null) fail(`The audit in it is broken. ${auditFlaw}`);
  },
};
