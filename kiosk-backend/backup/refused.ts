/** Why a backup was not made or not restored, as one sentence for the person at the terminal. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}
