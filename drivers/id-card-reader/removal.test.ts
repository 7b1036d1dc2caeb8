import { expect, test } from 'vitest';
import { cardMarker } from './card-mark.ts';
import { type CommandName, joinPayload, SW3 } from './codec.ts';
import { encodeRecord } from './record-encode.ts';
import { type RemovalPort, watchForRemoval } from './removal.ts';
import { inventedCitizen } from './testing/invented-cards.ts';

const markOf = cardMarker();

/** A reader with these cards on it, one per probe, and nothing afterwards; keeps the data of every read it answered. */
function portWith(...cards: number[]) {
  const given: Uint8Array[] = [];
  const port: RemovalPort = {
    markOf,
    pause: async () => {},
    send: async (command) => {
      if (command === 'findCard')
        return { kind: 'reply', reply: { sw3: SW3.findFailed, data: new Uint8Array(0) } };
      const index = cards.shift();
      if (index === undefined)
        return { kind: 'reply', reply: { sw3: SW3.readFailed, data: new Uint8Array(0) } };
      const data = joinPayload(encodeRecord(inventedCitizen(index)), new Uint8Array(1024).fill(7), null);
      given.push(data);
      return { kind: 'reply', reply: { sw3: SW3.ok, data } };
    },
  };
  return { port, given };
}

test('every probe is wiped once the card is known again, or told from another', async () => {
  const first = markOf(inventedCitizen(1).number);
  const stays = portWith(1, 1);
  expect(await watchForRemoval(stays.port, first)).toEqual({ ok: true, value: { kind: 'gone' } });
  const swapped = portWith(1, 2);
  expect(await watchForRemoval(swapped.port, first)).toEqual({
    ok: true,
    value: { kind: 'replaced', mark: markOf(inventedCitizen(2).number) },
  });
  for (const { given } of [stays, swapped]) {
    expect(given).toHaveLength(2);
    for (const data of given) expect(data.every((byte) => byte === 0)).toBe(true);
  }
});

/** A reader that answers so; GA/T 467-2019's data is of no interest here. */
const answering = (answer: (command: CommandName) => number): RemovalPort => ({
  markOf,
  pause: async () => {},
  send: async (command) => ({ kind: 'reply', reply: { sw3: answer(command), data: new Uint8Array(0) } }),
});

const ABSENT: readonly number[] = [SW3.findFailed, SW3.readFailed, SW3.noCardFoundYet, SW3.selectFailed];

test('only what says that there is no card is a card that has left', async () => {
  for (let sw3 = 0; sw3 <= 0xff; sw3++) {
    if (sw3 === SW3.cardFound || sw3 === SW3.ok) continue;
    for (const mark of [null, 'a card']) {
      const ended = await watchForRemoval(
        answering(() => sw3),
        mark,
      );
      if (ended === 'stopped') throw new Error('nobody stopped it');
      if (ABSENT.includes(sw3)) expect(ended, `${sw3}`).toEqual({ ok: true, value: { kind: 'gone' } });
      else expect(ended, `${sw3}`).toMatchObject({ ok: false });
    }
  }
  const reasonOf = async (sw3: number) => {
    const ended = await watchForRemoval(
      answering(() => sw3),
      'a card',
    );
    return ended === 'stopped' || ended.ok ? null : ended.error.reason;
  };
  expect(await reasonOf(SW3.samSelfTest)).toBe('sam-failed');
  expect(await reasonOf(SW3.samNotAuthorised)).toBe('sam-not-authorised');
  expect(await reasonOf(SW3.requestLength)).toBe('no-answer');
  expect(await reasonOf(SW3.unknownError)).toBe('refused');
});

test('another card that is found, but does not let itself be read, lies there', async () => {
  let probes = 0;
  const port = answering((command) => {
    if (command === 'findCard') probes += 1;
    if (probes > 5) return SW3.findFailed;
    if (command === 'readCard') return probes === 0 ? SW3.readFailed : SW3.unrecognisedCard;
    return command === 'findCard' ? SW3.cardFound : SW3.ok;
  });
  let reads = 0;
  const watched = watchForRemoval(
    {
      ...port,
      // The first of two readings asks for the card that lay there.
      send: (command) =>
        command === 'readCard' && reads++ % 2 === 0
          ? Promise.resolve({ kind: 'reply', reply: { sw3: SW3.readFailed, data: new Uint8Array(0) } })
          : port.send(command),
    },
    'a card',
  );
  expect(await watched).toEqual({ ok: true, value: { kind: 'gone' } });
  expect(probes).toBeGreaterThan(5);
});
