/** `{name}` in the words of a service's documents, and `[parts]` that vanish when a value inside them is empty. Pure. */
import { err, ok, type Result } from './result.ts';

const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9]*)\}/g;
const OPTIONAL = /\[([^[\]]*)\]/g;

/** A text asks for a value that is empty or absent, outside of an optional part. */
export interface MissingFact {
  readonly reason: 'missing-fact';
  readonly fact: string;
}

/** The names a text asks for. */
export const placeholdersOf = (text: string): string[] =>
  Array.from(text.matchAll(PLACEHOLDER), ([, name = '']) => name);

/** What is wrong with a text's braces and brackets, or null. */
export function malformedPlaceholder(text: string): string | null {
  const rest = text.replace(PLACEHOLDER, '').replace(OPTIONAL, '$1');
  const stray = /[{}[\]]/.exec(rest)?.[0];
  return stray === undefined
    ? null
    : `stray ${stray}: write {fact} for a value and [...] for an optional part`;
}

/** Puts values in their places. */
export function fill(text: string, values: Readonly<Record<string, string>>): Result<string, MissingFact> {
  const valueNamed = (name: string): string => values[name] ?? '';
  const kept = text.replace(OPTIONAL, (_whole, part: string) =>
    placeholdersOf(part).every((name) => valueNamed(name) !== '') ? part : '',
  );
  const missing = placeholdersOf(kept).find((name) => valueNamed(name) === '');
  if (missing !== undefined) return err({ reason: 'missing-fact', fact: missing });
  return ok(kept.replace(PLACEHOLDER, (_whole, name: string) => valueNamed(name)));
}
