import type { Link } from '../../transport/index.ts';
import { REPORT_BYTES, ReportCutter } from './reports.ts';
import { beginsFrame, SdtGatherer, SdtPacketiser } from './sdt-message.ts';

/**
 * HID framing "B" (Derk; USB 0483:572B): 64-byte reports, byte 0 = how many of the other 63 count. From the reader,
 * byte 0 = `FF` acknowledges a report: the next may be sent.
 *
 * Known from a single public source: confirm with a device. Reports carry neither number nor sum, so a frame is put
 * together strictly: every report full but the last, which has to end where the frame does. That finds every report
 * that is lost or doubled, as long as a frame does not consist of full reports only (none of the protocol's does); for
 * their order USB has to answer.
 */
export const DERK_CAPACITY = REPORT_BYTES - 1;
const ACKNOWLEDGE = 0xff;

/** A frame, or a part of one, as reports. */
export function encodeDerk(bytes: Uint8Array): Uint8Array[] {
  const reports: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += DERK_CAPACITY) {
    const part = bytes.subarray(at, at + DERK_CAPACITY);
    const report = new Uint8Array(REPORT_BYTES);
    report[0] = part.length;
    report.set(part, 1);
    reports.push(report);
  }
  return reports;
}

/** Puts SDT frames together out of reports; the same on both sides. */
export class DerkDecoder {
  private readonly frames = new SdtGatherer(DERK_CAPACITY);

  /** The SDT frame (for the caller to wipe) that this report completes, or null. */
  push(report: Uint8Array): Uint8Array | null {
    const size = report[0] ?? 0;
    const payload = report.subarray(1, 1 + size);
    if (size === 0 || size > DERK_CAPACITY) {
      this.frames.drop();
      return null;
    }
    const continues = this.frames.expected > 0 && !beginsFrame(payload);
    return continues ? this.frames.add(payload) : this.frames.begin(payload);
  }
}

const isAcknowledgement = (report: Uint8Array): boolean => report[0] === ACKNOWLEDGE;

/** The host's side: a further report of a long request waits until the one before was acknowledged. */
export function derkHost(link: Link): Link {
  const cutter = new ReportCutter();
  const decoder = new DerkDecoder();
  let waiting: Uint8Array[] = [];
  return {
    async write(frame) {
      const [first, ...rest] = encodeDerk(frame);
      // What an earlier request still had to send is of no use in front of this one.
      waiting = rest;
      if (first !== undefined) await link.write(first);
    },
    onData: (listener) =>
      link.onData((chunk) => {
        for (const report of cutter.push(chunk)) {
          if (isAcknowledgement(report)) {
            const next = waiting.shift();
            if (next !== undefined) void link.write(next);
            continue;
          }
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

/** The reader's side, for simulators: acknowledges every report it takes. */
export function derkDevice(link: Link): Link {
  const cutter = new ReportCutter();
  const decoder = new DerkDecoder();
  const packets = new SdtPacketiser(DERK_CAPACITY);
  const acknowledgement = new Uint8Array(REPORT_BYTES);
  acknowledgement[0] = ACKNOWLEDGE;
  return {
    async write(bytes) {
      for (const packet of packets.push(bytes)) {
        for (const report of encodeDerk(packet.bytes)) await link.write(report);
      }
    },
    onData: (listener) =>
      link.onData((chunk) => {
        for (const report of cutter.push(chunk)) {
          void link.write(acknowledgement);
          const frame = decoder.push(report);
          if (frame !== null) listener(frame);
        }
      }),
    onClose: link.onClose,
    close: link.close,
  };
}
