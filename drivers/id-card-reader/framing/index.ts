export { type FramingName, framedDevice, framedTransport, framingNames } from './framing.ts';
