/** CODE128 in code sets B and C (ISO/IEC 15417): segments as they are sent, bar widths as they are drawn. Pure. */

/** Widths of bar, space, bar, space, bar, space for the values 0-105; the stop pattern has a seventh bar. */
const PATTERNS =
  '212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221' +
  '223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321' +
  '112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131' +
  '311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114' +
  '122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141' +
  '214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232';
const STOP = [2, 3, 3, 1, 1, 1, 2];
const START = { B: 104, C: 105 };
const SWITCH_TO = { B: 100, C: 99 };

/** Characters in one code set; set C holds pairs of digits. */
export interface Code128Segment {
  readonly set: 'B' | 'C';
  readonly text: string;
}

const DIGIT_RUNS = /[0-9]{4,}/g;

/** The values of a segment: ASCII less 32, or a pair of digits. */
export const code128Values = ({ set, text }: Code128Segment): number[] =>
  set === 'C'
    ? (text.match(/../g) ?? []).map(Number)
    : [...text].map((character) => (character.codePointAt(0) ?? 32) - 32);

/** Sent as they are, these pairs of digits would be a real-time command: DLE (16) and EOT (4), ENQ (5) or DC4 (20). */
const forgesCommand = (values: readonly number[]): boolean =>
  values.some((value, index) => value === 16 && [4, 5, 20].includes(values[index + 1] ?? -1));

/**
 * Long runs of digits in set C, at half the width, the rest in set B. A run pays from four digits at an end of the
 * text and from six in its middle (ISO/IEC 15417, annex E); of an odd run the first digit stays in set B.
 */
export const code128Segments = (data: string): readonly Code128Segment[] => {
  const segments: Code128Segment[] = [];
  let done = 0;
  const plain = (to: number): void => {
    if (to > done) segments.push({ set: 'B', text: data.slice(done, to) });
    done = to;
  };
  for (const run of data.matchAll(DIGIT_RUNS)) {
    const to = run.index + run[0].length;
    const from = run.index + (run[0].length % 2);
    const atEnd = from === 0 || to === data.length;
    const digits: Code128Segment = { set: 'C', text: data.slice(from, to) };
    if (to - from < (atEnd ? 4 : 6) || forgesCommand(code128Values(digits))) continue;
    plain(from);
    segments.push(digits);
    done = to;
  }
  plain(data.length);
  return segments;
};

const pattern = (value: number): number[] => [...PATTERNS.slice(value * 6, value * 6 + 6)].map(Number);

/** Alternating bar and space widths in modules, starting with a bar; check symbol and stop included. */
export const code128Widths = (data: string): number[] => {
  const values = code128Segments(data).flatMap((segment, index) => [
    (index === 0 ? START : SWITCH_TO)[segment.set],
    ...code128Values(segment),
  ]);
  // The start symbol and the one after it both weigh 1.
  const check = values.reduce((sum, value, index) => sum + value * Math.max(1, index), 0) % 103;
  return [...values, check].flatMap(pattern).concat(STOP);
};
