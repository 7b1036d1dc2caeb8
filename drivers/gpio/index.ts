export { CHIP_CHECK_MS, chipExists, complaint, type LibgpiodVersion, libgpiodVersion } from './libgpiod.ts';
