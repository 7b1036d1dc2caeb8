/** The wire between kiosk and backend, as schemas. The kiosk's sync and documents import this and nothing else of the backend. */
export * from './authority-pin.ts';
export * from './bundle.ts';
export * from './carried.ts';
export * from './event.ts';
export * from './number.ts';
export * from './request-signature.ts';
export * from './shares.ts';
export * from './statement.ts';
export * from './telemetry.ts';
export * from './wire.ts';
