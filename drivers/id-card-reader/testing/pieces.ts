import fc from 'fast-check';

/** Places to cut at, for `pieces`. */
export const cuts = fc.array(fc.nat(), { maxLength: 20 });

/** The bytes in pieces, cut at the given places. */
export function pieces(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => bytes.slice(sorted[i], end));
}
