import type { Readable, Writable } from 'node:stream';
import type { Clock, CommandError } from '../device.ts';
import type { PortListing } from '../transport/index.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { json as asJson, printable } from './format.ts';

/** All that a run touches, so that a test can be the terminal. */
export interface World {
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** A person is asked only where this is a terminal. */
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly listPorts: () => Promise<PortListing>;
  /** The labels of the cameras that the system tells of. */
  readonly listCameras: () => readonly string[];
  /** Aborted by Ctrl+C. */
  readonly interrupted: AbortSignal;
}

/** What a run says, and to whom. */
export interface Voice {
  readonly json: boolean;
  /** A line for people, on standard output. */
  say(line: string): void;
  /** A value for machines, as one line on standard output. */
  tell(value: object): void;
  /** What is going on, for people, beside the output. */
  hint(line: string): void;
  /** Why it did not go well: for people on standard error, for machines as `{ ok: false, error }`. */
  fail(error: CommandError, more?: object): ExitCode;
  /** As `fail`, for what a person said or wrote wrongly. */
  misused(detail: string): ExitCode;
}

export function voiceOf({ stdout, stderr }: Pick<World, 'stdout' | 'stderr'>, json: boolean): Voice {
  const fail = (exitCode: ExitCode, error: CommandError, more: object): ExitCode => {
    const { code, reason, detail } = error;
    if (json) stdout.write(`${asJson({ ok: false, error: { code, reason, detail }, ...more })}\n`);
    else stderr.write(`${printable(detail)} (${reason})\n`);
    return exitCode;
  };
  return {
    json,
    say: (line) => void (json || stdout.write(`${line}\n`)),
    tell: (value) => void (json && stdout.write(`${asJson(value)}\n`)),
    hint: (line) => void (json || stderr.write(`${line}\n`)),
    fail: (error, more = {}) => fail(exitCodeOf(error), error, more),
    misused: (detail) => fail(EXIT.usage, { code: 'invalidCommand', reason: 'usage', detail }, {}),
  };
}
