import { readFile } from 'node:fs/promises';
import type { Result } from '@huimin/drivers';
import { hasRightCheckDigit, type IdCard, NATIONS } from '@huimin/drivers/id-card-reader';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { Role } from './wire.ts';

interface PersonFields {
  readonly id: string;
  readonly name: string;
  readonly about: { readonly 'zh-CN': string; readonly en: string };
}

/** Somebody with an ID card. */
export interface Resident extends PersonFields {
  readonly role: 'resident';
  readonly card: IdCard;
}

/** Somebody with a badge. */
export interface StaffMember extends PersonFields {
  readonly role: Exclude<Role, 'resident'>;
  /** What the badge's code says. */
  readonly badge: string;
  readonly pin: string;
}

export type Person = Resident | StaffMember;

const text = z.string().min(1);
const date = z.iso.date();
const cardNumber = z.string().refine(hasRightCheckDigit, 'is not 18 characters with the right check digit');
const count = z
  .string()
  .regex(/^\d{1,2}$/)
  .transform(Number);
const about = z.strictObject({ 'zh-CN': text, en: text });

const common = {
  name: text,
  sex: z.enum(['male', 'female', 'unknown', 'unspecified']),
  birth: date,
  validFrom: date,
  validTo: date.nullable(),
};

const nation = text.transform((code, context) => {
  const name = NATIONS.get(code);
  if (name !== undefined) return { code, name };
  context.addIssue({ code: 'custom', message: `is no nation of GB/T 3304: "${code}"` });
  return z.NEVER;
});

const card: z.ZodType<IdCard> = z.discriminatedUnion('type', [
  z.strictObject({
    ...common,
    type: z.literal('citizen'),
    number: cardNumber,
    nation,
    address: text,
    authority: text,
  }),
  z.strictObject({
    ...common,
    type: z.literal('hk-macao-taiwan'),
    number: cardNumber,
    address: text,
    authority: text,
    permitNumber: text,
    issueCount: count,
  }),
  z
    .strictObject({
      ...common,
      type: z.literal('foreigner-2017'),
      number: z.string().length(15),
      englishName: text,
      nationality: z.string().length(3),
      authorityCode: text,
      version: text,
    })
    .transform((fields) => ({ ...fields, chineseName: fields.name })),
  z
    .strictObject({
      ...common,
      type: z.literal('foreigner-2023'),
      number: cardNumber,
      englishName: text,
      nationality: z.string().length(3),
      renewalCount: count,
    })
    .transform((fields) => ({ ...fields, chineseName: fields.name })),
]);

const file = z.strictObject({
  residents: z.array(
    // What the community knows about a resident is the demo backend's business.
    z.strictObject({ id: text, about, card, registry: z.unknown() }),
  ),
  staff: z.array(
    z.strictObject({
      id: text,
      name: text,
      role: z.enum(['staff', 'volunteer', 'technician']),
      badge: z.string().regex(/^[\x21-\x7e]{4,}$/, 'must be four or more printable ASCII characters'),
      pin: z.string().regex(/^\d{4,8}$/, 'must be 4 to 8 digits'),
      about: about.optional(),
    }),
  ),
});

/** The invented people of a `people.yaml`, residents first, or one sentence that says what is wrong in it. */
export function parsePeople(source: string): Result<readonly Person[], string> {
  let content: unknown;
  try {
    content = parse(source);
  } catch (error) {
    if (error instanceof YAMLParseError) return { ok: false, error: error.message };
    throw error;
  }
  const read = file.safeParse(content);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { ok: false, error: `${issue?.path.join('.') || 'the file'}: ${issue?.message}` };
  }
  const people: Person[] = [
    ...read.data.residents.map(
      (one): Resident => ({
        id: one.id,
        name: one.card.name,
        role: 'resident',
        about: one.about,
        card: one.card,
      }),
    ),
    ...read.data.staff.map((one): StaffMember => ({ ...one, about: one.about ?? { 'zh-CN': '', en: '' } })),
  ];
  const twice = people.find((one, index) => people.findIndex((other) => other.id === one.id) !== index);
  return twice ? { ok: false, error: `"${twice.id}" stands there twice` } : { ok: true, value: people };
}

/** Reads `assets/demo/people.yaml` or its like. A file that cannot be read or is wrong throws, naming the place. */
export async function readPeople(path: string | URL): Promise<readonly Person[]> {
  const people = parsePeople(await readFile(path, 'utf8'));
  if (!people.ok) throw new Error(`${path}: ${people.error}`);
  return people.value;
}
