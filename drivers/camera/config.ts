import { z } from 'zod';
import { type Lights, type LightsConfig, lightsConfigSchema } from '../lights/index.ts';
import { usbDeviceSchema } from '../transport/index.ts';
import { VIDEO_CLASS } from './kernel-cameras.ts';

const isLights = (value: unknown): value is Lights =>
  typeof value === 'object' && value !== null && 'setLight' in value && typeof value.setLight === 'function';

export const cameraConfigSchema = z.strictObject({
  select: z
    .strictObject({ label: z.string().min(1).optional(), usb: usbDeviceSchema.optional() })
    .refine(({ label, usb }) => label !== undefined || usb !== undefined, 'name a label, a usb id, or both'),
  /**
   * Who knows which cameras there are: `kernel` (Linux), or `page`, where the page tells what it sees. The system's
   * better one unless told.
   */
  source: z.enum(['kernel', 'page']).optional(),
  /** The light that shines on what is before the camera: one of these lights, by its name. */
  light: z
    .strictObject({
      name: z.string().min(1),
      /** Lights that are open already, or where they are; those are the camera's own then. */
      lights: z.union([
        z.custom<Lights>(isLights),
        lightsConfigSchema as z.ZodType<LightsConfig, LightsConfig>,
      ]),
    })
    .optional(),
  /** Where the kernel tells its cameras. */
  videoClass: z.string().min(1).default(VIDEO_CLASS),
});

export type CameraConfig = z.input<typeof cameraConfigSchema>;
