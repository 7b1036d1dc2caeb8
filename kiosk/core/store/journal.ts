import { join } from 'node:path';
import { err, ok, type Result } from '@huimin/drivers';
import { type Files, messageOf } from './files.ts';
import { FolderJournal, fingerprint, type Mark, type Source, type Torn } from './folder-journal.ts';
import { NONCE_BYTES, Nonces } from './frame.ts';
import { FRAMES_AT, readHeader } from './header.ts';
import type { MasterKeys } from './key.ts';
import {
  isLegacy,
  isMadeOf,
  isTornFirst,
  isUnbegun,
  legacyKey,
  opensLegacy,
  scanLegacy,
  TAKEN_OVER,
} from './legacy.ts';
import { type FolderLock, lockedFiles } from './lock.ts';
import { type End, type Found, type Hole, scanFrames } from './scan.ts';
import { type Position, type Room, Segment, type Spare } from './segment.ts';
import { LEGACY, lookAround, tidy } from './shelf.ts';
import { readWhole } from './whole.ts';

/**
 * The sealed journal: a folder with one segment, `journal-000007.hmj`. A segment begins with everything that was true
 * when it was begun (the snapshot) and goes on with what was committed since. Compaction, a change of the master key,
 * setting damage aside and reading the first form of the journal are all one thing: the next segment is written under
 * another name, put on the disk, named, and only then the one before is taken away. Wherever that is cut, the newest
 * segment is whole and right.
 */
export interface Journal {
  readonly room: Room;
  /** What the frames are sealed with; null before the first segment. */
  readonly masterKey: Uint8Array | null;
  /** Bytes of frames. */
  readonly bytes: number;
  /** True when a new segment is due whatever its size: for another key, another form, or damage. */
  readonly outdated: boolean;
  /** Under which name something that was found damaged is kept; null when it is not kept beside. */
  keptAs(finding: Finding): string | null;
  /** Makes sure that nobody else writes; false while that cannot be had, and nothing can be written. */
  claim(): boolean;
  /** Adds one frame; it is on the disk when this resolves. After an error it may be there after the next start. */
  append(plaintext: Uint8Array): Promise<Result<Position, string>>;
  /**
   * Reads one frame again. Throws a {@link RottenRecord} when the file no longer holds what was written: it will then
   * be set aside by the next segment.
   */
  read(position: Position): Buffer;
  /**
   * Begins the next segment with these frames, under this key; `placed` is told where each of them came to stand,
   * before the next one is asked for. On an error everything stays as it was.
   */
  rewrite(
    masterKey: Uint8Array,
    frames: Iterable<Uint8Array>,
    placed: (position: Position) => void,
  ): Promise<Result<void, string>>;
  /** Finds out whether the disk takes something now. */
  probe(): Promise<Room>;
  /** Takes away what was set aside, and tells the names. */
  discardAside(): readonly string[];
  close(): void;
}

/** Something that is not as it was written. */
export type Finding = { readonly file: string } & (
  | Hole
  /** One of the two copies of a header; the other one serves. */
  | { readonly kind: 'header-copy' }
  /** Nothing in this file can be opened any more. */
  | { readonly kind: 'unreadable' }
  /** A file of the first form beside segments that were not made of it: an earlier version has run in between. */
  | { readonly kind: 'foreign' }
  /** An unfinished commit, as a power cut leaves it. */
  | { readonly kind: 'torn'; readonly from: number; readonly to: number }
);

export interface JournalOptions {
  readonly folder: string;
  readonly files: Files;
  readonly random: (bytes: number) => Uint8Array;
  readonly spare: Spare;
  readonly lock: FolderLock;
}

/** Opens the journal in a folder and hands what it holds to `onFound`, in order. Begins none. */
export function openJournal(
  given: JournalOptions & { readonly keys: MasterKeys; readonly onFound: (found: Found) => void },
): Result<{ readonly journal: Journal; readonly findings: readonly Finding[] }, string> {
  const { folder, lock, keys } = given;
  const files = lockedFiles(given.files, lock);
  const options = { ...given, files };
  const findings: Finding[] = [];
  const reader: Reader = {
    ...options,
    candidates: [keys.current, ...keys.others],
    tell: (file, found) => {
      if (found.kind === 'hole') findings.push({ ...found, file });
      if (found.kind === 'end' && found.tornTo > found.position)
        findings.push({ kind: 'torn', file, from: found.position, to: found.tornTo });
      options.onFound(found);
    },
    find: (finding) => findings.push(finding),
  };
  try {
    // Whoever has no lock reads what another may be changing, and must know that before writing.
    const unlocked = lock.held ? null : fingerprint(files, folder);
    const { journals: names, lastNumber } = lookAround(files, folder);
    const mark = markOf(files, folder);
    const journals = names.filter((file) => file !== LEGACY || mark === 'legacy');
    const common = { lastNumber, mark, unlocked };
    for (const [age, file] of journals.entries()) {
      const opened = file === LEGACY ? openLegacy(reader, file) : openSegment(reader, file);
      if (!opened.ok) return opened;
      if (opened.value === null) continue;
      const damaged = findings.some(({ kind }) => kind !== 'torn');
      const { source, masterKey, link, torn } = opened.value;
      const older = journals.slice(age + 1);
      const foreign = link !== null && older.includes(LEGACY) && !isMadeOf(link, legacyOf(files, folder));
      if (foreign) reader.find({ kind: 'foreign', file: LEGACY });
      // What is older was to be taken away when the power went.
      const superfluous = older.filter((name) => name !== LEGACY);
      if (!damaged) tidy(files, folder, superfluous);
      const old = damaged ? journals.filter((name) => !foreign || name !== LEGACY) : [file];
      const isCurrent = source instanceof Segment && Buffer.from(masterKey).equals(keys.current);
      const outdated = damaged || !isCurrent;
      const found = { source, masterKey, old, damaged, outdated, foreign, torn };
      return ok({ journal: new FolderJournal(options, { ...common, ...found }), findings });
    }
    const damaged = findings.length > 0;
    const nothing = { source: null, masterKey: null, outdated: true, foreign: false, torn: null };
    const journal = new FolderJournal(options, { ...common, ...nothing, old: journals, damaged });
    return ok({ journal, findings });
  } catch (cause) {
    return err(`the journal in ${folder} cannot be read: ${messageOf(cause)}`);
  }
}

const legacyOf = (files: Files, folder: string): Buffer => files.read(join(folder, LEGACY));

/** What stands under the name of the first form. */
function markOf(files: Files, folder: string): Mark {
  const bytes = readWhole(files, join(folder, LEGACY));
  if (bytes === null) return 'none';
  return bytes.equals(TAKEN_OVER) ? 'taken over' : 'legacy';
}

interface Reader extends JournalOptions {
  readonly candidates: readonly Uint8Array[];
  readonly keys: MasterKeys;
  tell(file: string, found: Found): void;
  find(finding: Finding): void;
}

interface OpenedSource {
  readonly source: Source;
  /** What it is sealed with. */
  readonly masterKey: Uint8Array;
  /** What a segment was made of; null for the first form. */
  readonly link: Uint8Array | null;
  readonly torn: Torn | null;
}

/** Null when nothing in the file can be read. */
type OpenedFile = Result<OpenedSource | null, string>;

const tornIn = (file: string, bytes: Buffer, { position, tornTo }: End): Torn | null =>
  tornTo > position ? { file, bytes: Buffer.from(bytes.subarray(position, tornTo)) } : null;

function openSegment(reader: Reader, file: string): OpenedFile {
  const { files, folder, random, spare } = reader;
  const path = join(folder, file);
  const bytes = files.read(path);
  const read = readHeader(bytes, reader.candidates);
  switch (read.kind) {
    case 'other-key':
      return err(`the key does not open the journal ${file}`);
    case 'newer':
      return err(`${file} was written by a later version of this program`);
    case 'damaged':
      reader.find({ kind: 'unreadable', file });
      return ok(null);
    case 'read': {
      const { key, check, link, masterKey } = read.header;
      if (read.copyDamaged) reader.find({ kind: 'header-copy', file });
      for (const found of scanFrames(bytes, { key, start: FRAMES_AT, first: check })) {
        reader.tell(file, found);
        if (found.kind !== 'end') continue;
        const source = new Segment({
          file: files.open(path),
          key,
          nonces: new Nonces(random(NONCE_BYTES)),
          spare,
          end: found,
          size: bytes.length,
        });
        return ok({ source, masterKey, link, torn: tornIn(file, bytes, found) });
      }
      throw new Error('a scan comes to an end');
    }
    default:
      return read satisfies never;
  }
}

function openLegacy(reader: Reader, file: string): OpenedFile {
  const bytes = reader.files.read(join(reader.folder, file));
  if (isUnbegun(bytes)) return ok(null);
  if (!isLegacy(bytes)) return err(`${file} is not a journal`);
  const { candidates } = reader;
  const opening = candidates.find((masterKey) => opensLegacy(bytes, legacyKey(masterKey, bytes)));
  const masterKey = opening ?? (isTornFirst(bytes) ? candidates[0] : undefined);
  if (masterKey === undefined) return err(`the key does not open the journal ${file}`);
  const key = legacyKey(masterKey, bytes);
  for (const found of scanLegacy(bytes, key)) {
    reader.tell(file, found);
    if (found.kind !== 'end') continue;
    const source = { bytes, key, tag: found.tag };
    return ok({ source, masterKey, link: null, torn: tornIn(file, bytes, found) });
  }
  throw new Error('a scan comes to an end');
}
