import { parse } from 'yaml';
import { z } from 'zod';

const peekSchema = z.object({ backend: z.object({ url: z.string() }) });

/**
 * Whether the configuration names its own backend, as that of a kiosk in the field does: then none is started here,
 * and no device is simulated that it does not say is. What else stands in it is the core's to judge.
 */
export function namesBackend(text: string): boolean {
  try {
    return peekSchema.safeParse(parse(text)).success;
  } catch {
    return false;
  }
}
