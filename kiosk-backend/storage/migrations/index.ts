import type { Migration } from 'kysely/migration';
import { first } from './0001-first.ts';
import { secondChances } from './0002-second-chances.ts';

/** Applied in the order of their names, each once, each in a transaction; a released one is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-second-chances': secondChances,
};
