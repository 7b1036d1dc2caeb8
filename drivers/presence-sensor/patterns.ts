import { z } from 'zod';

const LONGEST_PATTERN = 64;

/** Bytes to look for, e.g. `AA ?? 01`: hexadecimal, `??` is any byte. */
export const patternSchema = z
  .string()
  .regex(
    /^([0-9a-fA-F]{2}|\?\?)( ([0-9a-fA-F]{2}|\?\?))*$/,
    'write hexadecimal bytes or ??, separated by single spaces',
  )
  .refine((text) => /[0-9a-fA-F]{2}/.test(text), 'a pattern of nothing but ?? is found everywhere')
  .refine(
    (text) => text.split(' ').length <= LONGEST_PATTERN,
    `a pattern has at most ${LONGEST_PATTERN} bytes`,
  );

/** Looks for patterns in a stream that may be cut anywhere. */
export interface PatternFinder<Meaning> {
  /** The meanings of the patterns that ended in this chunk, in the order in which they ended. */
  push(chunk: Uint8Array): Meaning[];
}

type Pattern = readonly (number | null)[];

export function patternFinder<Meaning>(
  patterns: readonly { readonly pattern: string; readonly meaning: Meaning }[],
): PatternFinder<Meaning> {
  const parsed = patterns.map(({ pattern, meaning }) => ({
    bytes: pattern
      .split(' ')
      .map((token): number | null => (token === '??' ? null : Number.parseInt(token, 16))),
    meaning,
  }));
  const longest = Math.max(0, ...parsed.map(({ bytes }) => bytes.length));
  const seen: number[] = [];
  return {
    push(chunk) {
      const found: Meaning[] = [];
      for (const byte of chunk) {
        seen.push(byte);
        if (seen.length > longest) seen.shift();
        for (const { bytes, meaning } of parsed) if (endsWith(seen, bytes)) found.push(meaning);
      }
      return found;
    },
  };
}

const endsWith = (seen: readonly number[], pattern: Pattern): boolean =>
  seen.length >= pattern.length &&
  pattern.every((byte, i) => byte === null || byte === seen[seen.length - pattern.length + i]);
