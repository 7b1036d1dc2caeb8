import { eventSchema } from '@huimin/backend/contract';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import { Book, COMPACTION, type CompactionBounds } from './book.ts';
import { describeFindings } from './damage.ts';
import type { Files } from './files.ts';
import { type Finding, openJournal } from './journal.ts';
import type { KeyHolder } from './key.ts';
import { type FolderLock, lockedFiles } from './lock.ts';
import { SPARE, type Spare } from './segment.ts';
import { SerialMark } from './serial-mark.ts';
import { type KioskKeys, numbering, type StoreState } from './state.ts';
import { JournalStore } from './store.ts';
import { Writer } from './writer.ts';

export interface StoreOptions {
  readonly folder: string;
  readonly kiosk: string;
  readonly keyHolder: KeyHolder;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** Made once, at the very first start. */
  readonly createKeys: () => Promise<KioskKeys>;
  /** Damage found and set aside, in words for a technician. */
  readonly onDamage: (sentence: string) => void;
  /**
   * The store failed in a way that nobody foresaw and takes nothing more: a new start finds everything acknowledged.
   * Unless told, this is an unhandled rejection, which ends the core.
   */
  readonly onBroken?: (cause: unknown) => void;
  /** What a technician should know and nobody can put right now; told once a start. */
  readonly onNotice?: (sentence: string) => void;
  /** Residents' records that are older are forgotten. Services ask for younger ones; 30 days unless told. */
  readonly maxAgeHours?: number;
  /** When the journal is written anew. */
  readonly compaction?: CompactionBounds;
  /** How much space is made ready in the journal. */
  readonly spare?: Spare;
}

const MAX_AGE_HOURS = 30 * 24;

/** Opens the store in a folder that nobody else uses. The error is one sentence. */
export async function openStoreIn(
  files: Files,
  options: StoreOptions,
  /** Let go of by `close()`, or when it cannot be opened. */
  lock: FolderLock,
): Promise<Result<JournalStore, string>> {
  const { folder, keyHolder, clock, random, onDamage, onNotice = () => undefined } = options;
  // Events are not checked again once they are made, so what they are made of is checked here.
  if (!eventSchema.shape.kiosk.safeParse(options.kiosk).success) {
    lock.release();
    return err(`'${options.kiosk}' is no name for a kiosk`);
  }
  const loaded = await keyHolder.load();
  if (!loaded.ok) {
    lock.release();
    return loaded;
  }
  let keys = loaded.value;
  const book = await Book.create((sentence) => {
    onDamage(sentence);
    void writer.probe();
  });
  const opened = openJournal({
    folder,
    files,
    lock,
    keys,
    random,
    spare: options.spare ?? SPARE,
    onFound: (found) => book.replay(found),
  });
  if (!opened.ok) {
    book.close();
    lock.release();
    return opened;
  }
  const { journal, findings } = opened.value;
  if (book.fromLater) {
    journal.close();
    book.close();
    lock.release();
    return err('the journal holds records of a later version of this program');
  }
  let listener: (writable: boolean) => void = () => undefined;
  const writer = new Writer({
    book,
    journal,
    clock,
    bounds: options.compaction ?? COMPACTION,
    segment: () => ({
      masterKey: keys.current,
      withDelivery: !store.deliveryIsTooOld() && canKeepDelivery(),
    }),
    onWritable: (writable) => listener(writable),
    onBroken: options.onBroken ?? ((cause) => void Promise.reject(cause)),
  });
  /** Bundles of the first form open with the master key they were sealed with, and no other. */
  const canKeepDelivery = (): boolean =>
    book.state.delivery?.sealed !== null ||
    (journal.masterKey !== null && Buffer.from(journal.masterKey).equals(keys.current));
  const mark = new SerialMark(lockedFiles(files, lock), folder);
  const store = new JournalStore({
    mark,
    kiosk: options.kiosk,
    clock,
    random,
    maxAgeHours: options.maxAgeHours ?? MAX_AGE_HOURS,
    book,
    journal,
    writer,
    tell: onNotice,
    release: () => lock.release(),
    listen: (heard) => {
      listener = heard;
    },
    rotate: async () => {
      if (!lock.held) return err('the data folder is open for reading only');
      const renewed = await keyHolder.renew();
      if (!renewed.ok) return renewed;
      const next = await keyHolder.load();
      if (!next.ok) return next;
      keys = next.value;
      const sealed = await writer.compact();
      return sealed.ok ? retire() : sealed;
    },
  });
  /** Destroys the old key, and with it what was set aside under it. */
  const retire = async (): Promise<Result<void, string>> => {
    const retired = await keyHolder.retire();
    const gone = retired.ok ? journal.discardAside() : [];
    if (gone.length > 0)
      onNotice(
        `${gone.join(', ')} had been set aside under the old master key, which is destroyed: nothing opens them any more, and they were taken away`,
      );
    return retired;
  };

  const lost = book.lost || findings.some(({ kind }) => kind === 'unreadable' || kind === 'foreign');
  // Numbers and sequences may have been used that are no longer known: another enrolment gives others.
  const forgetful = lost && (book.state.endorsement !== null || book.state.shares !== null);
  if (forgetful) book.apply(0, [{ kind: 'authority-lost' }]);
  const givenUp = await giveUpDoubtful(book.state, mark, findings);
  const isNew = book.state.keys === null;
  if (isNew) book.apply(0, [{ kind: 'keys', ...(await options.createKeys()) }]);
  await writer.probe();
  if (isNew && journal.outdated) {
    await store.close();
    return err(`the journal cannot be begun: ${writer.failure}`);
  }
  if (forgetful && journal.outdated) await writer.write(() => [{ kind: 'authority-lost' }]);

  for (const sentence of describeFindings(findings, book.gaps, (finding) => journal.keptAs(finding)))
    onDamage(sentence);
  if (givenUp > 0)
    onNotice(
      `nothing shows that the last stop was an orderly one: ${givenUp} certificate numbers that may have been given are not used`,
    );
  if (keyHolder.warning !== null) onNotice(keyHolder.warning);
  if (writer.failure !== null) onNotice(`the journal could not be written anew: ${writer.failure}`);
  // What was set aside just now opens with the old key only: it stays until the next start.
  const examinable = findings.some((finding) => journal.keptAs(finding) !== null);
  if (keys.others.length > 0 && !journal.outdated && lock.held && !examinable) {
    const retired = await retire();
    if (!retired.ok) onNotice(retired.error);
  }
  if (store.deliveryIsTooOld()) await store.dropDelivery();
  return ok(store);
}

/** After a stop that was not an orderly one; how many serials that costs. */
async function giveUpDoubtful(
  state: StoreState,
  mark: SerialMark,
  findings: readonly Finding[],
): Promise<number> {
  const {
    endorsement,
    blocks: [next],
  } = state;
  if (next === undefined || endorsement === null) return 0;
  const of = numbering(endorsement);
  const floor = mark.floorOf(of);
  const isKnown = floor === null || floor < next.from;
  const torn = findings.some(({ kind }) => kind === 'torn');
  if (state.closed && isKnown && !torn && !mark.isOpen) return 0;
  await mark.keepOpen(of, Math.max(floor ?? 0, next.from - 1));
  return state.giveUpDoubtful(floor);
}
