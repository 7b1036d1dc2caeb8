import type { ElectronApi, UtilityProcess } from './api.ts';

/**
 * Hides the core's key with what the operating system offers: `safeStorage` lives in the main process only. The core
 * asks with `{ type: 'keyring', id, question, data }` and gets `{ type: 'keyring', id, value }` or `{ …, error }` back;
 * bytes travel in base64. `name` is answered with null where nothing would be protected; `wrap` and `unwrap` with bytes.
 */
export function serveKeyring(
  { safeStorage }: Pick<ElectronApi, 'safeStorage'>,
  core: UtilityProcess,
  platform: string,
): void {
  const answerTo = async (question: unknown, data: unknown): Promise<string | null> => {
    if (question === 'name') return nameOf(safeStorage, platform);
    if (typeof data !== 'string') throw new Error('the keyring was given nothing');
    const bytes = Buffer.from(data, 'base64');
    try {
      // A string is what it takes: the bytes go in as base64.
      if (question === 'wrap')
        return (await safeStorage.encryptStringAsync(bytes.toString('base64'))).toString('base64');
      if (question === 'unwrap') return (await safeStorage.decryptStringAsync(bytes)).result;
      throw new Error('the keyring was asked something else');
    } finally {
      bytes.fill(0);
    }
  };
  core.on('message', (message) => {
    if (typeof message !== 'object' || message === null) return;
    const { type, id, question, data } = message as Readonly<Record<string, unknown>>;
    if (type !== 'keyring' || typeof id !== 'number') return;
    answerTo(question, data).then(
      (value) => core.postMessage({ type, id, value }, []),
      (cause: unknown) => core.postMessage({ type, id, error: reasonOf(cause) }, []),
    );
  });
}

/** Linux without a keyring falls back to a password that is written in the program: that hides nothing. */
const NO_PROTECTION = ['basic_text', 'unknown'];

async function nameOf(safeStorage: ElectronApi['safeStorage'], platform: string): Promise<string | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return null;
  if (platform !== 'linux') return platform === 'win32' ? 'Windows keyring' : 'system keyring';
  const backend = safeStorage.getSelectedStorageBackend();
  return NO_PROTECTION.includes(backend) ? null : `keyring ${backend}`;
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && cause.message !== '' ? cause.message : 'the keyring refuses';
