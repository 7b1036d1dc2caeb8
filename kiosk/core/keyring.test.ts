import { manualClock, type ParentPort } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { electronKeyring } from './keyring.ts';

type Message = {
  readonly type: string;
  readonly id: number;
  readonly question: string;
  readonly data?: string;
};

/** The main process as the shell's `serveKeyring` answers; null for one that stays silent. */
function parentWith(answer: (message: Message) => object | null) {
  const listeners: Parameters<ParentPort['on']>[1][] = [];
  const parent: ParentPort = {
    on: (_event, listener) => listeners.push(listener),
    postMessage: (message) => {
      const { type, id } = message as Message;
      const said = answer(message as Message);
      if (said === null) return;
      // Others speak on this port too.
      for (const data of [null, { type: 'screen' }, { type, id: id + 1, value: 'x' }, { type, id, ...said }])
        for (const listener of listeners) listener({ data, ports: [] });
    },
  };
  return parent;
}

test('asks the main process, in its own words', async () => {
  const asked: string[] = [];
  const parent = parentWith(({ question, data }) => {
    asked.push(question);
    if (question === 'name') return { value: 'keyring kwallet6' };
    return {
      value: Buffer.from(Buffer.from(data ?? '', 'base64').map((byte) => byte ^ 0x5a)).toString('base64'),
    };
  });
  const keyring = await electronKeyring(parent, manualClock());
  expect(keyring?.name).toBe('keyring kwallet6');
  const key = Uint8Array.of(1, 2, 250);
  const wrapped = await keyring?.wrap(key);
  expect(wrapped).toEqual(Uint8Array.of(0x5b, 0x58, 0xa0));
  expect(await keyring?.unwrap(wrapped ?? new Uint8Array())).toEqual(key);
  expect(asked).toEqual(['name', 'wrap', 'unwrap']);
});

test('is none where the main process knows none, and rejects with its sentence', async () => {
  expect(
    await electronKeyring(
      parentWith(() => ({ value: null })),
      manualClock(),
    ),
  ).toBeNull();
  const refusing = parentWith(({ question }) =>
    question === 'name' ? { value: 'keyring' } : { error: 'locked' },
  );
  const keyring = await electronKeyring(refusing, manualClock());
  await expect(keyring?.wrap(new Uint8Array(32))).rejects.toThrow('locked');
});

test('is not waited for without end', async () => {
  const clock = manualClock();
  const keyring = electronKeyring(
    parentWith(() => null),
    clock,
  );
  const refused = expect(keyring).rejects.toThrow('the keyring did not answer in 30 s');
  await clock.advance(30_000);
  await refused;
});
