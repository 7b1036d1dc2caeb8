/**
 * Usages of the keyboard page (0x07, USB HID Usage Tables 1.5, chapter 10) as the codes of UI Events
 * (`KeyboardEvent.code`), so that a keypad that is read directly is described like one that is a keyboard.
 */
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter, i): [number, string] => [
  0x04 + i,
  `Key${letter}`,
]);
const digits = [...'1234567890'].map((digit, i): [number, string] => [0x1e + i, `Digit${digit}`]);
const functionKeys = Array.from({ length: 12 }, (_, i): [number, string][] => [
  [0x3a + i, `F${i + 1}`],
  [0x68 + i, `F${i + 13}`],
]).flat();
const named = (from: number, codes: string): [number, string][] =>
  codes.split(' ').map((code, i) => [from + i, code]);
const numpadDigits = [...'1234567890'].map((digit, i): [number, string] => [0x59 + i, `Numpad${digit}`]);

const CODES: ReadonlyMap<number, string> = new Map([
  ...letters,
  ...digits,
  ...named(0x28, 'Enter Escape Backspace Tab Space Minus Equal BracketLeft BracketRight Backslash'),
  ...named(0x33, 'Semicolon Quote Backquote Comma Period Slash CapsLock'),
  ...functionKeys,
  ...named(0x46, 'PrintScreen ScrollLock Pause Insert Home PageUp Delete End PageDown'),
  ...named(0x4f, 'ArrowRight ArrowLeft ArrowDown ArrowUp'),
  ...named(0x53, 'NumLock NumpadDivide NumpadMultiply NumpadSubtract NumpadAdd NumpadEnter'),
  ...numpadDigits,
  ...named(0x63, 'NumpadDecimal IntlBackslash ContextMenu'),
  ...named(0x7f, 'AudioVolumeMute AudioVolumeUp AudioVolumeDown'),
  ...named(0xe0, 'ControlLeft ShiftLeft AltLeft MetaLeft ControlRight ShiftRight AltRight MetaRight'),
]);

/** null: a usage that has no code of its own. */
export const codeOfUsage = (usage: number): string | null => CODES.get(usage) ?? null;

export const usageOfCode = (code: string): number | null =>
  [...CODES].find(([, each]) => each === code)?.[0] ?? null;

export const allCodes: readonly string[] = [...CODES.values()];
