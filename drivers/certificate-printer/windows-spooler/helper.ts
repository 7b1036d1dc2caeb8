/**
 * The helper program that speaks with the Windows spooler, and the JSON lines that are spoken with it. It runs in a
 * process of its own: should it crash or hang, that is a lost answer, and the next question starts it anew.
 * The PowerShell script has never been run on Windows yet; this side is tested against another program.
 *
 * A request is one line, `{"id":1,"op":"job","printer":"…","job":7}`; `send` is followed by a second line, the document
 * in Base64. An answer is one line, `{"id":1,"value":…}` or `{"id":1,"error":1801}` with Windows' own number of
 * the error. The first line of all, `{"ready":1}`, names the version of these rules.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Clock, err, ok, type Result } from '../../device.ts';

export type SpoolerRequest =
  | { readonly op: 'printer' | 'jobs' }
  | { readonly op: 'job' | 'cancel' | 'release'; readonly job: number }
  | { readonly op: 'create'; readonly name: string }
  | { readonly op: 'send'; readonly job: number; readonly document: Uint8Array };

/** `not-reached`: no helper, nothing was seen. `lost`: anything may have been seen. `win32`: Windows' own refusal. */
export type SpoolerFailure =
  | { readonly kind: 'not-reached' | 'lost'; readonly detail: string }
  | { readonly kind: 'win32'; readonly error: number; readonly detail: string };

export interface SpoolerHelper {
  /** `answer` checks what comes back; what does not fit is as good as lost. */
  ask<T>(
    printer: string,
    request: SpoolerRequest,
    answer: z.ZodType<T>,
    patienceMs: number,
  ): Promise<Result<T, SpoolerFailure>>;
  /** Ends the helper; resolves when it has ended. */
  close(): Promise<void>;
}

export interface SpoolerHelperOptions {
  readonly clock: Clock;
  /** Program and arguments; Windows PowerShell with the script beside this file unless told. */
  readonly command?: readonly string[];
}

/** Another program reads it, to which Electron's archive is one file: it lies unpacked beside it. */
const SCRIPT = join(import.meta.dirname, 'spooler.ps1').replace(
  /\bapp\.asar\b(?!\.unpacked)/,
  'app.asar.unpacked',
);
const POWERSHELL = [
  'powershell.exe',
  ...['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', SCRIPT],
];
/** PowerShell compiles a piece of the script first. */
const START_MS = 30_000;
/** Far above any answer; a helper that sends more has gone wrong. */
const MAX_LINE = 4 << 20;

const readyLine = z.strictObject({ ready: z.literal(1) });
const answerLine = z.union([
  z.strictObject({ id: z.int(), value: z.unknown() }),
  z.strictObject({ id: z.int(), error: z.int() }),
]);
type Answer = z.output<typeof answerLine>;

interface Running {
  /** False when it has ended without having been ready. */
  readonly ready: Promise<boolean>;
  /** Null: it ended, or was ended, before it answered. */
  ask(line: string, id: number, patienceMs: number): Promise<Answer | null>;
  end(): Promise<void>;
}

export const openSpoolerHelper = ({ clock, command = POWERSHELL }: SpoolerHelperOptions): SpoolerHelper => {
  let running: Running | null = null;
  let closed = false;
  let lastId = 0;

  const start = (): Running => {
    const started = startProgram(command, clock, () => {
      if (running === started) running = null;
    });
    running = started;
    return started;
  };

  return {
    async ask(printer, request, schema, patienceMs) {
      const nobody = err({ kind: 'not-reached', detail: 'the spooler helper does not start' } as const);
      if (closed) return nobody;
      const helper = running ?? start();
      if (!(await helper.ready)) return nobody;
      lastId += 1;
      const { document, ...rest } = { document: undefined, ...request };
      const json = JSON.stringify({ id: lastId, printer, ...rest });
      const line = document ? `${json}\n${Buffer.from(document).toString('base64')}\n` : `${json}\n`;
      const answer = await helper.ask(line, lastId, patienceMs);
      if (answer === null) return err({ kind: 'lost', detail: 'the spooler helper did not answer' });
      if ('error' in answer) {
        return err({ kind: 'win32', error: answer.error, detail: `Windows error ${answer.error}` });
      }
      const value = schema.safeParse(answer.value);
      if (value.success) return ok(value.data);
      return err({ kind: 'lost', detail: `the spooler helper's answer to ${request.op} makes no sense` });
    },
    async close() {
      closed = true;
      await running?.end();
    },
  };
};

const startProgram = (command: readonly string[], clock: Clock, onEnd: () => void): Running => {
  const [program = '', ...args] = command;
  const waiting = new Map<number, (answer: Answer | null) => void>();
  const child: ChildProcessWithoutNullStreams = spawn(program, args, { windowsHide: true });
  const ended = once(child, 'close').catch(() => undefined);
  let tellReady: (ready: boolean) => void = () => undefined;
  const ready = new Promise<boolean>((resolve) => {
    tellReady = resolve;
  });
  let isReady = false;
  let over = false;

  const stop = (): void => {
    if (over) return;
    over = true;
    cancelStart();
    child.kill('SIGKILL');
    tellReady(false);
    for (const tell of [...waiting.values()]) tell(null);
    onEnd();
  };
  const cancelStart = clock.after(START_MS, stop);

  const hear = (line: string): void => {
    const parsed = parseJson(line);
    if (!isReady) {
      isReady = readyLine.safeParse(parsed).success;
      if (isReady) {
        cancelStart();
        tellReady(true);
      } else stop();
      return;
    }
    const answer = answerLine.safeParse(parsed);
    if (answer.success) waiting.get(answer.data.id)?.(answer.data);
    // Whoever says something that nobody understands cannot be trusted with the next request either.
    else stop();
  };

  let pending = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    const newline = chunk.lastIndexOf(0x0a);
    pending = newline < 0 ? pending + chunk.length : chunk.length - newline - 1;
    if (pending > MAX_LINE) stop();
  });
  createInterface({ input: child.stdout }).on('line', hear);
  child.stderr.resume();
  child.stdin.on('error', stop);
  child.on('error', stop);
  child.on('close', stop);

  return {
    ready,
    ask: (line, id, patienceMs) =>
      new Promise((resolve) => {
        const finish = (answer: Answer | null): void => {
          cancelPatience();
          waiting.delete(id);
          resolve(answer);
        };
        // One that hangs is ended: what it was asked for last must not happen at some later time.
        const cancelPatience = clock.after(patienceMs, stop);
        waiting.set(id, finish);
        if (over) finish(null);
        else child.stdin.write(line);
      }),
    async end() {
      stop();
      await ended;
    },
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
