/** Reconnect storms: many kiosks that were offline come back to a backend at once. */
export { isGood, type Report, type SimulateOptions, simulate, type Target } from './simulate.ts';
