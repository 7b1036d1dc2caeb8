import type { KioskEvent } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';

interface Place {
  readonly kiosk: string;
  readonly enrolment: number;
  readonly serverTime: string;
}

/**
 * Compares an event just written with its neighbours: one whose predecessor is missing, or is not the one it chains
 * to, is taken but noted. A predecessor that comes late settles the note.
 */
export async function noteChain(trx: Storage, place: Place, event: KioskEvent): Promise<void> {
  const problem = await problemBefore(trx, place, event);
  if (problem) await note(trx, place, event.sequence, problem);

  const next = await trx
    .selectFrom('events')
    .select(['sequence', 'previous'])
    .where('kiosk', '=', place.kiosk)
    .where('enrolment', '=', place.enrolment)
    .where('sequence', '=', event.sequence + 1)
    .executeTakeFirst();
  if (!next) return;
  await trx
    .deleteFrom('chain_gaps')
    .where('kiosk', '=', place.kiosk)
    .where('enrolment', '=', place.enrolment)
    .where('sequence', '=', next.sequence)
    .execute();
  if (next.previous !== event.hash) await note(trx, place, next.sequence, 'broken');
}

async function problemBefore(
  trx: Storage,
  place: Place,
  event: KioskEvent,
): Promise<'missing' | 'broken' | null> {
  if (event.sequence === 1) return event.previous === '' ? null : 'broken';
  // A kiosk that enrolled again without losing its journal goes on where its earlier enrolment ended.
  const predecessors = await trx
    .selectFrom('events')
    .select(['enrolment', 'hash'])
    .where('kiosk', '=', place.kiosk)
    .where('sequence', '=', event.sequence - 1)
    .execute();
  if (predecessors.some(({ hash }) => hash === event.previous)) return null;
  return predecessors.some(({ enrolment }) => enrolment === place.enrolment) ? 'broken' : 'missing';
}

const note = (trx: Storage, place: Place, sequence: number, problem: 'missing' | 'broken') =>
  trx
    .insertInto('chain_gaps')
    .values({
      kiosk: place.kiosk,
      enrolment: place.enrolment,
      sequence,
      problem,
      server_time: place.serverTime,
    })
    .execute();
