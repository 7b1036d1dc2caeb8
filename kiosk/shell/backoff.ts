/**
 * How long to wait (in seconds) before something starts again: doubled from one second to thirty; what
 * lived for a minute begins anew.
 */
export function nextDelay(last: number | undefined, livedMs: number): number {
  if (last === undefined || livedMs >= 60_000) return 1;
  return Math.min(last * 2, 30);
}
