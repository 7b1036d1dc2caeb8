import type { ParseArgsConfig } from 'node:util';
import type { Storage } from '../storage/index.ts';

/** Said to the person at the terminal instead of a stack trace. */
export class UserError extends Error {}

/** What a command is given: what was typed, the database, and where to write. */
export interface CommandCall {
  /** The words after the command's name. */
  readonly words: readonly string[];
  /** The text of an option; undefined where it was not typed. */
  option(name: string): string | undefined;
  /** True where an option without text was typed. */
  flag(name: string): boolean;
  /** The folder of `--data`. */
  readonly data: string;
  /** The database, as a person is told of it. */
  place(): Promise<string>;
  /** Opens the database, where a backend has one unless {@link Command.first}, and closes it after `use`. */
  withStorage<T>(use: (db: Storage) => Promise<T>): Promise<T>;
  readonly now: () => Date;
  /** A line for the person at the terminal. */
  say(line: string): void;
  /** A line that tells what is not as it should be: the exit code will be 1. */
  fail(line: string): void;
}

/** One word after `npm run backend --`. What it needs is loaded when it runs, so that a wrong word is answered at once. */
export interface Command {
  readonly name: string;
  /** What to type after the name, e.g. `<kiosk-id> --community NAME`. */
  readonly usage: string;
  /** Whether it may be what is done first of all, with a database that is made for it. */
  readonly first?: boolean;
  /** How many words it takes at most. */
  readonly words: number;
  /** Its own options; `--data` is everybody's. */
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Throws {@link UserError} for what a person can put right. */
  run(call: CommandCall): Promise<void>;
}
