import { z } from 'zod';
import { type Transport, type transportConfigSchema, transportSourceSchema } from '../transport/index.ts';
import { framingNames } from './framing/index.ts';

/** Readers misbehave when they are asked for a card more often. */
export const SHORTEST_POLL_MS = 300;

const photoDecoderSchema = z.strictObject({
  /** A program that takes the chip's photo (WLT) on standard input and writes a BMP, PNG or JPEG to standard output. */
  program: z.string().min(1),
  args: z.array(z.string()).default([]),
  timeoutMs: z.number().int().min(100).max(60_000).default(5000),
});

export type PhotoDecoderConfig = z.output<typeof photoDecoderSchema>;

/** What `kiosk.yaml` says of an ID card reader. */
export const idCardReaderConfigSchema = z.strictObject({
  /** GA/T 467-2019. */
  protocol: z.literal('sdt').default('sdt'),
  /** Where the reader is, or `auto`: it is looked for at every port that nothing else claims. */
  transport: z.literal('auto').or(transportSourceSchema),
  /** How its frames are wrapped; as the profile of its USB id says unless told, plain where there is none. */
  framing: z.enum(framingNames).optional(),
  /** Ports of other devices, e.g. `/dev/ttyUSB1`: `auto` leaves them alone. */
  exclude: z.array(z.string().min(1)).default([]),
  /** Between two polls for a card, milliseconds. */
  pollIntervalMs: z.number().min(SHORTEST_POLL_MS).max(10_000).default(SHORTEST_POLL_MS),
  /** Ask for fingerprints too; readers that do not know the request are asked without. */
  fingerprint: z.boolean().default(false),
  photoDecoder: photoDecoderSchema.optional(),
});

/** As it is written, before defaults. */
export type IdCardReaderConfig = Omit<z.input<typeof idCardReaderConfigSchema>, 'transport'> & {
  readonly transport: 'auto' | z.input<typeof transportConfigSchema> | Transport;
};
export type CheckedConfig = z.output<typeof idCardReaderConfigSchema>;
