/** What is configured of a receipt printer: plain data, or a transport made by hand. */

import { z } from 'zod';
import { type Transport, type transportConfigSchema, transportSourceSchema } from '../transport/index.ts';
import { DOTS_PER_COLUMN } from './document/index.ts';

const COLUMNS = { from: 16, to: 96 };
const milliseconds = z.number().min(1).max(600_000);

export const receiptPrinterConfigSchema = z
  .strictObject({
    /** The command set. */
    protocol: z.literal('esc-pos').default('esc-pos'),
    /** Where the printer is; `auto` asks every serial port and takes the first printer found. */
    transport: z.literal('auto').or(transportSourceSchema),
    /** Ports that `auto` must not write to: paths, or `vvvv:pppp` of their USB adapters. */
    exclude: z.array(z.string().min(1)).default([]),
    /** Paper width: 48 for 80 mm, 42 for 80 mm printers with a 504-dot head, 32 for 58 mm. */
    columns: z
      .number()
      .int()
      .min(COLUMNS.from, `a receipt has ${COLUMNS.from} to ${COLUMNS.to} columns, 48 on 80 mm paper`)
      .max(COLUMNS.to, `a receipt has ${COLUMNS.from} to ${COLUMNS.to} columns, 48 on 80 mm paper`)
      .default(48),
    /** Dots across the paper, for pictures; 12 a column unless told. */
    dotsPerLine: z.number().int().min(64).max(2048).optional(),
    /** What the printer is, for technicians; asked for (GS I) unless told. */
    model: z.string().min(1).max(80).optional(),
    /** Pause between two rounds of status questions, milliseconds. */
    pollIntervalMs: milliseconds.default(500),
    /** How long the printer may take to answer one status question, milliseconds. */
    answerTimeoutMs: milliseconds.default(1_000),
    /** How long a printer that says it is fine may take to print a receipt, milliseconds (2 ms a byte are added). */
    barrierTimeoutMs: milliseconds.default(60_000),
    /** Lets the printer report changes by itself (GS a), so that they are known at once and not at the next question. */
    automaticStatus: z.boolean().default(true),
    /** False for a printer that never answers DLE EOT: it counts as ready whenever its port is open. */
    asksStatus: z.boolean().default(true),
    /** False for a printer that never answers GS r: every receipt then ends as `outcome-unknown`. */
    confirms: z.boolean().default(true),
  })
  .refine(
    ({ columns, dotsPerLine }) => dotsPerLine === undefined || dotsPerLine >= columns * DOTS_PER_COLUMN,
    {
      path: ['dotsPerLine'],
      message: `at least ${DOTS_PER_COLUMN} dots a column`,
    },
  );

/** What `openReceiptPrinter` takes as configuration. */
export type ReceiptPrinterConfig = Omit<z.input<typeof receiptPrinterConfigSchema>, 'transport'> & {
  readonly transport: 'auto' | z.input<typeof transportConfigSchema> | Transport;
};
/** The same with its defaults filled in. */
export type ReceiptPrinterSettings = z.output<typeof receiptPrinterConfigSchema>;
