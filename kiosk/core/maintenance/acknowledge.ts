import { carriedContent, eventsResponseSchema } from '@huimin/backend/contract';
import { open, type ParcelDisk, parcelDisk, parsedJson, readParcel } from '@huimin/backend/contract/sealing';
import { err, ok, type Result } from '@huimin/drivers';
import type { Store } from '../store/index.ts';
import { answerKey, isAuthoritys } from './backend-keys.ts';

export interface AcknowledgeOptions {
  readonly store: Pick<Store, 'answered' | 'endorsement' | 'keys'>;
  /** The file that the backend wrote when it took in an export. */
  readonly path: string;
  readonly disk?: ParcelDisk;
}

/** How many events were answered, and how. */
export interface Acknowledged {
  readonly taken: number;
  readonly rejected: number;
}

/**
 * Takes the backend's answers to an export as it would take them from the network: what was taken in is not sent again.
 * Doing it twice changes nothing. The error is one sentence for a technician.
 */
export async function acknowledge(options: AcknowledgeOptions): Promise<Result<Acknowledged, string>> {
  const { path, disk = parcelDisk } = options;
  try {
    const file = disk.open(path);
    try {
      return await answersIn(options, readParcel(file.read));
    } finally {
      file.close();
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause && 'code' in cause)) throw cause;
    return err(`${path} cannot be read (${cause.code})`);
  }
}

async function answersIn(
  { store, path }: AcknowledgeOptions,
  read: ReturnType<typeof readParcel>,
): Promise<Result<Acknowledged, string>> {
  const refused = (why: string) => err(`${path} cannot be taken: ${why}`);
  if (!read.ok) return refused(read.error);
  const { head, tail, text, piece } = read.value;
  const { endorsement, keys } = store;
  if (head.kind === 'events') return refused('it holds events for the backend, and no answers');
  if (head.identityKey !== keys.identity.publicKey) return refused('it answers another kiosk');
  if (endorsement === null || !isAuthoritys(endorsement, text, tail.signature))
    return refused('it is not signed by the authority of this kiosk');
  const key = await answerKey(keys.identity.pkcs8, head.export, head.suite);
  const counts = { taken: 0, rejected: 0 };
  for (let index = 0; index < tail.pieces; index++) {
    const sealed = piece(index);
    if (sealed === null) return refused('it was changed meanwhile');
    const opened = await open(sealed, key, { contentType: carriedContent.answers });
    if (!opened.ok) return refused(opened.error);
    const answers = eventsResponseSchema.safeParse(parsedJson(opened.value));
    if (!answers.success) return refused('it is of a form that is not known here');
    const { results } = answers.data;
    const kept = await store.answered(results);
    if (!kept.ok) return kept;
    const rejected = results.filter(({ outcome }) => outcome === 'rejected').length;
    counts.rejected += rejected;
    counts.taken += results.length - rejected;
  }
  return ok(counts);
}
