import { readFileSync } from 'node:fs';
import { UserError } from './command.ts';

const SHORTEST = 12;

/** The first line of a file; a passphrase typed as an option would be seen in the list of processes. */
export function passphraseIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`The passphrase file ${file} cannot be read.`);
  }
  const passphrase = text.split(/\r?\n/)[0]?.trim() ?? '';
  if (passphrase.length >= SHORTEST) return passphrase;
  throw new UserError(`The first line of ${file} wants at least ${SHORTEST} characters.`);
}
