export {
  formatLine,
  parseRecording,
  type Recording,
  type RecordingEvent,
  type RecordingHeader,
} from './format.ts';
export {
  type RecordingOptions,
  type RedactedStream,
  type Redaction,
  recordingTransport,
} from './record.ts';
export { keepAll, keepNothing } from './redaction.ts';
export { type Replay, type ReplayOptions, replayTransport } from './replay.ts';
