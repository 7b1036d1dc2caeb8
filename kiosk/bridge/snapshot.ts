import { z } from 'zod';

/** What residents see and hear, in every language the kiosk speaks. */
export const languages = ['zh-CN', 'en'] as const;
export const languageSchema = z.enum(languages);
export type Language = z.infer<typeof languageSchema>;
export const localTextSchema = z.record(languageSchema, z.string());
export type LocalText = z.infer<typeof localTextSchema>;

/** How the visit wants to be shown; reset when it ends. */
export const settingsSchema = z.object({
  language: languageSchema,
  /** 0 the smallest … 3 the largest; the smallest already meets the criteria for elder text. */
  textSize: z.number().int().min(0).max(3),
  contrast: z.enum(['normal', 'high']),
  elder: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** The sentence of the page: shown as a caption and spoken. A null clip has no recording. */
export const spokenSchema = z.object({
  key: z.string(),
  text: localTextSchema,
  clip: z.record(languageSchema, z.string().nullable()),
});
export type Spoken = z.infer<typeof spokenSchema>;

/** The honest state of a service: can it be done now, later, or not on this kiosk, and why. */
export const availabilitySchema = z.object({
  state: z.enum(['now', 'later', 'not-here']),
  reason: z.enum(['paper', 'printer', 'numbers', 'endorsement', 'registry', 'storage']).nullable(),
  /** True when it may be begun: also while paper is missing, since somebody can add some meanwhile. */
  canBegin: z.boolean(),
});
export type Availability = z.infer<typeof availabilitySchema>;

const serviceTileSchema = z.object({
  id: z.string(),
  title: localTextSchema,
  summary: localTextSchema,
  icon: z.string(),
  availability: availabilitySchema,
});
export type ServiceTile = z.infer<typeof serviceTileSchema>;

const groupTileSchema = z.object({ id: z.string(), title: localTextSchema, icon: z.string() });
export type GroupTile = z.infer<typeof groupTileSchema>;

/** Where the page gets camera pictures from: a real camera by label, or still pictures over HTTP (the bench). */
export const cameraSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('device'), label: z.string() }),
  z.object({ kind: z.literal('stills'), href: z.string() }),
]);
export type CameraSource = z.infer<typeof cameraSourceSchema>;

const rowSchema = z.object({
  field: z.string(),
  label: localTextSchema,
  value: localTextSchema,
  /** False for what the card or the registry says: shown, not asked, not changed here. */
  changeable: z.boolean(),
});
export type CheckRow = z.infer<typeof rowSchema>;

/** What may be wrong with a device, in words a resident is told about. */
export const faultKindSchema = z.enum([
  'paper-out',
  'paper-jam',
  'cover-open',
  'toner-out',
  'output-full',
  'unreachable',
  'broken',
  'outcome-unknown',
]);
export type FaultKind = z.infer<typeof faultKindSchema>;

const stepStateSchema = z.enum(['waiting', 'active', 'done', 'skipped']);

export const pageSchema = z.discriminatedUnion('screen', [
  z.object({ screen: z.literal('welcome') }),
  z.object({
    screen: z.literal('card'),
    reader: z.enum(['ready', 'reading', 'unavailable']),
    problem: z.enum(['unreadable', 'removed', 'expired', 'other-card', 'lift-first']).nullable(),
  }),
  z.object({ screen: z.literal('consent'), holder: z.string() }),
  z.object({
    screen: z.literal('verify'),
    /** offer: may we use the camera? · camera: look and press · checking · person: a worker lays a badge · pin: the worker types the PIN. */
    phase: z.enum(['offer', 'camera', 'checking', 'person', 'pin']),
    camera: cameraSourceSchema.nullable(),
    /** Digits typed so far; the digits themselves stay in the core. */
    digits: z.number().int().min(0),
    worker: z.string().nullable(),
    problem: z
      .enum(['badge-unknown', 'pin-wrong', 'locked', 'camera-unavailable', 'not-staff', 'not-set-up'])
      .nullable(),
  }),
  z.object({
    screen: z.literal('home'),
    holder: z.string(),
    /** The services most people come for, directly. */
    services: z.array(serviceTileSchema),
    groups: z.array(groupTileSchema),
  }),
  z.object({ screen: z.literal('service'), group: groupTileSchema, services: z.array(serviceTileSchema) }),
  z.object({
    screen: z.literal('question'),
    service: localTextSchema,
    field: z.string(),
    index: z.number().int().min(1),
    of: z.number().int().min(1),
    title: localTextSchema,
    hint: localTextSchema.nullable(),
    options: z.array(z.object({ value: z.string(), label: localTextSchema })),
    answer: z.string().nullable(),
  }),
  z.object({ screen: z.literal('check'), service: localTextSchema, rows: z.array(rowSchema) }),
  z.object({
    screen: z.literal('working'),
    steps: z.array(z.object({ id: z.enum(['make', 'certificate', 'receipt']), state: stepStateSchema })),
  }),
  z.object({
    screen: z.literal('collect'),
    items: z.array(z.object({ kind: z.enum(['certificate', 'receipt']), state: z.enum(['out', 'skipped']) })),
    number: z.string(),
    code: z.string(),
    copies: z.number().int(),
    /** The card still lies on the reader: say so. */
    cardPresent: z.boolean(),
  }),
  z.object({ screen: z.literal('rate') }),
  z.object({
    screen: z.literal('farewell'),
    cardPresent: z.boolean(),
    outcome: z.enum(['completed', 'left', 'timed-out', 'not-eligible', 'faulted']),
  }),
  z.object({
    screen: z.literal('helper'),
    reason: z.enum([
      'asked',
      'not-registered',
      'moved-away',
      'card-type',
      'rare-character',
      'outcome-unknown',
      'failed',
    ]),
    /** What to show or tell the worker; null when there is nothing yet. */
    reference: z.string().nullable(),
    /** True when the visit can go on from here by `back`. */
    canReturn: z.boolean(),
  }),
  z.object({
    screen: z.literal('fault'),
    device: z.enum(['certificatePrinter', 'receiptPrinter', 'idCardReader', 'storage']),
    kind: faultKindSchema,
    /** True when what is missing can be left out by `skip` (a receipt). */
    canSkip: z.boolean(),
  }),
]);
export type Page = z.infer<typeof pageSchema>;
export type ScreenName = Page['screen'];

export const snapshotSchema = z.object({
  /** Grows with every page; intents name the page they were made on, so that a late press does nothing. */
  page: z.number().int().min(0),
  settings: settingsSchema,
  say: spokenSchema,
  /** The warning before the visit ends by itself; null when there is none. */
  idle: z.object({ secondsLeft: z.number().int(), of: z.number().int() }).nullable(),
  network: z.enum(['online', 'offline']),
  can: z.object({ back: z.boolean(), finish: z.boolean(), help: z.boolean() }),
  /** True for a card of sixty years or more before elder mode was offered or refused. */
  offerElder: z.boolean(),
  community: localTextSchema,
  view: pageSchema,
});
export type Snapshot = z.infer<typeof snapshotSchema>;
