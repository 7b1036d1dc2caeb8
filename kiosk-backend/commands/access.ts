import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type Command, UserError } from './command.ts';
import { operatorHere } from './operator.ts';
import { idNumberGiven, idNumberOption } from './person.ts';

/** Tells a person what the backend holds about them. */
export const access: Command = {
  name: 'access',
  usage: '[--id-number-file FILE] (--to FILE | --print)',
  words: 0,
  options: {
    ...idNumberOption,
    to: { type: 'string' },
    print: { type: 'boolean', default: false },
  },
  async run({ option, flag, withStorage, now, say, place }) {
    const to = option('to');
    if ((to === undefined) !== flag('print')) {
      throw new UserError('access wants either --to FILE or --print, which leaves it in the terminal.');
    }
    const idNumber = await idNumberGiven('access', option('id-number-file'));
    // First of all: where nothing can be written, nothing was asked either.
    const file = to === undefined ? null : opened(to);
    try {
      const { personalFile } = await import('../privacy/index.ts');
      const held = await withStorage((db) => personalFile(db, { idNumber, actor: operatorHere() }, now()));
      const json = `${JSON.stringify(held, null, 2)}\n`;
      if (file === null) return say(json.trimEnd());
      writeSync(file, json);
      fsyncSync(file);
      say(
        `${held.events.length} events and ${held.certificates.length} certificates are in ${to}, out of ${await place()}.`,
      );
    } finally {
      if (file !== null) closeSync(file);
    }
  },
};

function opened(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const taken = (error as { code?: unknown }).code === 'EEXIST';
    throw new UserError(taken ? `${path} is there already; name a new file.` : `${path} cannot be written.`);
  }
}
