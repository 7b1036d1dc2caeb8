import type { Clock } from '../device.ts';
import type { Link } from '../transport/index.ts';
import { encodeHidPos, type HidPosProfile } from './hid-pos.ts';

/** Faults in the middle of a scan; being unplugged is the transport's. */
export const simulatedScannerFaults = [
  /** The bytes trickle. */
  'slow',
  /** Binary noise before and after every code, each burst ended like a code. */
  'noise',
  /** The end of the code is missing. */
  'cut-short',
  /** The code never ends: as much again and again before its end comes. */
  'endless',
  /** Another length is announced than is sent (HID-POS), bytes of no text among the code (serial). */
  'lying',
] as const;
export type SimulatedScannerFault = (typeof simulatedScannerFaults)[number];

export interface SimulatedScannerOptions {
  /** The device's end of a pseudo-terminal or an in-process pair. */
  readonly link: Link;
  readonly clock: Clock;
  /** HID-POS reports of this layout; lines with CR if left out. */
  readonly hidPos?: HidPosProfile;
  /** Send the AIM identifier, as a scanner that has been set up to. */
  readonly aimId?: boolean;
}

export interface SimulatedScanner {
  /** Holds a code before the window; resolves when its last byte has been sent. `symbology`: an AIM identifier. */
  scan(text: string, symbology?: string): Promise<void>;
  fault(name: SimulatedScannerFault | null): void;
}

const SLOW_BYTE_MS = 20;
const SLOW_REPORT_MS = 200;
const ENDLESS_TIMES = 40;
const NOISE = Uint8Array.from({ length: 48 }, (_, i) => (i * 37 + 0x80) & 0xff);

/** A scanner that speaks the real bytes. */
export function simulateCodeScanner(options: SimulatedScannerOptions): SimulatedScanner {
  const { link, clock, hidPos, aimId = false } = options;
  let fault: SimulatedScannerFault | null = null;

  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

  const sendLine = async (text: string, symbology: string) => {
    const line = Buffer.from(`${aimId ? symbology : ''}${text}\r`);
    const lying = fault === 'lying';
    for (const byte of lying ? Buffer.concat([Buffer.of(0xff), line]) : line) {
      if (fault === 'slow') await wait(SLOW_BYTE_MS);
      else if (fault === 'cut-short' && byte === 0x0d) return;
      await link.write(Uint8Array.of(byte));
    }
  };

  const sendReports = async (text: string, symbology: string, profile: HidPosProfile) => {
    const reports = encodeHidPos(Buffer.from(text), symbology, profile);
    for (const [index, report] of reports.entries()) {
      const last = index === reports.length - 1;
      if (fault === 'slow') await wait(SLOW_REPORT_MS);
      if (fault === 'lying') report[profile.lengthAt] = 0xff;
      if (fault === 'cut-short' && last && profile.moreAt !== null) report[profile.moreAt] = 1;
      await link.write(report);
    }
  };

  const sendNoise = () =>
    hidPos ? link.write(Uint8Array.of(hidPos.reportId, ...NOISE)) : link.write(Uint8Array.of(...NOISE, 0x0d));

  return {
    async scan(text, symbology = ']Q1') {
      const said = fault === 'endless' ? text.repeat(Math.ceil((ENDLESS_TIMES * 110) / text.length)) : text;
      if (fault === 'noise') await sendNoise();
      if (hidPos) await sendReports(said, symbology, hidPos);
      else await sendLine(said, symbology);
      if (fault === 'noise') await sendNoise();
    },
    fault(name) {
      fault = name;
    },
  };
}
