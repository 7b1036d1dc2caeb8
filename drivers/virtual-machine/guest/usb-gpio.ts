/**
 * A Silicon Labs CP2112, a HID device with eight GPIO lines (AN495, CP2112 interface specification): the kernel's own
 * driver makes a GPIO chip of it, whose edges it finds by asking.
 */

import { readdirSync } from 'node:fs';
import { type Undo, until } from './check.ts';
import { plugInHidDevice } from './uhid.ts';

export interface GpioAdapter {
  /** e.g. `gpiochip0`. */
  readonly chip: string;
  /** What is wired to a line sets its level. */
  drive(line: number, level: 0 | 1): void;
  /** The level of a line that the host set. */
  level(line: number): 0 | 1;
  /** How often the levels have been asked for; all the time while somebody waits for edges. */
  readonly questions: number;
}

const feature = {
  lineConfiguration: 0x02,
  levels: 0x03,
  setLevels: 0x04,
  version: 0x05,
  smbusConfiguration: 0x06,
};
/** One vendor page with the feature reports above; the driver of the kernel knows their lengths by itself. */
const REPORTS = Uint8Array.of(
  ...[0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08],
  ...Object.values(feature).flatMap((id) => [0x85, id, 0x95, 13, 0x09, 0x01, 0xb1, 0x02]),
  0xc0,
);

export async function plugInGpio(undo: Undo): Promise<GpioAdapter> {
  let levels = 0;
  let questions = 0;
  let lineConfiguration = Uint8Array.of(feature.lineConfiguration, 0, 0, 0, 0);
  const device = plugInHidDevice({
    name: 'gpio',
    vendorId: 0x10c4,
    productId: 0xea90,
    reportDescriptor: REPORTS,
    onOutput: () => {},
    onGetFeature(id) {
      switch (id) {
        case feature.version:
          return Uint8Array.of(id, 0x0c, 0x03);
        case feature.smbusConfiguration:
          return Uint8Array.of(id, ...new Uint8Array(13));
        case feature.lineConfiguration:
          return lineConfiguration;
        case feature.levels:
          questions += 1;
          return Uint8Array.of(id, levels);
        default:
          return null;
      }
    },
    onSetFeature(report) {
      const [id, value = 0, mask = 0] = report;
      if (id === feature.lineConfiguration) lineConfiguration = Uint8Array.from(report);
      if (id === feature.setLevels) levels = (levels & ~mask) | (value & mask);
    },
  });
  undo(device.unplug);
  const chip = await until(
    'a GPIO chip',
    () => readdirSync('/dev').find((name) => /^gpiochip\d+$/.test(name)) ?? null,
  );
  return {
    chip,
    drive(line, level) {
      levels = level === 1 ? levels | (1 << line) : levels & ~(1 << line);
    },
    get questions() {
      return questions;
    },
    level: (line) => (((levels >> line) & 1) === 1 ? 1 : 0),
  };
}
