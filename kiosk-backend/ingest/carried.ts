import { randomBytes, verify } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { type Actor, recordAct } from '../audit/index.ts';
import { type Authority, findSealingKey } from '../authority/index.ts';
import {
  type CarriedEventsHead,
  type CarriedHead,
  type CarriedTail,
  carriedContent,
  type EventsResponse,
  eventsRequestSchema,
  eventsResponseSchema,
  fromBase64url,
} from '../contract/index.ts';
import {
  open,
  type Parcel,
  type ParcelDisk,
  ParcelWriter,
  parcelDisk,
  parsedJson,
  readParcel,
  type SealingKeyPair,
  seal,
  writeParcelFile,
} from '../contract/sealing/index.ts';
import { type Caller, identityKey } from '../fleet/index.ts';
import type { Storage } from '../storage/index.ts';
import { takeEvents } from './take.ts';

type Results = EventsResponse['results'];

/** What became of the events in a file; each is counted once. */
export interface Taken {
  readonly kiosk: string;
  readonly accepted: number;
  /** Known before: from the network, or from taking in the same file again. */
  readonly duplicate: number;
  readonly rejected: number;
  /** Where the answers for the kiosk lie, or why there are none. */
  readonly answers: { readonly path: string } | { readonly absent: string };
}

/** Why a file was not taken in, or not to its end; one sentence for an operator. */
export interface NotTaken {
  readonly refused: string;
}

export interface CarriedOptions {
  readonly db: Storage;
  /** Signs the answers. */
  readonly authority: Authority;
  readonly now: () => Date;
  readonly by: Actor;
  readonly disk?: ParcelDisk;
}

/**
 * Takes in a file that a kiosk wrote because the network stayed away, exactly once: its events go the same way as
 * those that come over the network, whichever come first. Writes the answers beside it, sealed for that kiosk, as
 * `….ack.hmx`. Throws Node's own errors when the file cannot be read.
 */
export async function takeCarriedFile(options: CarriedOptions, path: string): Promise<Taken | NotTaken> {
  const { db, authority, now, by, disk = parcelDisk } = options;
  const file = disk.open(path);
  try {
    const read = readParcel(file.read);
    if (!read.ok) return { refused: `${path} cannot be taken in: ${read.error}.` };
    const parcel = read.value;
    const sender = await senderOf(db, parcel);
    if ('refused' in sender) return { refused: `${path} cannot be taken in: ${sender.refused}.` };

    const { kiosk, export: exported } = parcel.head;
    const counts: Counts = { accepted: 0, duplicate: 0, rejected: 0 };
    let taken: NotTaken | 'all' | null = null;
    try {
      const answers = await writeParcelFile(disk, dirname(path), `${exported}.unfinished`, async (write) => {
        const sink = await answerSink(sender.head, parcel.tail, write, now());
        taken = await takePieces(options, parcel, sender, counts, sink.answer);
        if (taken !== 'all') return { error: 'not all of it was taken in' };
        return (await sink.end((text) => authority.sign(text))) ?? { name: answersName(path) };
      });
      // Where no answers can be written, the events are taken in all the same.
      taken ??= await takePieces(options, parcel, sender, counts, async () => undefined);
      if (taken !== 'all') return { refused: `${path}: ${taken.refused}` };
      return {
        kiosk,
        ...counts,
        answers: answers.ok ? { path: answers.value.path } : { absent: answers.error },
      };
    } finally {
      // However it ended: what was taken in stays.
      if (counts.accepted + counts.duplicate + counts.rejected > 0) {
        const detail = { kiosk, export: exported, whole: taken === 'all', ...counts };
        await db
          .transaction()
          .execute((trx) => recordAct(trx, { at: now(), actor: by, action: 'carried-file.taken', detail }));
      }
    }
  } finally {
    file.close();
  }
}

const answersName = (path: string): string => `${basename(path, '.hmx')}.ack.hmx`;

interface Sender {
  readonly head: CarriedEventsHead;
  readonly caller: Caller;
  readonly key: SealingKeyPair;
}

/** Who wrote it, and what opens it; what is genuine by its signature and no longer trusted is refused too. */
async function senderOf(db: Storage, { head, tail, text }: Parcel): Promise<Sender | NotTaken> {
  if (head.kind === 'answers') return { refused: `it holds answers for the kiosk ${head.kiosk}` };
  const signer = identityKey(head.identityKey);
  if (!signer || !verify(null, Buffer.from(text), signer, fromBase64url(tail.signature)))
    return { refused: 'its signature does not fit, so it was damaged or forged' };
  const row = await db
    .selectFrom('kiosks')
    .select(['id', 'number', 'community', 'identity_key', 'enrolled_at', 'revoked_at'])
    .where('id', '=', head.kiosk)
    .executeTakeFirst();
  if (!row) return { refused: `no kiosk ${head.kiosk} is enrolled here` };
  if (row.revoked_at !== null)
    return { refused: `the kiosk ${row.id} is not trusted any more since ${row.revoked_at}` };
  if (row.identity_key !== head.identityKey) {
    const earlier = await db
      .selectFrom('identity_keys')
      .select('key')
      .where('kiosk', '=', row.id)
      .where('key', '=', head.identityKey)
      .executeTakeFirst();
    return {
      refused: earlier
        ? `it is of an earlier enrolment of the kiosk ${row.id}, which got new keys on ${row.enrolled_at}`
        : `it is signed with a key that the kiosk ${row.id} never had here`,
    };
  }
  const key = await findSealingKey(db, head.keyId);
  if (!key) return { refused: `it is sealed for the key ${head.keyId}, which this backend does not have` };
  const { id, number, community } = row;
  return { head, caller: { id, number, community }, key };
}

type Counts = Record<'accepted' | 'duplicate' | 'rejected', number>;

/** One piece after the other, each in a transaction of its own: taking the file in again finishes what was cut off. */
async function takePieces(
  { db, now }: CarriedOptions,
  parcel: Parcel,
  { caller, key }: Sender,
  counts: Counts,
  answer: (results: Results) => Promise<void>,
): Promise<NotTaken | 'all'> {
  for (let index = 0; index < parcel.tail.pieces; index++) {
    const events = await openPiece(parcel, index, key);
    if ('refused' in events) return events;
    const results = await takeEvents(db, caller, events.value, now());
    for (const { outcome } of results) counts[outcome] += 1;
    await answer(results);
  }
  return 'all';
}

async function openPiece(
  parcel: Parcel,
  index: number,
  key: SealingKeyPair,
): Promise<{ readonly value: readonly unknown[] } | NotTaken> {
  const refused = (why: string): NotTaken => ({
    refused: `piece ${index + 1} of ${parcel.tail.pieces} cannot be taken in: ${why}. Those before it were.`,
  });
  const sealed = parcel.piece(index);
  if (sealed === null) return refused('the file was changed meanwhile');
  const opened = await open(sealed, key, { contentType: carriedContent.events });
  if (!opened.ok) return refused(opened.error);
  const parsed = eventsRequestSchema.safeParse(parsedJson(opened.value));
  return parsed.success ? { value: parsed.data.events } : refused('it is of a form that is not known here');
}

/**
 * Answers as they come. What cannot be sealed or written must not stop the taking in, so it is told at the end: the
 * stick's own failures are thrown then.
 */
async function answerSink(
  { answerTo, ...told }: CarriedEventsHead,
  { count, first, last }: CarriedTail,
  write: (bytes: Uint8Array) => Promise<void>,
  now: Date,
) {
  const time = now.toISOString();
  const { suite, keyId } = answerTo;
  const head: CarriedHead = { ...told, kind: 'answers', time, suite, keyId };
  const failures: { readonly cause: unknown; readonly onStick: boolean }[] = [];
  let onStick = false;
  let parcel: ParcelWriter | null = null;
  const attempt = async (task: () => Promise<void>): Promise<void> => {
    if (failures.length > 0) return;
    await task().catch((cause: unknown) => failures.push({ cause, onStick }));
  };
  await attempt(async () => {
    parcel = await ParcelWriter.begin(head, async (bytes) => {
      onStick = true;
      await write(bytes);
      onStick = false;
    });
  });
  return {
    answer: (results: Results) =>
      attempt(async () => {
        const body = Buffer.from(JSON.stringify(eventsResponseSchema.parse({ results, serverTime: time })));
        const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
        await parcel?.piece(await seal(body, answerTo, { contentType: carriedContent.answers, random }));
      }),
    end: async (sign: (text: string) => Promise<string>): Promise<{ readonly error: string } | null> => {
      await attempt(async () => parcel?.end({ count, first, last }, sign));
      const [failure] = failures;
      if (failure?.onStick) throw failure.cause;
      return failure ? { error: 'what the kiosk wants them sealed for is no key' } : null;
    },
  };
}
