import type { Link } from '../../transport/index.ts';
import { REPORT_BYTES, ReportCutter } from './reports.ts';
import { beginsFrame, frameSize, SdtGatherer, SdtPacketiser } from './sdt-message.ts';

/**
 * HID framing "A" (Miaxis MR-300; USB 10C4:0007, older 203B:0101): 64-byte reports without a report number.
 * Host: `88 | 00 00 | length (2) | B1 | SDT frame | sum (2)`, length = bytes of the frame + 1.
 * Reader: `AA | serial number (2) | length (2) | result | packet number (2) | up to 54 bytes | sum (2)`; the reply's SDT
 * frame lies in ceil((length + 7) / 54) packets, so that length is the frame's own length field.
 * All numbers are little endian; sums are of the bytes from the length on.
 *
 * Known from a single public source: confirm with a device. Where that source leaves room, nothing depends on it: the
 * end of a frame is taken from the frame itself, the sum of a short packet may stand behind its bytes or at the end of
 * the report, the result byte is not judged (a failed request has no frame in it).
 */
const HOST_MARK = 0x88;
const SDT_COMMAND = 0xb1;
const DEVICE_MARK = 0xaa;
const LENGTH_AT = 3;
const HOST_DATA_AT = 6;
const SEQUENCE_AT = 6;
const DEVICE_DATA_AT = 8;
const SUM_AT_LATEST = REPORT_BYTES - 2;
const LONGEST_REQUEST = SUM_AT_LATEST - HOST_DATA_AT;
export const MIAXIS_CAPACITY = SUM_AT_LATEST - DEVICE_DATA_AT;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const byteSum = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => (sum + byte) & 0xffff, 0);

/** Whether the two bytes at `at` are the sum of everything from the length up to them. */
const sumIsRight = (report: Uint8Array, at: number): boolean =>
  viewOf(report).getUint16(at, true) === byteSum(report.subarray(LENGTH_AT, at));

const seal = (report: Uint8Array, at: number): Uint8Array => {
  viewOf(report).setUint16(at, byteSum(report.subarray(LENGTH_AT, at)), true);
  return report;
};

/** One request as a report. Throws `RangeError` if it does not fit: requests of the protocol are 10 to 11 bytes. */
export function encodeMiaxisRequest(frame: Uint8Array): Uint8Array {
  if (frame.length > LONGEST_REQUEST) throw new RangeError('a request has to fit into one report');
  const report = new Uint8Array(REPORT_BYTES);
  report[0] = HOST_MARK;
  viewOf(report).setUint16(LENGTH_AT, frame.length + 1, true);
  report[LENGTH_AT + 2] = SDT_COMMAND;
  report.set(frame, HOST_DATA_AT);
  return seal(report, HOST_DATA_AT + frame.length);
}

/** The request in a report, or null. */
export function decodeMiaxisRequest(report: Uint8Array): Uint8Array | null {
  if (report[0] !== HOST_MARK || report[LENGTH_AT + 2] !== SDT_COMMAND) return null;
  const size = viewOf(report).getUint16(LENGTH_AT, true) - 1;
  if (size < 1 || size > LONGEST_REQUEST || !sumIsRight(report, HOST_DATA_AT + size)) return null;
  return report.slice(HOST_DATA_AT, HOST_DATA_AT + size);
}

/** Cuts a reader's replies into reports. */
export class MiaxisReplyEncoder {
  private readonly packets = new SdtPacketiser(MIAXIS_CAPACITY);
  private serialNumber = 0;

  push(bytes: Uint8Array): Uint8Array[] {
    return this.packets.push(bytes).map(({ bytes: data, index, size }) => {
      if (index === 0) this.serialNumber = (this.serialNumber + 1) & 0xffff;
      const report = new Uint8Array(REPORT_BYTES);
      const view = viewOf(report);
      report[0] = DEVICE_MARK;
      view.setUint16(1, this.serialNumber, true);
      view.setUint16(LENGTH_AT, size - 7, true);
      view.setUint16(SEQUENCE_AT, index, true);
      report.set(data, DEVICE_DATA_AT);
      return seal(report, DEVICE_DATA_AT + data.length);
    });
  }
}

/** Puts replies together again; a packet that is damaged, missing, doubled or a stranger ends the frame it is in. */
export class MiaxisReplyDecoder {
  private readonly frames = new SdtGatherer(MIAXIS_CAPACITY);
  private serialNumber = 0;
  private sequence = 0;

  /** The SDT frame (for the caller to wipe) that this report completes, or null. */
  push(report: Uint8Array): Uint8Array | null {
    const view = viewOf(report);
    const [serialNumber, sequence] = [view.getUint16(1, true), view.getUint16(SEQUENCE_AT, true)];
    const continues =
      this.frames.expected > 0 &&
      serialNumber === this.serialNumber &&
      sequence === ((this.sequence + 1) & 0xffff);
    this.serialNumber = serialNumber;
    this.sequence = sequence;
    const all = report.subarray(DEVICE_DATA_AT, SUM_AT_LATEST);
    const size = continues ? this.frames.expected : beginsFrame(all) ? frameSize(all) : 0;
    const data = all.subarray(0, size);
    const whole = sumIsRight(report, DEVICE_DATA_AT + data.length) || sumIsRight(report, SUM_AT_LATEST);
    if (report[0] !== DEVICE_MARK || size === 0 || !whole) {
      this.frames.drop();
      return null;
    }
    return continues ? this.frames.add(data) : this.frames.begin(data);
  }
}

/** The host's side: SDT frames are written and received, reports go over the link. */
export function miaxisHost(link: Link): Link {
  const cutter = new ReportCutter();
  const decoder = new MiaxisReplyDecoder();
  return {
    write: (frame) => link.write(encodeMiaxisRequest(frame)),
    onData: (listener) =>
      link.onData((chunk) => {
        for (const report of cutter.push(chunk)) {
          const frame = decoder.push(report);
          report.fill(0);
          if (frame !== null) listener(frame);
        }
        chunk.fill(0);
      }),
    onClose: link.onClose,
    close: link.close,
  };
}

/** The reader's side, for simulators. */
export function miaxisDevice(link: Link): Link {
  const cutter = new ReportCutter();
  const encoder = new MiaxisReplyEncoder();
  return {
    async write(bytes) {
      for (const report of encoder.push(bytes)) await link.write(report);
    },
    onData: (listener) =>
      link.onData((chunk) => {
        for (const report of cutter.push(chunk)) {
          const frame = decodeMiaxisRequest(report);
          if (frame !== null) listener(frame);
        }
      }),
    onClose: link.onClose,
    close: link.close,
  };
}
