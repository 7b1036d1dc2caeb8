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
export { BAUD_RATES, type BaudRate } from './codec.ts';
export { type IdCardReaderConfig, idCardReaderConfigSchema } from './config.ts';
export { type IdCardReaderContext, type IdCardReaderTask, idCardReaderChecks } from './conformance.ts';
export {
  type DetectedReader,
  type DetectionAttempt,
  type DetectionFailure,
  type DetectReaderOptions,
  detectIdCardReader,
} from './detect.ts';
export { openIdCardReader } from './driver.ts';
export { type FramingName, framedDevice, framedTransport, framingNames } from './framing/index.ts';
export { NATIONS } from './nations.ts';
export type { DecodedPhoto } from './photo-decoder.ts';
export { type Profile, parseProfiles, profileOf, profiles } from './profiles.ts';
export type { DeviceInfo, IdCardReader, IdCardReaderOptions, ReadCardOptions } from './reader.ts';
export { sdtTransport } from './reader-port.ts';
export { decodeRecord, type RecordError } from './record.ts';
export { encodeRecord } from './record-encode.ts';
export { idCardRedaction } from './redaction.ts';
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
export type { IdCardReaderCapabilities, IdCardReaderEvent, IdCardReaderStatus } from './state.ts';
