/**
 * An IPP session as a text file: the header of every device recording, then one line for each request with its answer.
 * Only what the driver asks for by name is kept, so no host, no owner and no free text of a person can stand in it; of
 * a document nothing but its length.
 */

import { z } from 'zod';
import { type Clock, err, ok, type Result } from '../../device.ts';
import { formatLine, parseRecording, type RecordingHeader } from '../../recording/index.ts';
import { type IppCall, type IppClient, isQuestion } from './client.ts';
import { GROUP, type IppAttribute, type IppGroup, type IppValue, TEXT_TAGS } from './message.ts';
import { CAPABILITY_ATTRIBUTES, STATE_ATTRIBUTES } from './printer-attributes.ts';
import { JOB_ATTRIBUTES } from './service.ts';
import { OPERATION, textsOf, toAttributes } from './terms.ts';

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .transform((text) => Uint8Array.from(Buffer.from(text, 'hex')));

const valueSchema: z.ZodType<IppValue> = z.union([
  z.strictObject({
    type: z.enum(Object.keys(TEXT_TAGS) as (keyof typeof TEXT_TAGS)[]),
    value: z.string(),
  }),
  z.strictObject({ type: z.enum(['integer', 'enum']), value: z.int32() }),
  z.strictObject({ type: z.literal('boolean'), value: z.boolean() }),
  z.strictObject({ type: z.literal('octetString'), value: hex }),
  z.strictObject({ type: z.literal('range'), lower: z.int32(), upper: z.int32() }),
  z.strictObject({ type: z.literal('resolution'), x: z.int32(), y: z.int32(), unit: z.int32() }),
  z.strictObject({ type: z.enum(['unsupported', 'unknown', 'no-value']) }),
]);
const attributesSchema = z
  .array(z.strictObject({ name: z.string().min(1), values: z.array(valueSchema).min(1).readonly() }))
  .readonly();

const exchangeSchema = z.strictObject({
  kind: z.literal('ipp'),
  /** Milliseconds since the recording began, when the answer was there. */
  t: z.number().min(0),
  request: z.strictObject({
    operation: z.int().min(0).max(0xffff),
    attributes: attributesSchema,
    jobAttributes: attributesSchema,
    documentBytes: z.int().min(0),
  }),
  answer: z.union([
    z.strictObject({
      status: z.int().min(0).max(0xffff),
      groups: z
        .array(z.strictObject({ tag: z.int().min(1).max(15), attributes: attributesSchema }))
        .readonly(),
    }),
    z.strictObject({ failure: z.enum(['not-reached', 'lost', 'refused']) }),
  ]),
});

export type IppExchange = z.output<typeof exchangeSchema>;

export interface IppRecording {
  readonly header: RecordingHeader;
  readonly exchanges: readonly IppExchange[];
}

export const DEVICE = 'certificate-printer';

const KEPT_OF_REQUESTS = new Set([
  'job-id',
  'job-name',
  'which-jobs',
  'requested-attributes',
  'document-format',
  'last-document',
  'copies',
  'media',
  'sides',
]);
const OWNER = 'job-originating-user-name';
const KEPT_OF_ANSWERS = new Set<string>([...STATE_ATTRIBUTES, ...CAPABILITY_ATTRIBUTES, ...JOB_ATTRIBUTES]);
KEPT_OF_ANSWERS.delete(OWNER);

const kept = (attributes: readonly IppAttribute[], names: ReadonlySet<string>): IppAttribute[] =>
  attributes.filter(({ name, values }) => names.has(name) && values.every((value) => isPlain(value)));

/** Collections and languages are not asked for; a printer that sends them all the same is not quoted. */
const isPlain = ({ type }: IppValue): boolean =>
  !['collection', 'textWithLanguage', 'nameWithLanguage', 'dateTime', 'other'].includes(type);

/** What is kept of a request; equal for equal questions. */
export const requestOf = (call: IppCall): IppExchange['request'] => ({
  operation: call.operation,
  attributes: kept(call.attributes ?? [], KEPT_OF_REQUESTS),
  jobAttributes: kept(call.jobAttributes ?? [], KEPT_OF_REQUESTS),
  documentBytes: call.data?.length ?? 0,
});

/** Answers that speak of nothing but the job that the request has made or named. */
const ABOUT_OWN_JOB: readonly number[] = [
  OPERATION.createJob,
  OPERATION.printJob,
  OPERATION.sendDocument,
  OPERATION.cancelJob,
];

/**
 * Whether a job's group may be written down. A job whose owner is not told is this driver's if its name was sent here;
 * a title is a stranger's until then. A job without a name and an owner says nothing of a person, but belongs to
 * somebody: it is kept where only an own job can be meant.
 */
const isOwn = (
  attributes: readonly IppAttribute[],
  operation: number,
  user: string,
  sent: ReadonlySet<string>,
): boolean => {
  const job = toAttributes(attributes);
  const owner = textsOf(job, OWNER)[0];
  if (owner !== undefined) return owner === user;
  const name = textsOf(job, 'job-name')[0];
  return name === undefined ? ABOUT_OWN_JOB.includes(operation) : sent.has(name);
};

const groupsOf = (
  groups: readonly IppGroup[],
  operation: number,
  user: string,
  sent: ReadonlySet<string>,
): IppGroup[] =>
  groups
    .filter(
      ({ tag, attributes }) =>
        tag !== GROUP.operation && (tag !== GROUP.job || isOwn(attributes, operation, user, sent)),
    )
    .map(({ tag, attributes }) => ({ tag, attributes: kept(attributes, KEPT_OF_ANSWERS) }));

const asText = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;

export interface IppRecordingOptions {
  /** Takes the file's text, line by line. */
  readonly sink: (text: string) => void;
  readonly clock: Clock;
  /** Whose jobs these are; those of others are not written down. */
  readonly user: string;
  readonly note?: string;
}

/** The client, with everything that passes written down, but for the same answer to the same question once more. */
export const recordingIppClient = (
  client: IppClient,
  { sink, clock, user, note }: IppRecordingOptions,
): IppClient => {
  const begun = clock.monotonic();
  const told = new Map<string, string>();
  const sent = new Set<string>();
  let closed = false;
  sink(formatLine({ format: 'device-recording', version: 1, device: DEVICE, ...(note ? { note } : {}) }));
  return {
    async call(call) {
      for (const name of textsOf(toAttributes(call.attributes ?? []), 'job-name')) sent.add(name);
      const answer = await client.call(call);
      // What the driver broke off by itself is no answer of the printer's.
      if (closed) return answer;
      const request = requestOf(call);
      const answered: IppExchange['answer'] = answer.ok
        ? { status: answer.value.code, groups: groupsOf(answer.value.groups, call.operation, user, sent) }
        : { failure: answer.error.kind };
      const asked = JSON.stringify(request);
      const text = JSON.stringify(answered, asText);
      if (isQuestion(call.operation) && told.get(asked) === text) return answer;
      told.set(asked, text);
      const t = Math.round((clock.monotonic() - begun) * 1000) / 1000;
      sink(`{"kind":"ipp","t":${t},"request":${asked},"answer":${text}}\n`);
      return answer;
    },
    close() {
      closed = true;
      client.close();
    },
  };
};

/** Reads a recording; the error names the line. A last line that was cut short is dropped. */
export const parseIppRecording = (text: string): Result<IppRecording, string> => {
  const lines = text.split('\n');
  const [first = '', ...rest] = lines.slice(0, -1);
  const head = parseRecording(`${first}\n`);
  if (!head.ok) return head;
  const { header } = head.value;
  if (header.device !== DEVICE) return err(`line 1: this is a recording of another device: ${header.device}`);
  const exchanges: IppExchange[] = [];
  for (const [index, line] of rest.entries()) {
    // A driver that was opened again has begun the file again.
    if (parseRecording(`${line}\n`).ok) continue;
    const exchange = exchangeSchema.safeParse(parseJson(line));
    if (!exchange.success) {
      return err(`line ${index + 2}: ${exchange.error.issues[0]?.message ?? 'not an exchange'}`);
    }
    exchanges.push(exchange.data);
  }
  return ok({ header, exchanges });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
