import type { Clock, ParentPort } from '@huimin/drivers';
import type { Keyring } from './store/index.ts';

/** A locked keyring asks its owner for a password, and nobody stands behind a kiosk: it is not waited for longer. */
const PATIENCE_MS = 30_000;

type Answer = Readonly<Record<string, unknown>>;

/**
 * The keyring that Electron offers its main process (`safeStorage`: Windows' DPAPI, GNOME's or KDE's keyring), over the
 * port to that process. Null where it protects nothing. The functions of the keyring reject with one sentence.
 */
export async function electronKeyring(parent: ParentPort, clock: Clock): Promise<Keyring | null> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  parent.on('message', ({ data }) => {
    if (typeof data !== 'object' || data === null) return;
    const answer = data as Answer;
    if (answer.type !== 'keyring' || typeof answer.id !== 'number') return;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const ask = (question: 'name' | 'wrap' | 'unwrap', data?: Uint8Array): Promise<string | null> =>
    new Promise((done, fail) => {
      lastId += 1;
      const id = lastId;
      const cancel = clock.after(PATIENCE_MS, () => {
        waiting.delete(id);
        fail(new Error(`the keyring did not answer in ${PATIENCE_MS / 1000} s`));
      });
      waiting.set(id, ({ value, error }) => {
        cancel();
        if (typeof error === 'string') fail(new Error(error));
        else done(typeof value === 'string' ? value : null);
      });
      const text = data === undefined ? {} : { data: Buffer.from(data).toString('base64') };
      parent.postMessage({ type: 'keyring', id, question, ...text });
    });
  const change =
    (question: 'wrap' | 'unwrap') =>
    async (data: Uint8Array): Promise<Uint8Array> => {
      const changed = await ask(question, data);
      if (changed === null) throw new Error('the keyring answered nothing');
      return new Uint8Array(Buffer.from(changed, 'base64'));
    };
  const name = await ask('name');
  return name === null ? null : { name, wrap: change('wrap'), unwrap: change('unwrap') };
}
