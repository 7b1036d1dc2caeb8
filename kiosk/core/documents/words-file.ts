/** Files of words with placeholders, checked: shared by certificate.yaml and receipt.yaml. */
import type { z } from 'zod';
import { type FileProblem, nearest, type YamlResult } from '../yaml/index.ts';
import { malformedPlaceholder, placeholdersOf } from './placeholders.ts';
import { err, ok, type Result } from './result.ts';

/** Every string within a value, with the path that leads to it. */
function* stringsIn(value: unknown, path: PropertyKey[] = []): Generator<[PropertyKey[], string]> {
  if (typeof value === 'string') yield [path, value];
  else if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) yield* stringsIn(inner, [...path, index]);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) yield* stringsIn(inner, [...path, key]);
  }
}

/** Adds an issue for every text whose braces are wrong or ask for something that is not known. */
export function checkPlaceholders(value: unknown, known: readonly string[], context: z.RefinementCtx): void {
  for (const [path, text] of stringsIn(value)) {
    const malformed = malformedPlaceholder(text);
    if (malformed !== null) context.addIssue({ code: 'custom', path, message: malformed });
    const unknown = placeholdersOf(text).find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    const meant = nearest(unknown, known);
    const help = meant === null ? `known are ${known.join(', ')}` : `did you mean {${meant}}?`;
    context.addIssue({ code: 'custom', path, message: `unknown placeholder {${unknown}}; ${help}` });
  }
}

/** The value, or the first thing that is wrong with the file. */
export function firstProblem<T>(file: string, read: YamlResult<T>): Result<T, FileProblem> {
  if (read.ok) return ok(read.value);
  return err(read.problems[0] ?? { file, line: 0, message: 'is wrong' });
}
