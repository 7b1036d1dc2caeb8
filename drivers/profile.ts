import { z } from 'zod';

/** A profile that is `known` by its name, or one that is written out. `what` names them in the plural, e.g. `boards`. */
export const profileOrName = <Profile extends object, Input>(
  schema: z.ZodType<Profile, Input>,
  known: Readonly<Record<string, Profile>>,
  { what, otherwise }: { readonly what: string; readonly otherwise: string },
) =>
  z.union([schema, z.string()]).transform((profile, context): Profile => {
    if (typeof profile !== 'string') return profile;
    const named = known[profile];
    if (named) return named;
    context.addIssue({
      code: 'custom',
      message: `known ${what} are ${Object.keys(known).join(', ')}; or ${otherwise}`,
    });
    return z.NEVER;
  });
