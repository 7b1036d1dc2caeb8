import { type CommandError, commandError, err, ok, type Result } from '../device.ts';
import { type CommandName, SW3 } from './codec.ts';
import type { Outcome } from './line.ts';
import { decodeReading } from './read-steps.ts';

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
        if (trouble >= TROUBLE_LIMIT) {
          return err(commandError('hardwareError', 'no-answer', 'the reader does not answer'));
        }
        break;
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
  | { readonly kind: 'trouble'; readonly weight: number }
  /** `mark` is null for a card that does not let itself be read. */
  | { readonly kind: 'present'; readonly mark: string | null };

async function probeByFinding(port: RemovalPort): Promise<Probe> {
  const found = await port.send('findCard');
  if (found.kind !== 'reply') return notAReply(found);
  return found.reply.sw3 === SW3.cardFound ? { kind: 'present', mark: null } : { kind: 'absent' };
}

async function probeByReading(port: RemovalPort): Promise<Probe> {
  const first = await readMark(port);
  if (first.kind !== 'absent') return first;
  const found = await probeByFinding(port);
  if (found.kind !== 'present') return found;
  const selected = await port.send('selectCard');
  if (selected.kind !== 'reply') return notAReply(selected);
  const second = await readMark(port);
  return second.kind === 'absent' ? { kind: 'present', mark: null } : second;
}

async function readMark(port: RemovalPort): Promise<Probe> {
  const read = await port.send('readCard');
  if (read.kind !== 'reply') return notAReply(read);
  if (read.reply.sw3 !== SW3.ok) return { kind: 'absent' };
  const decoded = decodeReading(read.reply.data, false);
  read.reply.data.fill(0);
  if (!('card' in decoded)) return { kind: 'present', mark: null };
  decoded.photo.fill(0);
  return { kind: 'present', mark: port.markOf(decoded.card.number) };
}

function notAReply(outcome: Exclude<Outcome, { kind: 'reply' }>): Probe {
  switch (outcome.kind) {
    case 'stopped':
      return { kind: 'stopped' };
    case 'silence':
      return { kind: 'trouble', weight: 2 };
    case 'garbled':
      return { kind: 'trouble', weight: 1 };
    default:
      return outcome satisfies never;
  }
}
