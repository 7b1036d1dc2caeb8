import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { localTextSchema } from '../../bridge/index.ts';
import { type FileProblem, readYaml } from '../yaml/index.ts';

const cardTypeSchema = z.enum(['citizen', 'hk-macao-taiwan', 'foreigner-2017', 'foreigner-2023']);

const questionSchema = z.strictObject({
  field: z.string().regex(/^[a-z][a-zA-Z0-9]*$/, 'a field is one word, beginning with a small letter'),
  title: localTextSchema,
  label: localTextSchema,
  hint: localTextSchema.optional(),
  default: z.string().optional(),
  options: z.array(z.strictObject({ value: z.string().min(1), label: localTextSchema })).min(2),
});

/** A service as a clerk writes it: `assets/services/<id>/service.yaml`. */
export const serviceSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  group: z.string(),
  icon: z.string(),
  featured: z.boolean().default(false),
  title: localTextSchema,
  summary: localTextSchema,
  /** F works offline, Q is queued, X needs the network. */
  offline: z.enum(['F', 'Q', 'X']),
  /** How old registry data may be, in hours, when the backend cannot be asked. */
  registryMaxAgeHours: z.number().min(0),
  cardTypes: z.array(cardTypeSchema).min(1),
  requires: z.literal('registered-resident'),
  number: z.strictObject({ prefix: z.string().regex(/^[A-Z]{1,6}$/) }),
  validDays: z.number().int().min(1).max(3650),
  questions: z.array(questionSchema).min(1),
  /** Files of the service's own folder. */
  certificate: z.string(),
  receipt: z.string(),
});
export type Service = z.infer<typeof serviceSchema> & { readonly folder: string };
export type Question = z.infer<typeof questionSchema>;

const groupsSchema = z.array(z.strictObject({ id: z.string(), icon: z.string(), title: localTextSchema }));
export type ServiceGroup = z.infer<typeof groupsSchema>[number];

export interface Catalogue {
  readonly groups: readonly ServiceGroup[];
  readonly services: readonly Service[];
}

/** Reads every service of a folder. A service that is wrong is a problem with its line, never half a service. */
export function loadCatalogue(folder: string): {
  readonly catalogue: Catalogue;
  readonly problems: readonly FileProblem[];
} {
  const problems: FileProblem[] = [];
  const groups = readYaml(join(folder, 'groups.yaml'), groupsSchema);
  if (!groups.ok) problems.push(...groups.problems);
  const known = groups.ok ? groups.value : [];
  const services: Service[] = [];
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  for (const name of names) {
    const file = join(folder, name, 'service.yaml');
    if (!existsSync(file)) continue;
    const read = readYaml(file, serviceSchema);
    if (!read.ok) {
      problems.push(...read.problems);
      continue;
    }
    const message = disagreement(read.value, name, known);
    if (message !== null) problems.push({ file, line: 0, message });
    else services.push({ ...read.value, folder: join(folder, name) });
  }
  return { catalogue: { groups: known, services }, problems };
}

function disagreement(
  service: z.infer<typeof serviceSchema>,
  folder: string,
  groups: readonly ServiceGroup[],
): string | null {
  if (service.id !== folder) return `its id '${service.id}' is not the name of its folder '${folder}'`;
  if (!groups.some((group) => group.id === service.group))
    return `its group '${service.group}' is none of: ${groups.map((group) => group.id).join(', ')}`;
  const wrong = service.questions.find(
    (question) =>
      question.default !== undefined && !question.options.some((option) => option.value === question.default),
  );
  return wrong === undefined ? null : `the default of '${wrong.field}' is none of its options`;
}
