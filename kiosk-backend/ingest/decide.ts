import { FORKED, FORKED_EARLIER, normaliseNumber } from '../contract/index.ts';
import type { Finding, ReadEvent } from './examine.ts';

/** What the database knows that matters to a kiosk's batch, read while the kiosk's row is held. */
export interface Known {
  readonly enrolment: number;
  /** Events by id, in whichever enrolment; `reason` is null for an accepted one. */
  readonly ids: ReadonlyMap<string, { readonly hash: string; readonly reason: string | null }>;
  /** Events of the present enrolment by sequence: those at the batch's places and beside them. */
  readonly places: ReadonlyMap<number, Link>;
  /** Hashes of events that the batch's may chain to, of earlier enrolments too. */
  readonly earlier: ReadonlySet<string>;
  /** Events set aside as forked, by hash: in which enrolment. */
  readonly forks: ReadonlyMap<string, number>;
  /** Certificate numbers (see `normaliseNumber`) that are taken. */
  readonly numbers: ReadonlySet<string>;
}

interface Link {
  readonly hash: string;
  readonly previous: string;
}

/** What becomes of one thing that was sent. */
export type Verdict =
  /**
   * An event that is judged now; `reason` tells why its effect is refused, null when it is not. `before` tells what it
   * was until now, where a technician had it sent again: refused, or set aside as forked.
   */
  | {
      readonly is: 'new';
      readonly event: ReadEvent;
      readonly before: 'none' | 'refused' | 'forked';
      reason: string | null;
    }
  /** An event whose answer stands; `reason` is that answer's. */
  | { readonly is: 'replay'; readonly id: string; readonly reason: string | null }
  /** The same event as one further up in what is being decided. */
  | { readonly is: 'again'; readonly of: Extract<Verdict, { is: 'new' }> }
  /** An event of another journal under the same identity, seen for the first time. */
  | { readonly is: 'forked'; readonly event: ReadEvent }
  | { readonly is: 'no-event'; readonly id: string; readonly reason: string };

/** A note on an event of the present enrolment: what is wrong before it, or null when that is settled. */
export type ChainNotes = ReadonlyMap<number, 'missing' | 'broken' | null>;

export interface Decision {
  /** One per finding, batch by batch. */
  readonly verdicts: readonly (readonly Verdict[])[];
  readonly notes: ChainNotes;
}

/**
 * Decides what becomes of the batches of one kiosk, one after the other, each entry in the light of those before it.
 *
 * Two machines with one identity (a copied disk, a backup put back, a disk that forgot its end) write two journals.
 * Whichever event of a place comes first has it; the other, and what chains to it, belongs to the second journal. In a
 * new enrolment the kiosk goes on with either, and what was set aside before is taken in where it fits into that.
 */
export function decide(known: Known, batches: readonly (readonly Finding[])[]): Decision {
  const fresh = new Map<string, Extract<Verdict, { is: 'new' }>>();
  const forks = new Map(known.forks);
  const places = new Map(known.places);
  const numbers = new Set(known.numbers);
  const notes = new Map<number, 'missing' | 'broken' | null>();

  const fork = (event: ReadEvent): Verdict => {
    forks.set(event.hash, known.enrolment);
    return { is: 'forked', event };
  };

  const place = (event: ReadEvent): void => {
    const { sequence, previous, hash } = event;
    const problem = problemBefore(event);
    if (problem) notes.set(sequence, problem);
    places.set(sequence, { hash, previous });
    const next = places.get(sequence + 1);
    if (next) notes.set(sequence + 1, next.previous === hash ? null : 'broken');
  };

  /** One whose predecessor is missing, or is not the one it chains to, is taken but noted. */
  const problemBefore = ({ sequence, previous }: ReadEvent): 'missing' | 'broken' | null => {
    if (sequence === 1) return previous === '' ? null : 'broken';
    const before = places.get(sequence - 1);
    // A kiosk that enrolled again without losing its journal goes on where its earlier enrolment ended.
    if (before?.hash === previous || known.earlier.has(previous) || forks.has(previous)) return null;
    return before ? 'broken' : 'missing';
  };

  const effectRefusal = ({ body }: ReadEvent): string | null => {
    if (body.kind !== 'certificate.issued') return null;
    const key = normaliseNumber(body.number);
    if (numbers.has(key)) return 'number-taken';
    numbers.add(key);
    return null;
  };

  /** Its place in the present enrolment is free, and what stands beside it is what it was made between. */
  const fits = ({ sequence, previous, hash }: ReadEvent): boolean => {
    const [before, next] = [places.get(sequence - 1), places.get(sequence + 1)];
    if (places.has(sequence) || forks.get(previous) === known.enrolment) return false;
    return (
      (before === undefined || before.hash === previous) && (next === undefined || next.previous === hash)
    );
  };

  const judge = (finding: Finding): Verdict => {
    if (finding.is === 'no-event') return finding;
    const { event } = finding;
    const { id, hash } = event;
    const forkedIn = forks.get(hash);
    if (forkedIn === known.enrolment) return { is: 'replay', id, reason: FORKED };
    const earlier = known.ids.get(id);
    const again = fresh.get(id);
    const isTaken = (earlier ?? again?.event ?? event).hash !== hash;
    if (forkedIn !== undefined && (isTaken || !fits(event)))
      return { is: 'replay', id, reason: FORKED_EARLIER };
    if (isTaken) return fork(event);
    if (again) return { is: 'again', of: again };
    if (earlier?.reason === null) return { is: 'replay', id, reason: null };
    const isForked = places.has(event.sequence) || forks.get(event.previous) === known.enrolment;
    if (!earlier && isForked) return fork(event);
    const before = earlier ? 'refused' : forkedIn === undefined ? 'none' : 'forked';
    const reason = finding.reason ?? effectRefusal(event);
    const verdict = { is: 'new' as const, event, before, reason } satisfies Verdict;
    fresh.set(id, verdict);
    forks.delete(hash);
    if (!earlier) place(event);
    return verdict;
  };

  return { verdicts: batches.map((findings) => findings.map(judge)), notes };
}
