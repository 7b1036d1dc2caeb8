import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LinkFaults } from '../transport/index.ts';
import { encodeReply, joinPayload, SW3 } from './codec.ts';
import { encodeFrame, FrameParser, SHORTEST_REPLY } from './frame.ts';
import { decodeReading } from './read-steps.ts';
import { encodeRecord } from './record-encode.ts';
import { bench, normalReply, script } from './testing/bench.ts';
import { inventedCitizen } from './testing/invented-cards.ts';

const cardOf = (index: number) => ({ ok: true, value: { card: inventedCitizen(index) } });
const reason = (name: string) => ({ ok: false, error: { reason: name } });

describe('reading a card', () => {
  test('waits for one, then finds, selects and reads back to back', async () => {
    const { clock, simulator, reader, sent, settled } = await bench();
    const reading = reader.readCard();
    await clock.advance(1000);
    expect(sent.map((s) => s.command)).toEqual(['findCard', 'findCard', 'findCard', 'findCard']);
    const times = sent.map((s) => s.at);
    for (const [i, at] of times.slice(1).entries()) expect(at - (times[i] ?? 0)).toBeGreaterThanOrEqual(300);
    simulator.place(inventedCitizen(1));
    const result = await settled(reading);
    expect(result).toMatchObject(cardOf(1));
    if (result.ok) {
      expect(result.value.photo).toHaveLength(1024);
      expect(result.value.fingerprint).toHaveLength(0);
    }
    const last = sent.slice(-4);
    expect(last.map((s) => s.command)).toEqual(['findCard', 'selectCard', 'readCard', 'readCard']);
    expect((last[3]?.at ?? 0) - (last[0]?.at ?? 0)).toBe(0);
    expect(reader.status).toEqual({ device: 'online', media: 'present' });
  });

  test('with a fingerprint, and without where the reader knows none', async () => {
    const withPrint = await bench({ fingerprint: true });
    withPrint.simulator.place(inventedCitizen(1));
    const result = await withPrint.settled(withPrint.reader.readCard());
    expect(result.ok && result.value.fingerprint.length).toBe(1024);

    const scripted = await script((request) => {
      if (request === 'readCardWithFingerprint') return encodeReply(SW3.badCommand);
      return normalReply(request, 2);
    });
    expect(await scripted.settled((await scripted.open({ fingerprint: true })).readCard())).toMatchObject(
      cardOf(2),
    );
  });

  test('one command at a time', async () => {
    const { reader, settled } = await bench();
    const first = reader.readCard({ timeoutMs: 500 });
    expect(await reader.readCard()).toMatchObject({ error: { code: 'sequenceError', reason: 'busy' } });
    expect(await reader.waitForRemoval()).toMatchObject({ error: { code: 'sequenceError' } });
    expect(await settled(first)).toMatchObject({ error: { code: 'timeOut', reason: 'timed-out' } });
    const stop = new AbortController();
    const second = reader.readCard({ signal: stop.signal });
    stop.abort();
    expect(await settled(second)).toMatchObject({ error: { code: 'canceled', reason: 'canceled' } });
    expect(await reader.readCard({ signal: stop.signal })).toMatchObject(reason('canceled'));
  });

  test('closing ends the command with canceled, and is idempotent', async () => {
    const { reader, settled } = await bench();
    const reading = reader.readCard();
    await reader.close();
    await reader.close();
    expect(await settled(reading)).toMatchObject({ error: { code: 'canceled' } });
    expect(await reader.readCard()).toMatchObject({ error: { code: 'canceled' } });
  });

  test('a card whose result was canceled away is read without lifting it', async () => {
    const { clock, simulator, reader, settled } = await bench();
    simulator.fault('slow');
    simulator.place(inventedCitizen(4));
    const stop = new AbortController();
    const canceled = reader.readCard({ signal: stop.signal });
    await clock.advance(2000);
    stop.abort();
    expect((await settled(canceled)).ok).toBe(false);
    await clock.advance(1000);
    simulator.fault(null);
    expect(await settled(reader.readCard())).toMatchObject(cardOf(4));
  });
});

describe('a card', () => {
  test('taken away after it was found', async () => {
    const scripted = await script((request, nth) => {
      if (request === 'findCard') return nth === 0 ? encodeReply(SW3.cardFound, new Uint8Array(4)) : NO_CARD;
      return request === 'selectCard' ? encodeReply(SW3.ok, new Uint8Array(8)) : encodeReply(SW3.readFailed);
    });
    const reader = await scripted.open();
    expect(await scripted.settled(reader.readCard())).toMatchObject(reason('card-removed'));
    expect(reader.status.media).toBe('notPresent');
  });

  test('that cannot be read', async () => {
    const { simulator, reader, sent, settled } = await bench();
    simulator.fault('unreadable');
    simulator.place(inventedCitizen(1));
    expect(await settled(reader.readCard())).toMatchObject(reason('card-unreadable'));
    expect(sent.filter((s) => s.command === 'readCard')).toHaveLength(3);
    simulator.fault(null);
    expect(await settled(reader.readCard())).toMatchObject(cardOf(1));
  });

  test.each([
    ['check-digit', (text: Uint8Array) => text.set([text[156] === 0x30 ? 0x31 : 0x30], 156)],
    ['bad-record', (text: Uint8Array) => text.set([0x5a], 248)],
  ])('whose record is wrong: %s', async (name, spoil) => {
    const text = encodeRecord(inventedCitizen(6));
    spoil(text);
    const scripted = await script((request) =>
      request === 'readCard'
        ? encodeReply(SW3.ok, joinPayload(text, new Uint8Array(0), null))
        : normalReply(request, 6),
    );
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(reason(name));
  });

  test('without a photo is read all the same', async () => {
    const text = encodeRecord(inventedCitizen(6));
    const scripted = await script((request) =>
      request === 'readCard'
        ? encodeReply(SW3.ok, joinPayload(text, new Uint8Array(0), null))
        : normalReply(request, 6),
    );
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(cardOf(6));
  });

  test('two within a second', async () => {
    const { clock, simulator, reader, settled } = await bench();
    simulator.place(inventedCitizen(1));
    expect(await settled(reader.readCard())).toMatchObject(cardOf(1));
    const removal = reader.waitForRemoval();
    await clock.advance(200);
    simulator.place(null);
    await clock.advance(200);
    simulator.place(inventedCitizen(2));
    expect(await settled(removal)).toEqual({ ok: true, value: undefined });
    expect(reader.status.media).toBe('present');
    expect(await settled(reader.readCard(), 1000)).toMatchObject(cardOf(2));
  });
});

describe('removal', () => {
  test('is not concluded from a refused Find, nor from a card that slipped', async () => {
    const { clock, simulator, reader, settled } = await bench();
    simulator.place(inventedCitizen(1));
    await settled(reader.readCard());
    let gone = false;
    const removal = reader.waitForRemoval().then((result) => {
      gone = result.ok;
    });
    await clock.advance(3000);
    expect(gone).toBe(false);
    simulator.place(null);
    await clock.advance(200);
    simulator.place(inventedCitizen(1));
    await clock.advance(3000);
    expect(gone).toBe(false);
    simulator.place(null);
    await settled(removal, 2000);
    expect(gone).toBe(true);
    expect(reader.status.media).toBe('notPresent');
  });

  test('of a card that could not be read', async () => {
    const { clock, simulator, reader, settled } = await bench();
    simulator.fault('unreadable');
    simulator.place(inventedCitizen(1));
    await settled(reader.readCard());
    const removal = reader.waitForRemoval();
    await clock.advance(1000);
    simulator.place(null);
    expect(await settled(removal, 1500)).toEqual({ ok: true, value: undefined });
  });

  for (const power of ['kept', 'lost'])
    test(`is watched again after the cable was out, power ${power}: the card that lay there, or another`, async () => {
      const { clock, peer, simulator, reader, settled } = await bench();
      simulator.place(inventedCitizen(1));
      await settled(reader.readCard());
      const interrupted = reader.waitForRemoval();
      await clock.advance(500);
      peer.drop();
      expect(await settled(interrupted)).toMatchObject(reason('unplugged'));
      // Without power a reader forgets which card it has read.
      if (power === 'lost') simulator.place(inventedCitizen(1));
      await clock.advance(2000);
      let gone = false;
      const removal = reader.waitForRemoval().then((result) => {
        gone = result.ok;
      });
      await clock.advance(3000);
      expect(gone).toBe(false);
      simulator.place(null);
      await clock.advance(200);
      simulator.place(inventedCitizen(2));
      await settled(removal, 2000);
      expect(gone).toBe(true);
      expect(await settled(reader.readCard(), 1000)).toMatchObject(cardOf(2));
    });

  test('is not concluded from a security module that fails while the card lies there', async () => {
    const { clock, simulator, reader, events, settled } = await bench();
    simulator.place(inventedCitizen(1));
    await settled(reader.readCard());
    const removal = reader.waitForRemoval();
    await clock.advance(1000);
    simulator.fault('sam-failed');
    expect(await settled(removal)).toMatchObject({ error: { code: 'hardwareError', reason: 'sam-failed' } });
    expect(reader.status).toEqual({ device: 'hardwareError', media: 'unknown' });
    expect(events).toEqual(['MediaInserted']);
  });

  test('is not concluded from requests that arrive damaged', async () => {
    let damaged = false;
    const scripted = await script((request) =>
      damaged ? encodeReply(SW3.requestChecksum) : normalReply(request, 1),
    );
    const reader = await scripted.open();
    await scripted.settled(reader.readCard());
    damaged = true;
    expect(await scripted.settled(reader.waitForRemoval())).toMatchObject(reason('no-answer'));
  });

  test('ends with a reason when the reader stops answering or the command is canceled', async () => {
    const { simulator, reader, settled } = await bench();
    simulator.place(inventedCitizen(1));
    await settled(reader.readCard());
    const stop = new AbortController();
    const canceled = reader.waitForRemoval({ signal: stop.signal });
    stop.abort();
    expect(await settled(canceled)).toMatchObject(reason('canceled'));
    simulator.fault('no-answer');
    expect(await settled(reader.waitForRemoval())).toMatchObject(reason('no-answer'));
  });
});

describe('a reader', () => {
  test('that is slow', async () => {
    const { simulator, reader, settled } = await bench();
    simulator.fault('slow');
    simulator.place(inventedCitizen(1));
    expect(await settled(reader.readCard())).toMatchObject(cardOf(1));
  });

  test('that chatters between frames', async () => {
    const { simulator, reader, settled } = await bench();
    simulator.fault('noise');
    simulator.place(inventedCitizen(1));
    expect(await settled(reader.readCard())).toMatchObject(cardOf(1));
    simulator.place(null);
    expect((await settled(reader.waitForRemoval())).ok).toBe(true);
  });

  test('that stops answering goes offline and comes back by itself', async () => {
    const { clock, simulator, reader, statuses, settled } = await bench();
    simulator.fault('no-answer');
    expect(await settled(reader.readCard())).toMatchObject({
      error: { code: 'hardwareError', reason: 'no-answer' },
    });
    expect(reader.status.device).toBe('offline');
    simulator.fault(null);
    await clock.advance(2100);
    expect(statuses.slice(-2)).toEqual(['offline/unknown', 'online/unknown']);
    simulator.place(inventedCitizen(1));
    expect(await settled(reader.readCard())).toMatchObject(cardOf(1));
  });

  test('is asked again after a command that was canceled while it was silent', async () => {
    const { clock, simulator, reader, settled } = await bench();
    simulator.fault('no-answer');
    await settled(reader.readCard());
    const stop = new AbortController();
    const reading = reader.readCard({ signal: stop.signal });
    await clock.advance(1500);
    stop.abort();
    expect(await settled(reading)).toMatchObject(reason('canceled'));
    simulator.fault(null);
    await clock.advance(2100);
    expect(reader.status.device).toBe('online');
  });

  test('whose security module is out of order', async () => {
    const { clock, simulator, reader, settled } = await bench();
    simulator.fault('sam-failed');
    expect(await settled(reader.readCard())).toMatchObject(reason('sam-failed'));
    expect(reader.status.device).toBe('hardwareError');
    simulator.fault(null);
    await clock.advance(2100);
    expect(reader.status.device).toBe('online');
    const scripted = await script((request) =>
      request === 'samStatus' ? encodeReply(SW3.ok) : encodeReply(SW3.samNotAuthorised),
    );
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(
      reason('sam-not-authorised'),
    );
  });

  test('that sends a late reply does not confuse the next command', async () => {
    let late = true;
    const scripted = await script((request, _, push) => {
      if (request === 'findCard' && late) {
        late = false;
        // Comes after the field timeout, just as the next Find has been answered.
        scripted.clock.after(1300, () => push(encodeReply(SW3.cardFound, new Uint8Array(4))));
        return null;
      }
      return normalReply(request, 8);
    });
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(cardOf(8));
  });

  test('unplugged at any byte of the exchange is found again within two seconds, and reads', async () => {
    for (const cut of [1, 5, 6, 7, 16, 27, 28, 40, 41, 47, 300, 1200, 1339]) {
      const faults = (opening: number): LinkFaults => (opening === 0 ? { cutAfterReceived: cut } : {});
      const { clock, simulator, reader, settled } = await bench({ faults });
      simulator.place(inventedCitizen(3));
      const first = await settled(reader.readCard());
      expect(first).toMatchObject(reason('unplugged'));
      await clock.advance(2000);
      expect(reader.status.device).toBe('online');
      // Without power a reader forgets which card it has read.
      simulator.place(inventedCitizen(3));
      expect(await settled(reader.readCard())).toMatchObject(cardOf(3));
      await reader.close();
    }
  });

  test('that babbles forever neither hangs nor crashes the driver', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 50 }), anyReply), { maxLength: 8 }),
        async (pieces) => {
          const scripted = await script((_, nth) => pieces[nth % Math.max(1, pieces.length)] ?? null);
          const reader = await scripted.open();
          const result = await scripted.settled(reader.readCard({ timeoutMs: 5000 }), 6000);
          expect(result.ok).toBe(false);
          await reader.close();
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('a mutated reply never becomes another card', () => {
  const frame = encodeReply(
    SW3.ok,
    joinPayload(encodeRecord(inventedCitizen(5)), new Uint8Array(1024), null),
  );
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const mutated = frame.slice();
      mutated[at] = (mutated[at] ?? 0) ^ flip;
      for (const body of new FrameParser(SHORTEST_REPLY).push(mutated)) {
        expect(decodeReading(body.subarray(3), false)).not.toHaveProperty('card');
      }
    }),
    { numRuns: 500 },
  );
});

const NO_CARD = encodeReply(SW3.findFailed);
/** Well-formed replies with any status and any content; a whole valid card is out of its reach. */
const anyReply = fc.uint8Array({ minLength: 3, maxLength: 200 }).map(encodeFrame);
