/** One key press, as `KeyboardWedge.feed` takes it. */
export interface KeyPress {
  readonly key: string;
  readonly atMs: number;
}

/** A common pace of scanners in keyboard mode. */
const INTER_KEY_MS = 8;

/** The burst a scanner in keyboard mode sends for a code: its characters, then Enter. */
export const simulateScan = (code: string, startMs: number): KeyPress[] =>
  [...code, 'Enter'].map((key, i) => ({ key, atMs: startMs + i * INTER_KEY_MS }));
