import { expect, test } from 'vitest';
import { cardMarker } from './card-mark.ts';
import { joinPayload, SW3 } from './codec.ts';
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
