import { z } from 'zod';
import { profileOrName } from '../profile.ts';
import { transportSourceSchema } from '../transport/index.ts';
import profiles from './profiles.json' with { type: 'json' };

/** What the keys of an eyes-free keypad mean. */
export const keypadKeys = [
  'up',
  'down',
  'left',
  'right',
  'select',
  'back',
  'help',
  'repeat',
  'volume-up',
  'volume-down',
] as const;
export type KeypadKey = (typeof keypadKeys)[number];

const code = z.string().regex(/^[A-Z][A-Za-z0-9]+$/, 'write a KeyboardEvent.code, e.g. ArrowUp');

/** What a keypad sends, as codes of UI Events (`KeyboardEvent.code`): where a key is, not what is printed on it. */
export const keypadProfileSchema = z.strictObject({
  keys: z.record(code, z.enum(keypadKeys)),
  /** Keypads with a headphone jack tell a plug as a key; null: there is none, or it does not tell. */
  headset: z.strictObject({ inserted: code, removed: code }).nullable(),
});
export type KeypadProfile = z.output<typeof keypadProfileSchema>;

/**
 * `arrow-keys` for whatever sends arrows and Enter; `function-keys` as a layout to set keypads up to whose codes can be
 * chosen, because no other keyboard has these keys.
 */
export const keypadProfiles = z.record(z.string(), keypadProfileSchema).parse(profiles);

const common = {
  profile: profileOrName(keypadProfileSchema, keypadProfiles, {
    what: 'keypads',
    otherwise: 'write the codes out',
  }).prefault('arrow-keys'),
  /** A key that is pressed again before it has been quiet for so long counts once, milliseconds: hands tremble. */
  debounceMs: z.number().int().min(0).max(2000).default(200),
};

export const keypadConfigSchema = z.discriminatedUnion('protocol', [
  /** The keypad is a keyboard: whoever sees the keys feeds them in. */
  z.strictObject({ protocol: z.literal('keyboard'), ...common }),
  /** The keypad is read directly: boot keyboard reports (HID 1.11, appendix B.1). */
  z.strictObject({
    protocol: z.literal('hid'),
    transport: transportSourceSchema,
    /** For keypads that number their reports. */
    reportId: z.number().int().min(1).max(255).optional(),
    ...common,
  }),
]);

export type KeypadConfig = z.input<typeof keypadConfigSchema>;
