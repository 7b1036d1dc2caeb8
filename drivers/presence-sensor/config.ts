import { z } from 'zod';
import { profileOrName } from '../profile.ts';
import { transportSourceSchema } from '../transport/index.ts';
import { patternSchema } from './patterns.ts';
import profiles from './serial-profiles.json' with { type: 'json' };

/** What a serial sensor says. */
export const presenceProfileSchema = z.strictObject({
  present: z.array(patternSchema).min(1),
  notPresent: z.array(patternSchema).min(1),
  /** A sensor that reports all the time and has been silent for so long knows nothing; null: it reports changes only. */
  silentMs: z.number().int().min(100).max(3_600_000).nullable(),
});
export type PresenceProfile = z.output<typeof presenceProfileSchema>;

/**
 * `hlk-ld2410`: the radar's reports in its basic mode (target state 0 nobody, 1 moving, 2 still, 3 both; Hi-Link, LD2410 serial
 * communication protocol). `ascii-digit`: lines of 0 and 1.
 */
export const presenceProfiles = z.record(z.string(), presenceProfileSchema).parse(profiles);

const dwell = {
  /** Somebody has to be seen for so long before they count as there, milliseconds: not everyone who walks by. */
  presentAfterMs: z.number().int().min(0).max(60_000).default(300),
  /** Nobody has to be seen for so long before they count as gone: people stand still. */
  notPresentAfterMs: z.number().int().min(0).max(600_000).default(3000),
};

export const presenceSensorConfigSchema = z.discriminatedUnion('protocol', [
  z.strictObject({
    protocol: z.literal('serial'),
    transport: transportSourceSchema,
    profile: profileOrName(presenceProfileSchema, presenceProfiles, {
      what: 'sensors',
      otherwise: 'write the patterns out',
    }),
    ...dwell,
  }),
  z.strictObject({
    protocol: z.literal('gpio'),
    /** e.g. `gpiochip0`, or a path. */
    chip: z.string().min(1),
    line: z.number().int().min(0).max(1023),
    /** The line is low when somebody is there. */
    activeLow: z.boolean().default(false),
    /** libgpiod's programs. */
    programs: z
      .strictObject({ get: z.string().min(1), monitor: z.string().min(1) })
      .default({ get: 'gpioget', monitor: 'gpiomon' }),
    ...dwell,
  }),
]);

export type PresenceSensorConfig = z.input<typeof presenceSensorConfigSchema>;
