export { meaningOf, type StatusMeaning } from './apdu.ts';
export { type IcCardConfig, icCardConfigSchema } from './config.ts';
export { type IcCardContext, type IcCardTask, icCardChecks } from './conformance.ts';
export { openIcCardReader } from './driver.ts';
export type {
  IcCardReader,
  IcCardReaderCapabilities,
  IcCardReaderEvent,
  IcCardReaderStatus,
} from './ic-card-reader.ts';
export { icCardRedaction } from './redaction.ts';
export {
  type SimulatedIcCardFault,
  type SimulatedIcCardReader,
  simulatedIcCardFaults,
  simulateIcCardReader,
} from './simulator.ts';
export type { SocialSecurityHolder } from './social-card.ts';
export type { Badge } from './uid.ts';
export type { VirtualCard, VirtualCardOptions, VirtualSocialCard } from './virtual-card.ts';
export { insertVpcdCard, type VpcdCard } from './vpcd.ts';
