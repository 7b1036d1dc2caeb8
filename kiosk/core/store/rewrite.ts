import { join } from 'node:path';
import { err, ok, type Result } from '@huimin/drivers';
import { type Files, messageOf, type OpenFile } from './files.ts';
import { NONCE_BYTES, Nonces, sealFrame, TAG_BYTES, tagOf } from './frame.ts';
import { FRAMES_AT, makeHeader, SALT_BYTES } from './header.ts';
import { type Position, Segment, type Spare } from './segment.ts';
import { segmentName, tidy, unfinishedName } from './shelf.ts';

export interface SegmentPlan {
  readonly folder: string;
  readonly files: Files;
  readonly random: (bytes: number) => Uint8Array;
  readonly spare: Spare;
  readonly number: number;
  /** The last tag of the segment, or of the file of the first form, before; null when there was none. */
  readonly link: Uint8Array | null;
  readonly masterKey: Uint8Array;
  readonly frames: Iterable<Uint8Array>;
  /** Where each frame came to stand, told before the next one is asked for. */
  readonly placed: (position: Position) => void;
}

export interface RewriteError {
  readonly sentence: string;
  /** The new segment has its name and could not be taken back: the next start may take it for the truth. */
  readonly named: boolean;
}

/**
 * Writes a whole segment and gives it its name when all of it is on the disk. An error leaves nothing behind but, at
 * worst, an unfinished file that the next start takes away.
 */
export async function writeSegment(
  plan: SegmentPlan,
): Promise<Result<{ readonly segment: Segment; readonly file: string }, RewriteError>> {
  const { folder, files, number, spare } = plan;
  const unfinished = unfinishedName(number);
  const file = segmentName(number);
  let handle: OpenFile | null = null;
  let named = false;
  try {
    handle = files.create(join(folder, unfinished));
    const written = await writeFrames(handle, plan);
    await handle.sync();
    handle.close();
    handle = null;
    if (files.list(folder).includes(file)) throw new Error(`there is a ${file} already`);
    files.rename(join(folder, unfinished), join(folder, file));
    named = true;
    files.syncFolder(folder);
    return ok({
      segment: new Segment({ file: files.open(join(folder, file)), spare, ...written }),
      file,
    });
  } catch (cause) {
    handle?.close();
    if (!named) tidy(files, folder, [unfinished]);
    return err({ sentence: messageOf(cause), named: named && !takenBack(files, folder, file) });
  }
}

/** Whether the name is surely gone, after a power cut too. */
function takenBack(files: Files, folder: string, file: string): boolean {
  try {
    files.remove(join(folder, file));
    files.syncFolder(folder);
    return true;
  } catch {
    return false;
  }
}

/** So much is written at a time, and others have their turn in between. */
const WRITE_BYTES = 1024 * 1024;

/** Header, frames and the first spare space. */
async function writeFrames(file: OpenFile, plan: SegmentPlan) {
  const { random } = plan;
  const { bytes, header } = makeHeader(plan.masterKey, {
    number: plan.number,
    salt: random(SALT_BYTES),
    link: plan.link ?? new Uint8Array(TAG_BYTES),
  });
  // A full disk says so before anything is read and sealed anew.
  await file.write(Buffer.alloc(plan.spare.step), 0);
  let waiting: Buffer[] = [bytes];
  let waitingBytes = bytes.length;
  let written = 0;
  const flush = async (): Promise<void> => {
    await file.write(Buffer.concat(waiting), written);
    written += waitingBytes;
    waiting = [];
    waitingBytes = 0;
  };
  const nonces = new Nonces(random(NONCE_BYTES));
  let position = FRAMES_AT;
  let index = 0;
  let tag: Uint8Array = header.check;
  for (const plaintext of plan.frames) {
    const frame = sealFrame(header.key, { index, previous: tag }, plaintext, nonces.next());
    plan.placed(position);
    waiting.push(frame);
    waitingBytes += frame.length;
    position += frame.length;
    index++;
    tag = tagOf(frame);
    if (waitingBytes >= WRITE_BYTES) await flush();
  }
  const spare = Buffer.alloc(plan.spare.step);
  waiting.push(spare);
  waitingBytes += spare.length;
  await flush();
  return { key: header.key, nonces, end: { position, index, tag, tornTo: position }, size: written };
}
