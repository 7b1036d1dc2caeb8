export {
  type FlashRate,
  type LightColor,
  type LightsConfig,
  type LightsProfile,
  lightsConfigSchema,
  lightsProfiles,
} from './config.ts';
export { type LightsContext, lightsChecks, type Seen } from './conformance.ts';
export { openLights } from './driver.ts';
export { FLASH_PERIOD_MS, type LightState } from './flash.ts';
export type { LightCapabilities, Lights, LightsCapabilities, LightsStatus, LightWish } from './lights.ts';
export { lightsRedaction } from './redaction.ts';
export {
  type SimulatedLights,
  type SimulatedLightsFault,
  simulatedLightsFaults,
  simulateLights,
} from './simulator.ts';
