/** Longer lines are no code but noise, and are dropped up to their end. */
const LONGEST_LINE = 4296;

/** Splits a scanner's bytes into codes: lines of UTF-8 ended by CR, LF or both. */
export interface LineSplitter {
  /** The codes completed by these bytes; lines that are too long, hold control characters or are not UTF-8 are left out. */
  push(chunk: Uint8Array): string[];
}

export function createLineSplitter(): LineSplitter {
  let line: number[] = [];
  let overlong = false;

  const finish = (): string | null => {
    const bytes = Uint8Array.from(line);
    const usable = !overlong && line.length > 0;
    line = [];
    overlong = false;
    if (!usable) return null;
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return /\p{Cc}/u.test(text) ? null : text;
    } catch {
      return null;
    }
  };

  return {
    push(chunk) {
      const codes: string[] = [];
      for (const byte of chunk) {
        if (byte === 0x0d || byte === 0x0a) {
          const code = finish();
          if (code !== null) codes.push(code);
        } else if (line.length >= LONGEST_LINE) overlong = true;
        else line.push(byte);
      }
      return codes;
    },
  };
}
