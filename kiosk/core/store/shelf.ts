import { join } from 'node:path';
import type { Files } from './files.ts';

/** The journal's files, as they lie in the data folder. */
export interface Shelf {
  /** Files that may hold the journal, the newest first. */
  readonly journals: readonly string[];
  /** The highest number that was ever given to a segment that is still here. */
  readonly lastNumber: number;
}

/** The one file of the first form of the journal. */
export const LEGACY = 'journal.hmj';
const SEGMENT = /^journal-(\d{6,})\.hmj(\.damaged(-\d+)?)?$/;
const UNFINISHED = /^journal(-\d{6,})?\.hmj(\.torn(-\d+)?)?\.new$/;
const ASIDE = /^journal(-\d{6,})?\.hmj\.(damaged|torn)(-\d+)?$/;

export const segmentName = (number: number): string => `journal-${String(number).padStart(6, '0')}.hmj`;
/** What a segment is called until all of it is on the disk. */
export const unfinishedName = (number: number): string => `${segmentName(number)}.new`;
/** What is found damaged is kept beside under a name that is still free, sealed as it is. */
export function asideName(files: Files, folder: string, file: string, what: 'damaged' | 'torn'): string {
  const taken = new Set(files.list(folder));
  const name = `${file}.${what}`;
  for (let next = 2; ; next++) {
    if (!taken.has(name)) return name;
    if (!taken.has(`${name}-${next}`)) return `${name}-${next}`;
  }
}

/** What was kept beside so far. */
export const keptAside = (files: Files, folder: string): readonly string[] =>
  files.list(folder).filter((name) => ASIDE.test(name));

/** Looks around in the folder, and takes away what a power cut left unfinished. */
export function lookAround(files: Files, folder: string): Shelf {
  const names = files.list(folder);
  tidy(
    files,
    folder,
    names.filter((name) => UNFINISHED.test(name)),
  );
  const segments = names.flatMap((name) => {
    const [, digits, aside] = SEGMENT.exec(name) ?? [];
    return digits === undefined ? [] : [{ name, number: Number(digits), aside: aside !== undefined }];
  });
  const numbers = segments.filter(({ aside }) => !aside).toSorted((a, b) => b.number - a.number);
  return {
    journals: [...numbers.map(({ name }) => name), ...names.filter((name) => name === LEGACY)],
    lastNumber: Math.max(0, ...segments.map(({ number }) => number)),
  };
}

/** Takes files away. One that cannot be taken away now does no harm: the next start tries again. */
export function tidy(files: Files, folder: string, names: readonly string[]): void {
  for (const name of names) quietly(() => files.remove(join(folder, name)));
}

/**
 * Puts damaged files aside, and tells under which names. One that stays is found damaged again, or taken away, by the
 * next start.
 */
export function setAside(
  files: Files,
  folder: string,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const name of names)
    quietly(() => {
      const aside = asideName(files, folder, name, 'damaged');
      files.rename(join(folder, name), join(folder, aside));
      kept.set(name, aside);
    });
  quietly(() => files.syncFolder(folder));
  return kept;
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Said by those who call.
  }
}
