/** A YAML file checked against a schema, with the line of whatever is wrong: for people who edit services by hand. */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { err, ok, type Result } from './result.ts';

/** `line` counts from 1. */
export interface FileProblem {
  readonly line: number;
  readonly message: string;
}

/** A value in the file, checked further than a schema can. `path` leads to it. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Parses and checks. `inspect` names the first thing wrong beyond the schema, or null. */
export function checkYaml<T>(
  text: string,
  schema: z.ZodType<T>,
  inspect: (value: T) => Complaint | null,
): Result<T, FileProblem> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = document.errors[0];
  if (syntax) return err({ line: lines.linePos(syntax.pos[0]).line, message: syntax.message });
  /** The line of the value, or of the nearest thing around it that is there. */
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const checked = schema.safeParse(document.toJS());
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const path = issue?.path ?? [];
    const stray = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    const place = stray === undefined ? path : [...path, stray];
    return err({
      line: lineOf(place),
      message: `${path.join('.') || 'file'}: ${issue?.message ?? 'is wrong'}`,
    });
  }
  const complaint = inspect(checked.data);
  if (complaint) {
    const message = `${complaint.path.join('.')}: ${complaint.message}`;
    return err({ line: lineOf(complaint.path), message });
  }
  return ok(checked.data);
}

/** As {@link checkYaml}, from a file. A file that cannot be read is line 0. */
export function loadYaml<T>(
  path: string,
  schema: z.ZodType<T>,
  inspect: (value: T) => Complaint | null,
): Result<T, FileProblem> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    return err({ line: 0, message: `cannot be read (${code})` });
  }
  return checkYaml(text, schema, inspect);
}

/** The first complaint about any of these texts, each with the path that leads to it. */
export const firstComplaint = (
  texts: Iterable<readonly [path: readonly PropertyKey[], text: string]>,
  complain: (text: string) => string | null,
): Complaint | null => {
  for (const [path, text] of texts) {
    const message = complain(text);
    if (message !== null) return { path, message };
  }
  return null;
};

/** Every string within a value, with the path that leads to it. */
export function* stringsIn(
  value: unknown,
  path: readonly PropertyKey[] = [],
): Generator<[PropertyKey[], string]> {
  if (typeof value === 'string') yield [[...path], value];
  else if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) yield* stringsIn(inner, [...path, index]);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) yield* stringsIn(inner, [...path, key]);
  }
}
