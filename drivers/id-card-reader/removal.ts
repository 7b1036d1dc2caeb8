import { type CommandError, err, ok, type Result } from '../device.ts';
import { type CommandName, SW3 } from './codec.ts';
import type { Outcome } from './line.ts';
import { decodeReading } from './read-steps.ts';
import { garbledRequest, noAnswer, refusal, samOutOfOrder } from './refusals.ts';

/** What watching for removal needs from the driver. */
export interface RemovalPort {
  /** Sends one request; `findCard` respects the poll interval. */
  send(command: CommandName): Promise<Outcome>;
  /** One poll interval. */
  pause(): Promise<void>;
  /** By what a card is known again, instead of its number. */
  markOf(number: string): string;
}

export type RemovalOutcome =
  | { readonly kind: 'gone' }
  /** Another card took its place and has been selected: Find would refuse it now, a read will not. */
  | { readonly kind: 'replaced'; readonly mark: string };

/** Two empty probes a poll interval apart; one may be a card that slipped and was put right. */
const MISSES = 2;
/** Of troubles in a row: an answer that did not come counts 2, one that says nothing about a card 1. */
const TROUBLE_LIMIT = 4;

/**
 * Watches until the card of that mark has left the field; null: until no card is there. A reader that has read a
 * card refuses Find (80) whether the card has left or not, so presence is probed by reading again; a card that was
 * lifted and laid back is recognised by its mark. What each probe has read is wiped at once.
 */
export async function watchForRemoval(
  port: RemovalPort,
  mark: string | null,
): Promise<Result<RemovalOutcome, CommandError> | 'stopped'> {
  let misses = 0;
  let trouble = 0;
  for (;;) {
    const probed = await (mark === null ? probeByFinding(port) : probeByReading(port));
    switch (probed.kind) {
      case 'stopped':
        return 'stopped';
      case 'trouble':
        trouble += probed.weight;
        if (trouble >= TROUBLE_LIMIT) return err(probed.error);
        break;
      case 'failed':
        return err(probed.error);
      case 'absent':
        trouble = 0;
        misses += 1;
        if (misses >= MISSES) return ok({ kind: 'gone' });
        break;
      case 'present':
        trouble = 0;
        misses = 0;
        if (mark !== null && probed.mark !== null && probed.mark !== mark) {
          return ok({ kind: 'replaced', mark: probed.mark });
        }
        break;
      default:
        return probed satisfies never;
    }
    await port.pause();
  }
}

type Probe =
  | { readonly kind: 'stopped' | 'absent' }
  /** Says nothing about the card; `error` is what the command ends with when there is too much of it. */
  | { readonly kind: 'trouble'; readonly weight: number; readonly error: CommandError }
  /** The reader can tell nobody anything any more. */
  | { readonly kind: 'failed'; readonly error: CommandError }
  /** `mark` is null for a card that does not let itself be read. */
  | { readonly kind: 'present'; readonly mark: string | null };

async function probeByFinding(port: RemovalPort): Promise<Probe> {
  const found = await port.send('findCard');
  if (found.kind !== 'reply') return notAReply(found);
  const { sw3 } = found.reply;
  return sw3 === SW3.cardFound ? { kind: 'present', mark: null } : refused(sw3);
}

async function probeByReading(port: RemovalPort): Promise<Probe> {
  const first = await readMark(port, refused);
  if (first.kind !== 'absent') return first;
  const found = await probeByFinding(port);
  if (found.kind !== 'present') return found;
  const selected = await port.send('selectCard');
  if (selected.kind !== 'reply') return notAReply(selected);
  return readMark(port, refusedThoughFound);
}

async function readMark(port: RemovalPort, whenRefused: (sw3: number) => Probe): Promise<Probe> {
  const read = await port.send('readCard');
  if (read.kind !== 'reply') return notAReply(read);
  if (read.reply.sw3 !== SW3.ok) return whenRefused(read.reply.sw3);
  const decoded = decodeReading(read.reply.data, false);
  read.reply.data.fill(0);
  if (!('card' in decoded)) return { kind: 'present', mark: null };
  decoded.photo.fill(0);
  return { kind: 'present', mark: port.markOf(decoded.card.number) };
}

/** GA/T 467-2019: what a reader answers when there is no card to find, to select or to read. */
const NO_CARD: ReadonlySet<number> = new Set([
  SW3.findFailed,
  SW3.readFailed,
  SW3.noCardFoundYet,
  SW3.selectFailed,
]);

function refused(sw3: number): Probe {
  if (NO_CARD.has(sw3)) return { kind: 'absent' };
  if (samOutOfOrder(sw3)) return { kind: 'failed', error: refusal(sw3) };
  return { kind: 'trouble', weight: 1, error: garbledRequest(sw3) ? noAnswer(false) : refusal(sw3) };
}

/** A card was found a moment ago: one that does not let itself be read is there all the same. */
const refusedThoughFound = (sw3: number): Probe =>
  samOutOfOrder(sw3) || garbledRequest(sw3) ? refused(sw3) : { kind: 'present', mark: null };

function notAReply(outcome: Exclude<Outcome, { kind: 'reply' }>): Probe {
  switch (outcome.kind) {
    case 'stopped':
      return { kind: 'stopped' };
    case 'silence':
      return { kind: 'trouble', weight: 2, error: noAnswer(true) };
    case 'garbled':
      return { kind: 'trouble', weight: 1, error: noAnswer(false) };
    default:
      return outcome satisfies never;
  }
}
