import { createHash } from 'node:crypto';
import { canonicalJson } from '../contract/index.ts';
import type { Tables } from '../storage/index.ts';

export type Entry = Tables['audit'];

/** What an entry says besides its place in the chain. */
export type Said = Pick<Entry, 'at' | 'actor' | 'action' | 'subject' | 'detail'>;

const hashOf = ({ hash: _, ...rest }: Entry): string =>
  createHash('sha256').update(canonicalJson(rest)).digest('hex');

/** The entry that follows `last`; the first one where there is none. */
export function nextEntry(last: Pick<Entry, 'sequence' | 'hash'> | null, said: Said): Entry {
  const entry = { ...said, sequence: (last?.sequence ?? 0) + 1, previous: last?.hash ?? '', hash: '' };
  return { ...entry, hash: hashOf(entry) };
}

/** What is wrong with an entry that stands after `last`, in words that follow its number; null when nothing is. */
export function flawIn(entry: Entry, last: Pick<Entry, 'sequence' | 'hash'> | null): string | null {
  if (entry.sequence !== (last?.sequence ?? 0) + 1) return 'comes after one that is missing';
  if (entry.previous !== (last?.hash ?? '')) return 'does not follow the entry before it';
  return entry.hash === hashOf(entry) ? null : 'was changed';
}
