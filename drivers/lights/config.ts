import { z } from 'zod';
import { profileOrName } from '../profile.ts';
import { transportSourceSchema } from '../transport/index.ts';
import profiles from './serial-profiles.json' with { type: 'json' };
import { templateSchema } from './template.ts';

/** XFS4IoT Lights: `flashRate`. `continuous` is on. */
export const flashRates = ['off', 'slow', 'medium', 'quick', 'continuous'] as const;
export type FlashRate = (typeof flashRates)[number];

/** XFS4IoT Lights: `color`. */
export const lightColors = ['red', 'green', 'yellow', 'blue', 'cyan', 'magenta', 'white'] as const;
export type LightColor = (typeof lightColors)[number];

/** How a serial board is told what to do, one command for each output. */
export const lightsProfileSchema = z.strictObject({
  on: templateSchema,
  off: templateSchema,
  /** For outputs that can be dimmed. */
  level: templateSchema.optional(),
  /** For boards that flash by themselves; what a board cannot, the driver does. */
  flash: z
    .strictObject({
      slow: templateSchema.optional(),
      medium: templateSchema.optional(),
      quick: templateSchema.optional(),
    })
    .optional(),
});
export type LightsProfile = z.output<typeof lightsProfileSchema>;

/** `lcus`: the USB relay boards LCUS-1 to LCUS-8 (CH340, 9600 baud), from their makers' descriptions. */
export const lightsProfiles = z.record(z.string(), lightsProfileSchema).parse(profiles);

const channel = z.number().int().min(0).max(255);

const lightSchema = z.union([
  z.strictObject({ channel }),
  /** One output for each colour; one colour at a time. The first is the one without a wish. */
  z.strictObject({
    channels: z
      .partialRecord(z.enum(lightColors), channel)
      .refine((channels) => Object.keys(channels).length > 0, 'name at least one colour'),
  }),
]);
export type LightWiring = z.output<typeof lightSchema>;

/** XFS4IoT names where it has one: `cardReader`, `receiptPrinter`, `documentPrinter`, `scanner`, `statusGood` … */
const lights = z
  .record(
    z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/, 'use letters and digits, a small letter first'),
    lightSchema,
  )
  .refine((each) => Object.keys(each).length > 0, 'name at least one light')
  .refine((each) => {
    const used = Object.values(each).flatMap(channelsOf);
    return new Set(used).size === used.length;
  }, 'two lights use the same output');

/** The outputs of a light. */
export function channelsOf(light: LightWiring): number[] {
  return 'channel' in light ? [light.channel] : Object.values(light.channels);
}

export const lightsConfigSchema = z.discriminatedUnion('protocol', [
  z.strictObject({
    protocol: z.literal('serial'),
    transport: transportSourceSchema,
    /** The board's commands: known by name, or written out. */
    profile: profileOrName(lightsProfileSchema, lightsProfiles, {
      what: 'boards',
      otherwise: 'write the commands out',
    }).prefault('lcus'),
    lights,
  }),
  z.strictObject({
    protocol: z.literal('gpio'),
    /** e.g. `gpiochip0`, or a path. A light's channel is its line on this chip. */
    chip: z.string().min(1),
    /** The lights shine when their lines are low. */
    activeLow: z.boolean().default(false),
    /** libgpiod's program. */
    program: z.string().min(1).default('gpioset'),
    lights,
  }),
]);

export type LightsConfig = z.input<typeof lightsConfigSchema>;
