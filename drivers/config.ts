import type { z } from 'zod';

/** One thing that is wrong with something a person wrote. */
export interface ConfigProblem {
  /** Where, e.g. `['transport', 'baudRate']`; empty for the whole. */
  readonly path: readonly PropertyKey[];
  /** The word that is not known there, when that is what is wrong. */
  readonly key: string | null;
  /** What is wrong and what is right, in one sentence. */
  readonly message: string;
}

/** A configuration that no device can be opened with: a mistake of whoever wrote it, not of the device. */
export class ConfigError extends TypeError {
  readonly problems: readonly ConfigProblem[];

  constructor(what: string, problems: readonly ConfigProblem[]) {
    super(
      `${what} cannot be opened with this configuration: ${problems.map(({ message }) => message).join('; ')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** The configuration with its defaults filled in. `what` names the device class, e.g. `the ID card reader`. */
export function parseConfig<Schema extends z.ZodType>(
  what: string,
  schema: Schema,
  config: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new ConfigError(what, problemsOf(parsed.error.issues));
}

/**
 * What zod found, a sentence each. Of the forms that a value may have, only the one it comes nearest to is spoken of:
 * the one whose complaints lie deepest, and then the one with the fewest.
 */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  parent: readonly PropertyKey[] = [],
): ConfigProblem[] {
  return issues.flatMap((issue): ConfigProblem[] => {
    const path = [...parent, ...issue.path];
    const name = path.length > 0 ? `'${path.map(String).join('.')}'` : 'it';
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ path, key, message: `'${key}' is not known here` }));
      case 'invalid_union': {
        const forms = issue.errors.filter((errors) => errors.length > 0);
        const deepest = Math.max(...forms.map(depth));
        const near = forms.filter((errors) => depth(errors) === deepest);
        const fewest = Math.min(...near.map((errors) => errors.length));
        const nearest = near.filter((errors) => errors.length === fewest).map((e) => problemsOf(e, path));
        // Of a value that is like none of its forms, each says what it would have to be.
        if (nearest.length > 1 && fewest === 1) {
          const each = [...new Set(nearest.flat().map(({ message }) => message))];
          return [{ path, key: null, message: each.join('; or ') }];
        }
        if (nearest[0] !== undefined) return nearest[0];
        const { options } = issue as { readonly options?: readonly unknown[] };
        const right = options === undefined ? 'has no form that is known here' : oneOf(options);
        return [{ path, key: null, message: `${name} ${right}` }];
      }
      case 'invalid_value':
        return [{ path, key: null, message: `${name} ${oneOf(issue.values)}` }];
      default:
        return [
          {
            path,
            key: null,
            message: `${name}: ${issue.message.replace(/^Invalid (input|discriminator value)[:.] /, '')}`,
          },
        ];
    }
  });
}

/** What may be left out is not named. */
const oneOf = (values: readonly unknown[]): string =>
  `must be one of: ${values.filter((value) => value !== undefined).join(', ')}`;

/** How deep the deepest complaint lies; one about a key lies below the value that holds it. */
function depth(issues: readonly z.core.$ZodIssue[]): number {
  const each = issues.map((issue) => {
    const below = issue.code === 'invalid_union' ? Math.max(0, ...issue.errors.map(depth)) : 0;
    return issue.path.length + below + (issue.code === 'unrecognized_keys' ? 1 : 0);
  });
  return Math.max(0, ...each);
}
