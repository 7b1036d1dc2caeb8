/**
 * An unforeseen failure in words that are safe to log: the kind and the place, never the message, which may quote
 * what was being worked on.
 */
export function describeFailure(cause: unknown): string {
  if (!(cause instanceof Error)) return 'something failed that was no error';
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`unforeseen ${cause.name}`, ...frames.slice(0, 6).map((frame) => frame.trim())].join(' | ');
}
