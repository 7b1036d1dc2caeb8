import type { RedactedStream } from './record.ts';

/** For a direction that knows nobody: everything goes into the recording. */
export const keepAll = (): RedactedStream => ({ push: (chunk) => [chunk.slice()], end: () => [] });

/** For a direction in which nothing is needed that could be kept. */
export const keepNothing = (): RedactedStream => ({ push: () => [], end: () => [] });
