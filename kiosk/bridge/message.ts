import { z } from 'zod';
import { languageSchema, snapshotSchema } from './snapshot.ts';

/** What a person at the screen can ask for. Names are those of `data-action`; the core decides what they do. */
export const intentSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.enum([
      'start',
      'back',
      'repeat',
      'help',
      'finish',
      'agree',
      'decline',
      'next',
      'confirm',
      'skip',
      'stay',
      'erase',
      'elder-mode',
      'text-size',
      'contrast',
    ]),
  }),
  z.object({ do: z.literal('group'), id: z.string().max(64) }),
  z.object({ do: z.literal('service'), id: z.string().max(64) }),
  z.object({ do: z.literal('answer'), value: z.string().max(200) }),
  z.object({ do: z.literal('change'), field: z.string().max(64) }),
  z.object({ do: z.literal('digit'), digit: z.string().regex(/^[0-9]$/) }),
  z.object({ do: z.literal('rate'), rating: z.number().int().min(1).max(5) }),
  z.object({ do: z.literal('language'), language: languageSchema }),
  /** A camera frame for the face verifier: JPEG, base64, at most about 450 kB. It stays in memory. */
  z.object({ do: z.literal('frame'), jpeg: z.base64().max(600_000) }),
  z.object({ do: z.literal('camera-failed') }),
]);
export type Intent = z.infer<typeof intentSchema>;

/** From screen to core. */
export const toCoreSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('intent'), page: z.number().int().min(0), intent: intentSchema }),
  /** Something was touched: the idle clock starts again. */
  z.object({ type: z.literal('activity') }),
  /** Keys as they arrive, for scanners that act as keyboards; `at` is in milliseconds on the page's clock. */
  z.object({
    type: z.literal('keys'),
    keys: z.array(z.object({ key: z.string().max(20), at: z.number() })).max(200),
  }),
]);
export type ToCore = z.infer<typeof toCoreSchema>;

/** The display in millimetres, as the kiosk's configuration says. */
export const displayProfileSchema = z.object({
  widthMm: z.number().min(100).max(2000),
  heightMm: z.number().min(100).max(2000),
  viewingDistanceMm: z.number().min(200).max(2000),
});
export type DisplayProfile = z.infer<typeof displayProfileSchema>;

/** From core to screen. */
export const toScreenSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), protocol: z.literal(1), display: displayProfileSchema }),
  z.object({ type: z.literal('snapshot'), snapshot: snapshotSchema }),
  /** A message was not understood; the screen goes on. */
  z.object({ type: z.literal('refused'), reason: z.string() }),
]);
export type ToScreen = z.infer<typeof toScreenSchema>;

/** One end of the bridge, whatever carries it: Electron's MessagePort or a WebSocket on this machine. */
export interface Carrier {
  send(text: string): void;
  onMessage(listener: (text: string) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** Where the browser shell's screen finds the core. */
export const socketPath = '/bridge';
