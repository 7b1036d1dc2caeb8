/** `certificate.yaml`: a certificate's words and where its parts stand, as data. */

import { z } from 'zod';
import { type FileProblem, parseYaml, readYaml } from '../yaml/index.ts';
import type { Result } from './result.ts';
import { checkPlaceholders, firstProblem } from './words-file.ts';

/** The languages a certificate comes in. The English edition carries the Chinese words too: those are the valid ones. */
export const certificateLanguages = ['zh-CN', 'en'] as const;
export type CertificateLanguage = (typeof certificateLanguages)[number];

const words = z.strictObject({ 'zh-CN': z.string().min(1), en: z.string().min(1) });
export type Words = z.infer<typeof words>;

const mm = z.number().min(0).max(420);
const factName = z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'a name of letters and digits, e.g. idNumber');
const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour as #rrggbb');

const templateShape = z.strictObject({
  page: z.strictObject({
    /** A4 upright, the paper of official documents (GB/T 9704-2012, 5.1). */
    size: z.literal('A4'),
    marginMm: z.strictObject({ top: mm, right: mm, bottom: mm, left: mm }),
  }),
  /** Names of the facts the service hands over; an empty one makes its row and its [optional parts] vanish. */
  facts: z.array(factName).min(1),
  /** Stands in the file's metadata too, therefore free of markup characters. */
  title: z.strictObject({
    'zh-CN': z.string().regex(/^[^<>&]+$/, 'must not hold < > &'),
    en: z.string().regex(/^[^<>&]+$/, 'must not hold < > &'),
  }),
  body: z.array(words).min(1),
  table: z.array(z.strictObject({ label: words, value: z.string().min(1) })),
  /** Who signs off, above the date; centred on the seal. */
  issuer: z.string().min(1),
  labels: z.strictObject({
    number: words,
    code: words,
    /** The mark of a certificate that was issued without reaching the backend. */
    offline: words,
  }),
  footer: z.array(words),
  seal: z.strictObject({
    centreMm: z.strictObject({ x: mm, y: mm }),
    diameterMm: z.number().min(20).max(60),
    colour,
    text: z.string().min(1),
    /** Beneath the star, e.g. 示范专用章; may be empty. */
    caption: z.string(),
  }),
  /** The code's own square, without its quiet zone. */
  qr: z.strictObject({
    leftMm: mm,
    topMm: mm,
    sideMm: z.number().min(24, 'at least 24 mm, so that every phone reads it').max(60),
  }),
  background: z.strictObject({ border: colour, rosette: colour }),
});

export type CertificateTemplate = z.infer<typeof templateShape>;

/** What the machine itself knows, besides the facts. */
const OWN_VALUES = ['issuer', 'number', 'code', 'issuedAt', 'issuedOn', 'validUntil'] as const;
export type OwnValue = (typeof OWN_VALUES)[number];

const templateSchema = templateShape.superRefine((template, context) =>
  checkPlaceholders(template, [...template.facts, ...OWN_VALUES], context),
);

/** Checks a certificate.yaml given as text; `file` is what problems call it. */
export const parseCertificateTemplate = (
  file: string,
  text: string,
): Result<CertificateTemplate, FileProblem> => firstProblem(file, parseYaml(file, text, templateSchema));

/** Reads and checks a certificate.yaml. The problem carries the line (1 is the first, 0 means the whole file). */
export const loadCertificateTemplate = (path: string): Result<CertificateTemplate, FileProblem> =>
  firstProblem(path, readYaml(path, templateSchema));
