/** Lines for people. Pure. */

/** How wide a text stands in a terminal: Chinese characters and their like take two columns. */
const width = (text: string): number =>
  [...text].reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1),
    0,
  );

const pad = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - width(text)));

/** Columns under each other, two spaces apart; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `validFrom` as `valid from`, so that a status reads like words. */
export const words = (name: string): string =>
  name.replace(
    /([a-z0-9])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );

const text = (value: unknown): string => {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(text).join(', ');
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, inner]) => `${words(name)} ${text(inner)}`)
      .join(', ');
  }
  return printable(String(value));
};

/** What came from a device may hold control characters, which would steer the terminal. */
export const printable = (value: string): string => value.replace(/\p{Cc}/gu, '\ufffd');

/** A record as aligned `name  value` lines, indented. */
export const fields = (record: object): readonly string[] =>
  table(Object.entries(record).map(([name, value]) => [`  ${words(name)}`, text(value)]));

/** A record on one line, for `--watch`. */
export const inline = (record: object): string => text(record);

/** JSON on one line; bytes as their count, because they may be a face or a finger. */
export const json = (value: unknown): string =>
  JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name: string, written: unknown) {
    // A Buffer has become something else by the time it is passed on, so the original is looked at.
    const original = this[name];
    return original instanceof Uint8Array ? { bytes: original.length } : written;
  });

/** What an exception says, without its stack. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split('\n')[0] ?? '';
