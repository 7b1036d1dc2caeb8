/**
 * A HID device made of software, for the kernel a device like any other: it appears as /dev/hidraw*, and it is
 * unplugged when destroyed (Documentation/hid/uhid.rst; the layouts are those of linux/uhid.h, packed).
 */

import { closeSync, constants, openSync, read, writeSync } from 'node:fs';
import { promisify } from 'node:util';

export interface HidDeviceOptions {
  readonly name: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly reportDescriptor: Uint8Array;
  /** Called with each output report, its id first (0 if unnumbered). */
  onOutput(report: Uint8Array): void;
  /** What is answered when the host asks for a feature report, its id first; without it such questions are refused. */
  onGetFeature?(id: number): Uint8Array | null;
  /** The host sets a feature report, its id first. */
  onSetFeature?(report: Uint8Array): void;
}

export interface HidDevice {
  /** An input report, its id first if the descriptor numbers reports. */
  input(report: Uint8Array): void;
  /** Idempotent. */
  unplug(): Promise<void>;
}

const event = {
  destroy: 1,
  stop: 3,
  output: 6,
  getReport: 9,
  getReportReply: 10,
  create2: 11,
  input2: 12,
  setReport: 13,
  setReportReply: 14,
};
const EVENT_BYTES = 4380;
const DATA_MAX = 4096;
const BUS_USB = 3;
const EIO = 5;
const readAsync = promisify(read);

export function plugInHidDevice(options: HidDeviceOptions): HidDevice {
  const file = openSync('/dev/uhid', constants.O_RDWR);
  const tell = (type: number, body: Uint8Array) => {
    const message = Buffer.alloc(4 + body.length);
    message.writeUInt32LE(type);
    message.set(body, 4);
    writeSync(file, message);
  };
  tell(event.create2, creation(options));

  const serve = async (): Promise<void> => {
    const buffer = Buffer.alloc(EVENT_BYTES);
    for (;;) {
      await readAsync(file, buffer, 0, buffer.length, null);
      const type = buffer.readUInt32LE();
      const request = buffer.readUInt32LE(4);
      if (type === event.stop) return;
      if (type === event.output) {
        const size = buffer.readUInt16LE(4 + DATA_MAX);
        options.onOutput(Uint8Array.from(buffer.subarray(4, 4 + size)));
      }
      if (type === event.getReport) {
        const answer = options.onGetFeature?.(buffer.readUInt8(8)) ?? null;
        tell(event.getReportReply, answer === null ? refusal(request) : reply(request, answer));
      }
      if (type === event.setReport) {
        const size = buffer.readUInt16LE(10);
        options.onSetFeature?.(Uint8Array.from(buffer.subarray(12, 12 + size)));
        tell(event.setReportReply, options.onSetFeature ? reply(request) : refusal(request));
      }
    }
  };
  const served = serve();
  let unplugged = false;

  return {
    input(report) {
      const body = Buffer.alloc(2 + report.length);
      body.writeUInt16LE(report.length);
      body.set(report, 2);
      tell(event.input2, body);
    },
    async unplug() {
      if (unplugged) return;
      unplugged = true;
      tell(event.destroy, new Uint8Array());
      await served;
      closeSync(file);
    },
  };
}

function creation({ name, vendorId, productId, reportDescriptor }: HidDeviceOptions): Buffer {
  const head = Buffer.alloc(128 + 64 + 64 + 2 + 2 + 4 * 4);
  head.write(name, 0, 127);
  head.write(`virtual/${name}`, 128, 63);
  let at = 128 + 64 + 64;
  at = head.writeUInt16LE(reportDescriptor.length, at);
  at = head.writeUInt16LE(BUS_USB, at);
  at = head.writeUInt32LE(vendorId, at);
  head.writeUInt32LE(productId, at);
  return Buffer.concat([head, reportDescriptor]);
}

function refusal(request: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt32LE(request);
  body.writeUInt16LE(EIO, 4);
  return body;
}

function reply(request: number, answer: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(request);
  head.writeUInt16LE(answer.length, 6);
  return Buffer.concat([head, answer]);
}
