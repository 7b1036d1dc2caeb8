import type { Clock } from '../device.ts';
import type { Link } from '../transport/index.ts';

/** Faults in the middle of a command; being unplugged is the transport's. */
export const simulatedLightsFaults = [
  /** Says things nobody asked for. */
  'chatty',
  /** Hears, and does nothing. */
  'deaf',
] as const;
export type SimulatedLightsFault = (typeof simulatedLightsFaults)[number];

export interface SimulatedLights {
  /** Outputs that are switched on. */
  readonly lit: ReadonlySet<number>;
  /** Every change of an output since the beginning, `3 on` or `3 off`, and when, milliseconds. */
  readonly changes: readonly { readonly what: string; readonly atMs: number }[];
  /** Bytes that belonged to no command. */
  readonly strayBytes: number;
  fault(name: SimulatedLightsFault | null): void;
}

const START = 0xa0;
const COMMAND_BYTES = 4;

/** An LCUS relay board: `A0`, output, 00 or 01, sum. Answers nothing; power comes with the cable. */
export function simulateLights({
  link,
  clock,
}: {
  readonly link: Link;
  readonly clock: Clock;
}): SimulatedLights {
  const lit = new Set<number>();
  const changes: { what: string; atMs: number }[] = [];
  let fault: SimulatedLightsFault | null = null;
  let pending: number[] = [];
  let strayBytes = 0;

  const obey = (output: number, on: boolean): void => {
    if (fault === 'deaf' || lit.has(output) === on) return;
    if (on) lit.add(output);
    else lit.delete(output);
    changes.push({ what: `${output} ${on ? 'on' : 'off'}`, atMs: clock.monotonic() });
  };

  link.onData((chunk) => {
    if (fault === 'chatty') void link.write(Uint8Array.of(...chunk, 0x00, 0xff, 0xa0));
    pending.push(...chunk);
    while (pending.length >= COMMAND_BYTES) {
      const [start = 0, output = 0, state = 0, sum] = pending;
      if (start === START && state <= 1 && ((start + output + state) & 0xff) === sum) {
        obey(output, state === 1);
        pending = pending.slice(COMMAND_BYTES);
      } else {
        pending = pending.slice(1);
        strayBytes += 1;
      }
    }
  });

  return {
    lit,
    changes,
    get strayBytes() {
      return strayBytes;
    },
    fault(name) {
      fault = name;
    },
  };
}
