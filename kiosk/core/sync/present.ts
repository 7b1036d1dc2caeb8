import { statfs } from 'node:fs/promises';
import type { Present } from './telemetry.ts';

/** A device as far as telemetry speaks of it. */
interface Told {
  readonly status: { readonly device: string };
}

const MOST_DEVICES = 32;

/** How the kiosk is beside its standing with the backend. `folder` is where the journal lies. */
export async function readPresent(parts: {
  readonly version: string;
  readonly folder: string;
  readonly keyHolder: string;
  readonly writable: boolean;
  /** By their names in `kiosk.yaml`; null for one that the kiosk does not have. */
  readonly devices: Readonly<Record<string, Told | null>>;
}): Promise<Present> {
  const { version, folder, keyHolder, writable } = parts;
  const devices = Object.entries(parts.devices)
    .flatMap(([name, device]) => (device === null ? [] : [{ name, ...stateOf(device.status) }]))
    .slice(0, MOST_DEVICES);
  return { version, devices, disk: await roomIn(folder), writable, keyHolder };
}

const stateOf = (status: Told['status']): { state: string; paper: string | null } => ({
  state: status.device,
  paper: 'paper' in status && typeof status.paper === 'string' ? status.paper : null,
});

/** Null where the system does not tell. */
async function roomIn(folder: string): Promise<Present['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, size: blocks * bsize };
  } catch {
    return null;
  }
}
