import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** How words are read that have several readings: characters to numbered pinyin, a syllable for each character. */
export type Lexicon = ReadonlyMap<string, string>;

const lexiconSchema = z
  .record(z.string().regex(/^\p{Script=Han}+$/u), z.string().regex(/^[a-z]+[1-5]( [a-z]+[1-5])*$/))
  .superRefine((words, context) => {
    for (const [word, reading] of Object.entries(words))
      if ([...word].length !== reading.split(' ').length)
        context.addIssue({ code: 'custom', path: [word], message: 'needs a syllable for each character' });
  });

/** Reads `lexicon.yaml` in the folder of the voice. Throws, naming the word, where a line is not as it should be. */
export function readLexicon(folder: string): Lexicon {
  const file = path.join(folder, 'lexicon.yaml');
  const parsed = lexiconSchema.safeParse(parse(readFileSync(file, 'utf8')));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const [issue] = parsed.error.issues;
  throw new Error(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
}
