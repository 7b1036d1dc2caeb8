import { readFileSync } from 'node:fs';
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
  const known = knownKeys(schema);
  const problems = flatten(parsed.error.issues).map((issue) => {
    const meant = issue.key === null ? null : nearest(issue.key, known);
    const message = meant === null ? issue.message : `${issue.message}; did you mean '${meant}'?`;
    return { file, line: lineOf(document, lines, issue.path, issue.key), message };
  });
  return { ok: false, problems };
}

interface FlatIssue {
  readonly path: readonly PropertyKey[];
  /** The mistyped key, when that is what is wrong. */
  readonly key: string | null;
  readonly message: string;
}

function flatten(issues: readonly z.core.$ZodIssue[], parent: readonly PropertyKey[] = []): FlatIssue[] {
  return issues.flatMap((issue): FlatIssue[] => {
    const path = [...parent, ...issue.path];
    const name = path.length > 0 ? `'${path.map(String).join('.')}'` : 'the file';
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ path, key, message: `'${key}' is not known here` }));
      case 'invalid_union': {
        // The branch that fits best is the one whose own problems are fewest.
        const [best] = [...issue.errors].sort((a, b) => a.length - b.length);
        if (best !== undefined && best.length > 0) return flatten(best, path);
        return [{ path, key: null, message: `${name} has no form that is known here` }];
      }
      case 'invalid_value':
        return [
          { path, key: null, message: `${name} must be one of: ${issue.values.map(String).join(', ')}` },
        ];
      default:
        return [{ path, key: null, message: `${name}: ${issue.message.replace('Invalid input: ', '')}` }];
    }
  });
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

/** Every key the schema knows, at any depth. */
function knownKeys(schema: z.ZodType): string[] {
  const keys = new Set<string>();
  JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), (key, value: unknown) => {
    if (key === 'properties' && typeof value === 'object' && value !== null)
      for (const name of Object.keys(value)) keys.add(name);
    return value;
  });
  return [...keys];
}

/** The known word nearest to a mistyped one, if it is near enough to be meant (at most a third of it differs). */
export function nearest(word: string, known: readonly string[]): string | null {
  const typed = word.toLowerCase();
  const far = known.map((candidate) => distance(typed, candidate.toLowerCase()));
  const least = Math.min(...far);
  return least <= Math.max(2, Math.floor(word.length / 3)) ? (known[far.indexOf(least)] ?? null) : null;
}
