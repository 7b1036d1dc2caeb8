export type {
  CitizenCard,
  ForeignerCard2017,
  ForeignerCard2023,
  HkMacaoTaiwanCard,
  IdCard,
  IdCardReading,
  Sex,
} from './card.ts';
export { checkDigit, hasRightCheckDigit } from './check-digit.ts';
export {
  type CommandOptions,
  type IdCardReader,
  type IdCardReaderOptions,
  type IdCardReaderStatus,
  openIdCardReader,
} from './driver.ts';
export { NATIONS } from './nations.ts';
export { decodeRecord, type RecordError } from './record.ts';
export { encodeRecord } from './record-encode.ts';
export {
  type SimulatedIdCardReader,
  type StartSimulatedReaderOptions,
  startSimulatedIdCardReader,
} from './simulated-port.ts';
export {
  type SimulatedReader,
  type SimulatedReaderFault,
  type SimulatedReaderOptions,
  simulateIdCardReader,
} from './simulator.ts';
