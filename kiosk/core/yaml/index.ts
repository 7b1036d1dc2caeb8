import { readFileSync } from 'node:fs';
import { problemsOf } from '@huimin/drivers';
import { distance } from 'fastest-levenshtein';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

/** What is wrong in a file a person wrote: where, and what would be right. */
export interface FileProblem {
  readonly file: string;
  /** From 1; 0 when the whole file is meant. */
  readonly line: number;
  readonly message: string;
}

export type YamlResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

export const describeProblem = (problem: FileProblem): string =>
  problem.line > 0
    ? `${problem.file}, line ${problem.line}: ${problem.message}`
    : `${problem.file}: ${problem.message}`;

/** Reads a YAML file and checks it; problems name the line and, for a mistyped word, the nearest right one. */
export function readYaml<T>(file: string, schema: z.ZodType<T>): YamlResult<T> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    return { ok: false, problems: [{ file, line: 0, message: `cannot be read (${code})` }] };
  }
  return parseYaml(file, text, schema);
}

/** As {@link readYaml}, from text already in hand. */
export function parseYaml<T>(file: string, text: string, schema: z.ZodType<T>): YamlResult<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      line: lines.linePos(error.pos[0]).line,
      message: `is not valid YAML: ${error.message}`,
    }));
    return { ok: false, problems };
  }
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = problemsOf(parsed.error.issues).map(({ path, key, message }) => {
    const meant = key === null ? null : nearest(key, keysAt(schema, path));
    const said = meant === null ? message : `${message}; did you mean '${meant}'?`;
    return { file, line: lineOf(document, lines, path, key), message: said };
  });
  return { ok: false, problems };
}

function lineOf(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly PropertyKey[],
  key: string | null,
): number {
  // A missing value has no line of its own: the nearest parent that exists is the place to look.
  for (let length = path.length; length >= 0; length--) {
    const parts = path.slice(0, length);
    const node: unknown = length === 0 ? document.contents : document.getIn(parts, true);
    if (isMap(node) && key !== null) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (isScalar(pair?.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line;
    }
    const range = rangeOf(node);
    if (range !== null) return lines.linePos(range).line;
  }
  return 0;
}

function rangeOf(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null;
  const { range } = node;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null;
}

/** The keys that the schema knows at a place. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  // Of a pipe, each direction tells one end.
  const ends = (['input', 'output'] as const).map((io) =>
    z.toJSONSchema(schema, { io, unrepresentable: 'any' }),
  );
  let here = ends.flatMap(forms);
  for (const step of path) {
    here = here.flatMap((form) => {
      const inner =
        typeof step === 'number'
          ? form.items
          : (form.properties?.[String(step)] ?? form.additionalProperties);
      return typeof inner === 'object' && !Array.isArray(inner) ? forms(inner) : [];
    });
  }
  return [...new Set(here.flatMap((form) => Object.keys(form.properties ?? {})))];
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A schema and every form that it allows. */
function forms(schema: JsonSchema): JsonSchema[] {
  const others = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...others.flatMap(forms)];
}

/** The known word nearest to a mistyped one, if it is near enough to be meant (at most a third of it differs). */
export function nearest(word: string, known: readonly string[]): string | null {
  const typed = word.toLowerCase();
  const far = known.map((candidate) => distance(typed, candidate.toLowerCase()));
  const least = Math.min(...far);
  return least <= Math.max(2, Math.floor(word.length / 3)) ? (known[far.indexOf(least)] ?? null) : null;
}
