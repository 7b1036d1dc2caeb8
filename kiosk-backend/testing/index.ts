/** What the backend's tests share: a kiosk as a client, and the databases to run on. */
export { type Answer, help, post, TestKiosk } from './kiosk.ts';
export type { Place, Places } from './place.ts';
export { postgresHere, startPostgres } from './postgres.ts';
export type { Bench } from './suite.ts';
