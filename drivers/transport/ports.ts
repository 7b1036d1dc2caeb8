import { z } from 'zod';
import type { Clock } from '../device.ts';
import { transportConfigSchema } from './config.ts';
import type { StartPortHost } from './host/process.ts';
import { type PortProcess, portProcess } from './hosted.ts';
import { firstLine } from './reasons.ts';

const text = z.string().optional();

const foundPortSchema = z.strictObject({
  /** Ready to be given to an `open…` function; a serial port's speed is the usual one, not a measured one. */
  config: transportConfigSchema,
  /** Vendor and product id as `vvvv:pppp`, of the adapter in the case of a serial port. */
  usb: text,
  manufacturer: text,
  product: text,
  serialNumber: text,
  /** What kind of HID device, e.g. 0x8c for scanners (HID Point of Sale Usage Tables). */
  usagePage: z.number().int().optional(),
  usage: z.number().int().optional(),
});

const listingSchema = z.strictObject({
  ports: z.array(foundPortSchema),
  problems: z.array(z.string()),
});

export type FoundPort = z.output<typeof foundPortSchema>;

/** What was found, and one sentence for each kind of port that could not be looked for. */
export interface PortListing {
  readonly ports: readonly FoundPort[];
  readonly problems: readonly string[];
}

export interface ListPortsOptions {
  readonly startPortHost?: StartPortHost | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Serial ports, HID devices, USB devices with bulk endpoints, and Linux's printer nodes. Native modules do the looking
 * in a process of their own. Never rejects: what goes wrong is among the problems.
 */
export async function listPorts(options: ListPortsOptions = {}): Promise<PortListing> {
  const process = portProcess(options);
  try {
    return await listPortsIn(process);
  } finally {
    process.end();
  }
}

/** As `listPorts`, in a process that goes on. */
export async function listPortsIn(process: PortProcess): Promise<PortListing> {
  const nothing = (why: string): PortListing => ({
    ports: [],
    problems: [`ports could not be listed: ${why}`],
  });
  try {
    const listed = await process.list();
    if (!listed.ok) return nothing(listed.error);
    const checked = listingSchema.safeParse(listed.value);
    return checked.success ? checked.data : nothing('the answer makes no sense');
  } catch (error) {
    // The process could not be started.
    return nothing(firstLine(error));
  }
}
