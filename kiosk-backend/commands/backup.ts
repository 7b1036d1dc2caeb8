import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';
import { passphraseIn } from './passphrase.ts';
import { endOnSignals } from './signals.ts';

/** Writes all the backend knows into one file. */
export const backup: Command = {
  name: 'backup',
  usage: 'FILE (--passphrase-file FILE | --plain)',
  words: 1,
  options: { 'passphrase-file': { type: 'string' }, plain: { type: 'boolean', default: false } },
  async run({ words: [file], option, flag, data, place, withStorage, now, say }) {
    if (!file) throw new UserError('backup wants the name of a new file.');
    const passphraseFile = option('passphrase-file');
    if ((passphraseFile === undefined) !== flag('plain')) {
      throw new UserError(
        "backup wants --passphrase-file FILE, or --plain for one that holds residents' data for anyone to read.",
      );
    }
    const passphrase = passphraseFile === undefined ? null : passphraseIn(passphraseFile);
    const { BackupRefused, makeBackup } = await import('../backup/index.ts');
    endOnSignals();
    const databaseUrl = process.env.DATABASE_URL;
    const { bytes, auditHead } = await withStorage((db) =>
      makeBackup(db, { file, passphrase, data, databaseUrl, actor: operatorHere(), now }),
    ).catch((error: unknown) => {
      throw error instanceof BackupRefused ? new UserError(error.message) : error;
    });
    if (passphrase === null) {
      say("Warning: this file holds residents' data and the authority's key for anyone to read.");
    }
    say(
      `${file} is made of ${await place()} and checked: ${bytes} bytes. Audit head: ${auditHead ?? 'none'}`,
    );
  },
};
