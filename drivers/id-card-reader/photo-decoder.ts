import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { watchForEnd } from '../command-end.ts';
import { type Clock, type CommandError, commandError, err, ok, type Result } from '../device.ts';
import type { PhotoDecoderConfig } from './config.ts';
import { type ImageInfo, imageInfo } from './image-info.ts';

/** The chip's photo as an image that any program shows. */
export interface DecodedPhoto extends ImageInfo {
  readonly bytes: Uint8Array;
}

export interface DecodeOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Instead of the configuration's, milliseconds. */
  readonly timeoutMs?: number;
}

/** GA/T 467: 102 x 126 pixels once decoded; a program that crops or pads by a little is believed. */
const USUAL = { width: 102, height: 126 };
const TOLERANCE = 0.15;
/** The usual result has 38,862 bytes. */
const MOST_BYTES = 1_000_000;

/**
 * Decodes a chip's photo (WLT) through a helper program: bytes in on its standard input, a BMP, PNG or JPEG out on its
 * standard output. It is started without a shell and with next to no environment, has a time and a size that it may not
 * exceed, and is killed when it does. Nothing is written to a disk here. Reasons: see `IdCardReader.decodePhoto`.
 */
export async function decodePhoto(
  photo: Uint8Array,
  { program, args, timeoutMs: usualTimeoutMs }: PhotoDecoderConfig,
  { clock, signal, timeoutMs = usualTimeoutMs }: DecodeOptions,
): Promise<Result<DecodedPhoto, CommandError>> {
  if (photo.length === 0) return err(commandError('invalidData', 'no-photo', 'the card holds no photo'));
  if (signal?.aborted) return err(canceled());
  const child = spawn(program, args, {
    shell: false,
    windowsHide: true,
    cwd: tmpdir(),
    env: minimalEnvironment(),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const output = await outputOf(child, photo, { clock, timeoutMs, ...(signal && { signal }) });
  if (!output.ok) return output;
  const bytes = output.value;
  const info = imageInfo(bytes);
  if (info === null) return refuse(bytes, 'the photo decoder answered with something that is no image');
  if (!isNear(info.width, USUAL.width) || !isNear(info.height, USUAL.height)) {
    return refuse(bytes, `the photo decoder answered with an image of ${info.width} x ${info.height} pixels`);
  }
  return ok({ ...info, bytes });
}

const isNear = (size: number, usual: number): boolean => Math.abs(size - usual) <= usual * TOLERANCE;

const canceled = (): CommandError => commandError('canceled', 'canceled', 'the command was canceled');

function refuse(bytes: Uint8Array, detail: string): Result<never, CommandError> {
  bytes.fill(0);
  return err(commandError('invalidData', 'not-an-image', detail));
}

/** What a program needs to start at all; nothing of ours. */
function minimalEnvironment(): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env;
  return process.platform === 'win32' && SystemRoot !== undefined ? { SystemRoot } : {};
}

/** As one piece, of which there is no other copy once the chunks are wiped. */
function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Runs the program to its end. Whatever happens, it does not outlive this call. */
function outputOf(
  child: ChildProcessByStdio<Writable, Readable, null>,
  input: Uint8Array,
  { clock, signal, timeoutMs }: Required<Pick<DecodeOptions, 'clock' | 'timeoutMs'>> & DecodeOptions,
): Promise<Result<Uint8Array, CommandError>> {
  const { promise, resolve } = Promise.withResolvers<Result<Uint8Array, CommandError>>();
  const chunks: Buffer[] = [];
  let size = 0;
  let settled = false;
  const settle = (result: Result<Uint8Array, CommandError>): void => {
    if (settled) return;
    settled = true;
    stopWatching();
    child.kill('SIGKILL');
    // A grandchild may hold the pipes open; nobody waits for it.
    child.stdin.destroy();
    child.stdout.destroy();
    for (const chunk of chunks) chunk.fill(0);
    resolve(result);
  };
  const fail = (...error: Parameters<typeof commandError>): void => settle(err(commandError(...error)));
  const stopWatching = watchForEnd({ timeoutMs, ...(signal && { signal }) }, clock, (code) => {
    if (code === 'canceled') settle(err(canceled()));
    else fail('timeOut', 'timed-out', `the photo decoder took longer than ${timeoutMs} ms`);
  });

  child.on('error', () =>
    fail('unsupportedCommand', 'not-installed', 'the photo decoder could not be started'),
  );
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (settled || size > MOST_BYTES) {
      chunk.fill(0);
      fail('invalidData', 'too-large', `the photo decoder wrote more than ${MOST_BYTES} bytes`);
    } else chunks.push(chunk);
  });
  child.on('close', (code, killedBy) => {
    if (code === 0) settle(ok(joined(chunks, size)));
    else fail('internalError', 'crashed', `the photo decoder ended with ${killedBy ?? `code ${code}`}`);
  });
  // A program that does not read what it is given is judged by what it writes.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return promise;
}
