/**
 * How long to wait (in seconds) before the browser starts again: at once doubled from one second to thirty; a
 * browser that lived for a minute begins anew.
 */
export function nextDelay(last: number | undefined, livedMs: number): number {
  if (last === undefined || livedMs >= 60_000) return 1;
  return Math.min(last * 2, 30);
}
