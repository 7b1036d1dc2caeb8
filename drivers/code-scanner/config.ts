import { z } from 'zod';
import { profileOrName } from '../profile.ts';
import { transportSourceSchema } from '../transport/index.ts';
import { codeEncodings } from './code.ts';
import { hidPosProfileSchema, hidPosProfiles } from './hid-pos.ts';

const encoding = z.enum(codeEncodings).default('utf-8');

/** A scanner that acts as a keyboard: whoever sees the keys feeds them in. */
const keyboardWedgeSchema = z.strictObject({
  protocol: z.literal('keyboard-wedge'),
  /** Two keys further apart than this were typed by a person, milliseconds; scanners send one every 1 to 20 ms. */
  maxInterKeyMs: z.number().min(5).max(100).default(35),
  /** Shorter bursts are typing: somebody rolled two fingers and hit Enter. */
  minLength: z.number().int().min(2).max(64).default(4),
  /** What the scanner has been set up to send first; a burst without it is typing. Not part of the code. */
  prefix: z.string().max(16).default(''),
  /** The scanner has been set up to send the AIM identifier before the code (after the prefix). */
  aimId: z.boolean().default(false),
});

const serialScannerSchema = z.strictObject({
  protocol: z.literal('serial'),
  transport: transportSourceSchema,
  encoding,
  /** The scanner has been set up to send the AIM identifier before the code. */
  aimId: z.boolean().default(false),
});

const hidPosScannerSchema = z.strictObject({
  protocol: z.literal('hid-pos'),
  transport: transportSourceSchema,
  encoding,
  /** The maker's report layout: one that is known by name, or one written out. */
  profile: profileOrName(hidPosProfileSchema, hidPosProfiles, {
    what: 'layouts',
    otherwise: 'write one out',
  }).prefault('access-is'),
});

export const codeScannerConfigSchema = z.discriminatedUnion('protocol', [
  keyboardWedgeSchema,
  serialScannerSchema,
  hidPosScannerSchema,
]);

export type CodeScannerConfig = z.input<typeof codeScannerConfigSchema>;
export type WedgeConfig = z.output<typeof keyboardWedgeSchema>;
export type LinkedScannerConfig = z.output<typeof serialScannerSchema> | z.output<typeof hidPosScannerSchema>;
