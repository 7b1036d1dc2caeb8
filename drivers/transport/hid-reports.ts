import { err, ok, type Result } from '../device.ts';

/** What a HID device's report descriptor says about the reports it takes. */
export interface OutputReports {
  /** Whether every report begins with its id (USB HID 1.11, 5.6: one Report ID item numbers them all). */
  readonly numbered: boolean;
  /** The bytes of each output report by id (0 if unnumbered), the id itself not counted. */
  readonly bytes: ReadonlyMap<number, number>;
}

/** Item prefixes without their size bits (USB HID 1.11, 6.2.2.2): main, and global items that matter here. */
const item = {
  output: 0x90,
  reportSize: 0x74,
  reportId: 0x84,
  reportCount: 0x94,
  push: 0xa4,
  pop: 0xb4,
  long: 0xfe,
} as const;

/** Reads a report descriptor; one that is cut short says what it says up to there. */
export function outputReports(descriptor: Uint8Array): OutputReports {
  const bits = new Map<number, number>();
  let numbered = false;
  let state = { size: 0, count: 0, id: 0 };
  const stack: (typeof state)[] = [];
  for (let at = 0; at < descriptor.length; ) {
    const prefix = descriptor[at] ?? 0;
    if (prefix === item.long) {
      at += 3 + (descriptor[at + 1] ?? 0);
      continue;
    }
    const length = [0, 1, 2, 4][prefix & 3] ?? 0;
    let value = 0;
    for (let i = length; i > 0; i--) value = value * 256 + (descriptor[at + i] ?? 0);
    switch (prefix & 0xfc) {
      case item.reportSize:
        state = { ...state, size: value };
        break;
      case item.reportCount:
        state = { ...state, count: value };
        break;
      case item.reportId:
        state = { ...state, id: value };
        numbered = true;
        break;
      case item.push:
        stack.push(state);
        break;
      case item.pop:
        state = stack.pop() ?? state;
        break;
      case item.output:
        bits.set(state.id, (bits.get(state.id) ?? 0) + state.size * state.count);
        break;
    }
    at += 1 + length;
  }
  return { numbered, bytes: new Map([...bits].map(([id, count]) => [id, Math.ceil(count / 8)])) };
}

/**
 * The bytes to hand to the system for one report: id first, then the report, filled with zeros to the device's length
 * (a device that expects 64 bytes need not answer to fewer). Unnumbered reports are given without an id and get the
 * 0 that stands for "none"; numbered ones are given with their id as first byte. `null`: the system does not tell
 * what the device takes, so nothing is filled and nothing refused.
 */
export function packReport(report: Uint8Array, known: OutputReports | null): Result<Uint8Array, string> {
  const numbered = known?.numbered ?? false;
  const withId = numbered ? report : Uint8Array.of(0, ...report);
  if (known === null) return ok(withId);
  const id = withId[0] ?? 0;
  const length = known.bytes.get(id);
  if (length === undefined)
    return err(numbered ? `the device takes no report with id ${id}` : 'the device takes no reports');
  if (withId.length > length + 1)
    return err(`a report of ${withId.length - 1} bytes is longer than the ${length} that the device takes`);
  const filled = new Uint8Array(length + 1);
  filled.set(withId);
  return ok(filled);
}
