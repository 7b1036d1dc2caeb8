/** What a device is called in `kiosk.yaml`, ready to be copied there. */

import type { TransportConfig } from '../transport/index.ts';

/** A line for the device that is there: `transport: { kind: serial, path: /dev/ttyUSB0, baudRate: 115200 }`. */
export const transportLine = (config: TransportConfig): string => `transport: ${mapping(config)}`;

/** The line for the face camera: `faceCamera: { label: "USB Camera (abcd:0001)" }`. */
export const cameraLine = (label: string): string => `faceCamera: ${mapping({ label })}`;

const mapping = (fields: object): string =>
  `{ ${Object.entries(fields)
    .map(([name, value]) => `${name}: ${scalar(value)}`)
    .join(', ')} }`;

/** Words that some version of YAML takes for something else than themselves. */
const TAKEN = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** As it is where that cannot be taken for a number or the like; else quoted, which YAML reads as JSON does. */
const scalar = (value: unknown): string =>
  typeof value === 'string' && /^[A-Za-z/][\w./-]*$/.test(value) && !TAKEN.test(value)
    ? value
    : JSON.stringify(value);
