import { keepNothing, type RedactedStream, type Redaction } from '../recording/index.ts';
import { bootKeyboard, encodeBootReport } from './boot-keyboard.ts';
import type { KeypadProfile } from './config.ts';

/**
 * For recordings: only keys that the profile knows are kept. Whatever else is typed on the same device, such as a PIN,
 * does not get into the file. A keypad is told nothing.
 */
export function keypadRedaction(profile: KeypadProfile, reportId?: number): Redaction {
  return { input: knownKeys(profile, reportId), output: keepNothing() };
}

function knownKeys({ keys, headset }: KeypadProfile, reportId?: number): RedactedStream {
  const known = new Set([...Object.keys(keys), ...Object.values(headset ?? {})]);
  const keyboard = bootKeyboard(reportId);
  const held = new Set<string>();
  return {
    push(report) {
      const changes = keyboard.push(report).filter(({ code }) => known.has(code));
      for (const { code, down } of changes) {
        if (down) held.add(code);
        else held.delete(code);
      }
      return changes.length === 0 ? [] : [encodeBootReport(held, reportId)];
    },
    end: () => [],
  };
}
