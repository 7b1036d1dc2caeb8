export {
  type KeypadConfig,
  type KeypadKey,
  type KeypadProfile,
  keypadConfigSchema,
  keypadKeys,
  keypadProfiles,
} from './config.ts';
export { type KeypadContext, type KeypadTask, keypadChecks } from './conformance.ts';
export { openKeypad } from './driver.ts';
export type { KeyboardKeypad, Keypad, KeypadCapabilities, KeypadEvent, KeypadStatus } from './keypad.ts';
export { keypadRedaction } from './redaction.ts';
export {
  type SimulatedKeypad,
  type SimulatedKeypadFault,
  simulatedKeypadFaults,
  simulateKeypad,
} from './simulator.ts';
