/** Copies of all the backend knows, and coming back from one. */
export { type BackupMade, type BackupOptions, makeBackup } from './backup.ts';
export { BackupRefused } from './refused.ts';
export { type Restored, type RestoreOptions, restoreBackup } from './restore.ts';
