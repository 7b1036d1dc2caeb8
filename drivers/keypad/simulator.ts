import type { Clock } from '../device.ts';
import type { Link } from '../transport/index.ts';
import { encodeBootReport } from './boot-keyboard.ts';

/** Faults in the middle of a key press; being unplugged is the transport's. */
export const simulatedKeypadFaults = [
  /** Each press and release bounces several times. */
  'chatter',
  /** The key does not come up again. */
  'stuck',
  /** Reports of another length, with errors and with unknown keys, around each one. */
  'noise',
] as const;
export type SimulatedKeypadFault = (typeof simulatedKeypadFaults)[number];

export interface SimulatedKeypad {
  /** Presses a key (`KeyboardEvent.code`) for so long; resolves when it is up. */
  press(code: string, holdMs?: number): Promise<void>;
  fault(name: SimulatedKeypadFault | null): void;
}

const BOUNCES = 4;
const BOUNCE_MS = 10;
const HOLD_MS = 80;

/** A keypad that sends boot keyboard reports, one a write. */
export function simulateKeypad({
  link,
  clock,
  reportId,
}: {
  readonly link: Link;
  readonly clock: Clock;
  readonly reportId?: number;
}): SimulatedKeypad {
  const held = new Set<string>();
  let fault: SimulatedKeypadFault | null = null;
  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

  const set = async (code: string, down: boolean): Promise<void> => {
    if (down) held.add(code);
    else held.delete(code);
    if (fault === 'noise') await sendNoise();
    await link.write(encodeBootReport(held, reportId));
  };
  const sendNoise = async (): Promise<void> => {
    const prefix = reportId === undefined ? [] : [reportId];
    await link.write(Uint8Array.of(...prefix, 0, 0, 0x52));
    await link.write(Uint8Array.of(...prefix, 0, 0, 1, 1, 1, 1, 1, 1));
  };
  const settle = async (code: string, down: boolean): Promise<void> => {
    await set(code, down);
    for (let bounce = 0; fault === 'chatter' && bounce < BOUNCES; bounce++) {
      await wait(BOUNCE_MS);
      await set(code, !down);
      await wait(BOUNCE_MS);
      await set(code, down);
    }
  };
  return {
    async press(code, holdMs = HOLD_MS) {
      await settle(code, true);
      await wait(holdMs);
      if (fault !== 'stuck') await settle(code, false);
    },
    fault(name) {
      fault = name;
    },
  };
}
