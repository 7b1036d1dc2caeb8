import { z } from 'zod';
import type { Transport } from '../transport/index.ts';

export const icCardConfigSchema = z.strictObject({
  protocol: z.literal('pcsc'),
  /** Part of the reader's name as PC/SC tells it; the first reader, one with a card before others, if left out. */
  reader: z.string().min(1).optional(),
  /** The npm package `smartcard` 3.7, or the path of one that was built elsewhere. It has to be built on the machine. */
  module: z.string().min(1).default('smartcard'),
  /** Where the readers are if not on this machine: a simulator, a recording. */
  transport: z
    .custom<Transport>(
      (value) => typeof value === 'object' && value !== null && 'open' in value,
      'a transport has open()',
    )
    .optional(),
});

export type IcCardConfig = z.input<typeof icCardConfigSchema>;
