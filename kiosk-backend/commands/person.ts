import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { UserError } from './command.ts';

/** The option that names a file with the number of an ID card. */
export const idNumberOption = { 'id-number-file': { type: 'string' } } as const;

/**
 * The number of an ID card: the first line of a file, or of what is typed or piped in. Not an option's text, which is
 * seen in the list of processes and kept by shells and npm; and never quoted back.
 */
export async function idNumberGiven(command: string, file: string | undefined): Promise<string> {
  const line = file === undefined ? await firstLineTyped() : firstLineIn(file);
  const idNumber = line.trim().toUpperCase();
  if (/^[0-9A-Z]{15,18}$/.test(idNumber)) return idNumber;
  throw new UserError(
    `${command} wants the number of an ID card, 15 to 18 digits and letters, typed or from --id-number-file FILE.`,
  );
}

function firstLineIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch {
    throw new UserError(`The file ${file} cannot be read.`);
  }
}

async function firstLineTyped(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Number of the ID card: ');
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    process.stdin.destroy();
  }
}
