import { z } from 'zod';
import { err, ok, type Result } from '../device.ts';
import type { ReceiptDocument } from '../receipt-printer/index.ts';

/** A receipt as JSON, for `print receipt --file`: `{"lines": [{"kind": "text", "text": "…"}, {"kind": "cut"}]}`. */

const align = z.enum(['left', 'center', 'right']).optional();
const style = {
  bold: z.boolean().optional(),
  size: z.union([z.literal(1), z.literal(2), z.literal('wide'), z.literal('tall')]).optional(),
  underline: z.boolean().optional(),
  inverted: z.boolean().optional(),
};
const dots = z.number().int().min(1).max(4096);

const bitmap = z
  .strictObject({
    width: dots,
    height: dots,
    /** Rows of ceil(width / 8) bytes, 1 = black, as base64. */
    data: z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
  })
  .refine(({ width, height, data }) => data.length === Math.ceil(width / 8) * height, {
    error: 'data holds ceil(width / 8) * height bytes',
  });

const element = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string(), align, ...style }),
  z.strictObject({
    kind: z.literal('columns'),
    cells: z
      .array(
        z.strictObject({
          text: z.string(),
          width: z.number().int().min(1).max(96).optional(),
          align: z.enum(['left', 'right']).optional(),
        }),
      )
      .min(1),
    ...style,
  }),
  z.strictObject({ kind: z.literal('rule') }),
  z.strictObject({ kind: z.literal('feed'), lines: z.number().int().min(1).max(255) }),
  z.strictObject({
    kind: z.literal('qr'),
    data: z.string(),
    size: z.number().int().min(1).max(16).optional(),
    align,
  }),
  z.strictObject({ kind: z.literal('code128'), data: z.string(), align }),
  z.strictObject({ kind: z.literal('image'), image: bitmap, align }),
  z.strictObject({ kind: z.literal('cut'), mode: z.enum(['partial', 'full']).optional() }),
]);

const documentSchema = z.strictObject({ lines: z.array(element).min(1).max(10_000) });

/** The document, or one sentence that names the place; what stands there is not repeated. */
export function parseReceiptFile(text: string): Result<ReceiptDocument, string> {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    return err('it is not JSON');
  }
  const parsed = documentSchema.safeParse(written);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err(`${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not a receipt'}`);
  }
  // Its types know no `undefined`, and JSON has none: what was left out is absent.
  return ok(parsed.data as ReceiptDocument);
}
