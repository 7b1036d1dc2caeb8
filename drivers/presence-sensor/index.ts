export {
  type PresenceProfile,
  type PresenceSensorConfig,
  presenceProfiles,
  presenceSensorConfigSchema,
} from './config.ts';
export { type PresenceSensorContext, presenceSensorChecks } from './conformance.ts';
export { openPresenceSensor } from './driver.ts';
export type {
  Presence,
  PresenceSensor,
  PresenceSensorCapabilities,
  PresenceSensorEvent,
  PresenceSensorStatus,
} from './presence-sensor.ts';
export { presenceSensorRedaction } from './redaction.ts';
export {
  type SimulatedSensor,
  type SimulatedSensorFault,
  simulatedSensorFaults,
  simulatePresenceSensor,
} from './simulator.ts';
