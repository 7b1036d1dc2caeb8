/** Numbers out of samples. Pure. */

export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
}

/** One figure: what was measured beside what it is measured against, both taken in the same run. */
export interface Figure {
  readonly unit: 'ms';
  readonly measured: Summary;
  readonly baseline: { readonly what: string } & (Summary | { readonly ms: number });
  /** Measured by baseline, p50 by p50 and p95 by p95: less is better. */
  readonly ratio: { readonly p50: number; readonly p95: number };
  /** The ratio to stay at or below, and whether the p50 does. */
  readonly aim?: { readonly ratio: number; readonly met: boolean };
}

/** Three decimals say more than these measurements know. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** By nearest rank: a value that was measured, never one in between. `share` is in (0, 1]. Throws on no samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('there is no percentile of no samples');
  return value;
}

export const summarise = (samples: readonly number[]): Summary => ({
  count: samples.length,
  p50: rounded(percentile(samples, 0.5)),
  p95: rounded(percentile(samples, 0.95)),
  min: rounded(percentile(samples, Number.MIN_VALUE)),
  max: rounded(percentile(samples, 1)),
});

/** What a measurement is set against: samples of the same run, or a time that follows from something known. */
export type Baseline = { readonly what: string } & (
  | { readonly samples: readonly number[] }
  | { readonly ms: number }
);

/** Sets samples (milliseconds) against a baseline; the ratios are of the unrounded values. */
export function compare(samples: readonly number[], baseline: Baseline, aim?: number): Figure {
  const known = 'ms' in baseline;
  const ratioAt = (share: number): number =>
    percentile(samples, share) / (known ? baseline.ms : percentile(baseline.samples, share));
  return {
    unit: 'ms',
    measured: summarise(samples),
    baseline: {
      what: baseline.what,
      ...(known ? { ms: rounded(baseline.ms) } : summarise(baseline.samples)),
    },
    ratio: { p50: rounded(ratioAt(0.5)), p95: rounded(ratioAt(0.95)) },
    ...(aim === undefined ? {} : { aim: { ratio: aim, met: ratioAt(0.5) <= aim } }),
  };
}

/**
 * Runs subjects in turn, round after round, so that whatever else the machine does meets all of them. Each round
 * begins with another subject: none always follows the same one. The first `warmUp` rounds are not counted.
 */
export async function interleave<Name extends string>(options: {
  readonly rounds: number;
  readonly warmUp: number;
  readonly subjects: Readonly<Record<Name, (round: number) => unknown>>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}): Promise<Record<Name, number[]>> {
  const { rounds, warmUp, subjects, now } = options;
  const names = Object.keys(subjects) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = 0; round < warmUp + rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] as Name;
      const from = now();
      await subjects[name](round);
      const took = now() - from;
      if (round >= warmUp) samples[name].push(took);
    }
  }
  return samples;
}
