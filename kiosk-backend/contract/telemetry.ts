import { z } from 'zod';

const isoTime = z.iso.datetime({ offset: false });
const count = z.number().int().min(0);
const word = z.string().max(40);

/**
 * How a kiosk is now, for those who look after it: the latest one counts, none is kept on the kiosk, and nobody is
 * named. Bounded in every part, so that it always fits into one small request.
 */
export const telemetryRequestSchema = z.object({
  /** The start of the kiosk's core that tells this, by a name of its own. */
  run: z.uuid(),
  /** Counts what is told in this run, so that one that was held up on its way is not taken for news. */
  tick: count,
  version: word,
  /** Whole seconds since the core started. */
  uptimeSeconds: count,
  /** XFS4IoT device states by the device's name in `kiosk.yaml`; `paper` where there is paper. */
  devices: z.array(z.object({ name: word, state: word, paper: word.nullable() })).max(32),
  /** Bytes on the disk of the journal; null when the system does not tell. */
  disk: z.object({ free: count, size: count }).nullable(),
  /** False when nothing new can be written. */
  writable: z.boolean(),
  /** Who keeps the master key. */
  keyHolder: word,
  outbox: z.object({
    waiting: count,
    refused: count,
    /** The oldest of the events that were refused, by sequence and kind. */
    heads: z.array(z.object({ sequence: count, kind: word, reason: z.string().max(200) })).max(5),
    /** Since when the oldest event has waited in vain; null when none does. */
    stuckSince: isoTime.nullable(),
  }),
  lanes: z
    .array(
      z.object({
        name: word,
        state: z.enum(['idle', 'working', 'waiting', 'open']),
        failures: count,
        reason: z.string().max(200).nullable(),
        lastSuccess: isoTime.nullable(),
      }),
    )
    .max(8),
  /** How far the kiosk's wall clock is ahead of the backend's, and how far that may be off; null when not known. */
  clock: z.object({ errorMs: z.number().int(), uncertaintyMs: count }).nullable(),
});

export const telemetryResponseSchema = z.object({
  serverTime: isoTime,
  /**
   * The last event of the kiosk's present enrolment that was taken in; null when none was. A kiosk that does not know it
   * has lost the end of its journal, or is a copy. An older backend does not tell.
   */
  last: z
    .object({ sequence: count.min(1), hash: z.string().max(64) })
    .nullable()
    .optional(),
});

export type Telemetry = z.infer<typeof telemetryRequestSchema>;
