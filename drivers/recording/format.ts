import { z } from 'zod';
import { err, ok, type Result } from '../device.ts';
import { reasonNames } from './reasons.ts';

/**
 * A session as a text file: one JSON value a line, first the header, then what happened. Personal data has been
 * replaced before a line is written; such a file may be sent to anybody and kept as a test.
 */
const headerSchema = z.strictObject({
  format: z.literal('device-recording'),
  version: z.literal(1),
  /** The device class, e.g. `id-card-reader`. */
  device: z.string().min(1),
  /** What was recorded, for people; names no person and no place. */
  note: z.string().optional(),
});

/**
 * `in`: from the device; `out`: to it. `open`, `refused` and `close` are the port's; a `close` for the reason `closed`
 * was the driver's own doing. Times are milliseconds since the recording began.
 */
const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), t: z.number().min(0) }),
  z.strictObject({ kind: z.literal('refused'), t: z.number().min(0), reason: z.enum(reasonNames) }),
  z.strictObject({ kind: z.literal('in'), t: z.number().min(0), hex: z.string().regex(/^([0-9a-f]{2})+$/) }),
  z.strictObject({ kind: z.literal('out'), t: z.number().min(0), hex: z.string().regex(/^([0-9a-f]{2})+$/) }),
  z.strictObject({ kind: z.literal('close'), t: z.number().min(0), reason: z.enum(reasonNames) }),
]);

export type RecordingHeader = z.output<typeof headerSchema>;
export type RecordingEvent = z.output<typeof eventSchema>;
export interface Recording {
  readonly header: RecordingHeader;
  readonly events: readonly RecordingEvent[];
}

export const formatLine = (line: RecordingHeader | RecordingEvent): string => `${JSON.stringify(line)}\n`;

/** Reads a recording; the error names the line. A last line that was cut short (a recorder that was killed) is dropped. */
export function parseRecording(text: string): Result<Recording, string> {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const parsed = lines.map(parseJson);
  const header = headerSchema.safeParse(parsed[0]);
  if (!header.success) return err('line 1: not the header of a device recording');
  const events: RecordingEvent[] = [];
  for (const [index, line] of parsed.slice(1).entries()) {
    const event = eventSchema.safeParse(line);
    if (!event.success) return err(`line ${index + 2}: ${event.error.issues[0]?.message ?? 'not an event'}`);
    events.push(event.data);
  }
  const last = eventSchema.safeParse(parseJson(rest));
  if (last.success) events.push(last.data);
  return ok({ header: header.data, events });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
