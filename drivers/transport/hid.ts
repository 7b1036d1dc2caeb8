import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { HIDAsync } from 'node-hid';
import { err, ok, type Result } from '../device.ts';
import type { HidConfig } from './config.ts';
import { type OutputReports, outputReports, packReport } from './hid-reports.ts';
import type { Link, Transport } from './link.ts';
import { linkEnds } from './link-ends.ts';
import { firstLine, sentences } from './reasons.ts';
import { parseUsbId, udevRemedy } from './usb-id.ts';

/** What is used of node-hid; on Linux it speaks to the kernel's hidraw. */
export type HidModule = Pick<typeof import('node-hid'), 'devicesAsync' | 'HIDAsync'>;

export const loadHid = async (): Promise<Result<HidModule, string>> => {
  try {
    const module = await import('node-hid');
    return ok(module.default ?? module);
  } catch (error) {
    return err(sentences.noModule('HID', error));
  }
};

/**
 * A HID device: one report per chunk in, one per write out. Reports of a device that numbers them begin with their id
 * in both directions; those of any other device have none. A report shorter than the device's is filled with zeros; a
 * longer one, or one with an id that the device does not have, ends the link with a sentence that says so.
 *
 * Linux tells the lengths; elsewhere the system fills reports itself, and reports count as unnumbered.
 */
export function hidTransport(config: HidConfig): Transport {
  const name = `hid ${config.device}${config.path === undefined ? '' : ` ${config.path}`}`;
  return {
    name,
    async open() {
      const hid = await loadHid();
      if (!hid.ok) return hid;
      const found = await findPath(hid.value, config);
      if (!found.ok) return found;
      try {
        const [device, reports] = [
          await hid.value.HIDAsync.open(found.value),
          await readOutputReports(found.value),
        ];
        return ok(hidLink(device, reports));
      } catch (error) {
        return err(explain(error, config, found.value));
      }
    },
  };
}

async function findPath(hid: HidModule, config: HidConfig): Promise<Result<string, string>> {
  const { vendorId, productId } = parseUsbId(config.device);
  try {
    const matching = (await hid.devicesAsync(vendorId, productId)).filter(
      (device) =>
        device.path !== undefined &&
        (config.path === undefined || device.path === config.path) &&
        (config.usagePage === undefined || device.usagePage === config.usagePage),
    );
    const path = matching[0]?.path;
    if (path !== undefined) return ok(path);
  } catch (error) {
    return err(sentences.notOpened(`HID device ${config.device}`, error));
  }
  const page = config.usagePage === undefined ? '' : ` with usage page 0x${config.usagePage.toString(16)}`;
  const at = config.path === undefined ? '' : ` at ${config.path}`;
  return err(sentences.noSuchDevice(`HID ${config.device}${page}${at}`));
}

/** `/dev/hidraw3` is described in sysfs under its own name. */
async function readOutputReports(devicePath: string): Promise<OutputReports | null> {
  const file = path.join('/sys/class/hidraw', path.basename(devicePath), 'device/report_descriptor');
  try {
    return outputReports(await readFile(file));
  } catch {
    return null;
  }
}

function hidLink(device: HIDAsync, reports: OutputReports | null): Link {
  const ends = linkEnds();
  let closing: Promise<void> | null = null;
  const end = (reason: string): Promise<void> => {
    // An unplugged device fails to close as well; there is nothing left to release.
    closing ??= device.close().catch(() => {});
    return closing.then(() => ends.end(reason));
  };
  // Before anything is written: an answer that comes while nobody listens is lost.
  device.on('data', (report: Uint8Array) => ends.receive(report));
  // Unplugging is told here, with nothing as its argument.
  device.on('error', () => void end(sentences.unplugged));
  return {
    async write(bytes) {
      if (ends.ended || closing !== null) return;
      const packed = packReport(bytes, reports);
      if (!packed.ok) return end(packed.error);
      try {
        await ends.untilEnded(device.write(Buffer.from(packed.value.buffer)));
      } catch {
        await end(sentences.unplugged);
      } finally {
        packed.value.fill(0);
      }
    },
    onData: ends.onData,
    onClose: ends.onClose,
    close: () => end(sentences.closed),
  };
}

function explain(error: unknown, config: HidConfig, at: string): string {
  const message = firstLine(error);
  const what = `HID device ${config.device} at ${at}`;
  if (/no such (file|device)|not found/i.test(message)) return sentences.noSuchDevice(`HID ${config.device}`);
  if (/permission denied|access is denied/i.test(message))
    return sentences.noPermission(what, udevRemedy('hid', parseUsbId(config.device), process.platform));
  if (/busy|sharing violation|exclusive/i.test(message)) return sentences.busy(what);
  return sentences.notOpened(what, message);
}
