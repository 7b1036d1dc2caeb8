import type { Clock } from '../device.ts';
import type { Link } from '../transport/index.ts';

/** Faults in the middle of a report; being unplugged is the transport's. */
export const simulatedSensorFaults = [
  /** Sees somebody come and go with every report. */
  'flutter',
  /** Reports are cut short, or have other bytes in them. */
  'noise',
  /** Says nothing any more. */
  'silent',
] as const;
export type SimulatedSensorFault = (typeof simulatedSensorFaults)[number];

export interface SimulatedSensor {
  /** Somebody steps before the sensor, or away. */
  person(there: boolean): void;
  fault(name: SimulatedSensorFault | null): void;
  stop(): void;
}

const REPORT_MS = 100;
/** A report frame of an HLK-LD2410 in its basic mode; the ninth byte is the target's state. */
const REPORT = Uint8Array.from(Buffer.from('f4f3f2f10d0002aa0051000000003b00005500f8f7f6f5', 'hex'));
const HEADER_BYTES = 4;
const STATE_AT = 8;
const STILL = 2;

/** A radar HLK-LD2410: a report ten times a second. */
export function simulatePresenceSensor({
  link,
  clock,
}: {
  readonly link: Link;
  readonly clock: Clock;
}): SimulatedSensor {
  let there = false;
  let fault: SimulatedSensorFault | null = null;
  let count = 0;
  let cancel = () => {};

  const report = (): void => {
    cancel = clock.after(REPORT_MS, report);
    count += 1;
    const seen = fault === 'flutter' ? count % 2 === 0 : there;
    const frame = REPORT.with(STATE_AT, seen ? STILL : 0);
    if (fault === 'silent') return;
    if (fault === 'noise') {
      const damaged = frame.with(count % HEADER_BYTES, 0x00);
      void link.write(count % 3 === 0 ? frame.subarray(0, STATE_AT) : damaged);
    } else void link.write(frame);
  };
  report();
  return {
    person(now) {
      there = now;
    },
    fault(name) {
      fault = name;
    },
    stop: () => cancel(),
  };
}
