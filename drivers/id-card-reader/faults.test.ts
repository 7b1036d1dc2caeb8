import { describe, expect, onTestFinished, test } from 'vitest';
import { faultyTransport, type LinkFaults, manualClock, memoryTransport } from '../transport/index.ts';
import { encodeReply, joinPayload, SW3 } from './codec.ts';
import { openIdCardReader } from './driver.ts';
import { encodeFrame } from './frame.ts';
import { type FramingName, framedDevice } from './framing/index.ts';
import { encodeRecord } from './record-encode.ts';
import { simulateIdCardReader } from './simulator.ts';
import { normalReply, script, settledBy } from './testing/bench.ts';
import { inventedCitizen } from './testing/invented-cards.ts';

const cardOf = (index: number) => ({ ok: true, value: { card: inventedCitizen(index) } });
const reason = (name: string) => ({ ok: false, error: { reason: name } });
const replyWith = (index: number) =>
  encodeReply(SW3.ok, joinPayload(encodeRecord(inventedCitizen(index)), new Uint8Array(1024), null));
const address = (text: string) => encodeReply(SW3.ok, Buffer.from(text.padEnd(35), 'utf16le'));

/** A reader whose openings are cut after as many bytes from the device as the test says. */
function cutting(framing: FramingName) {
  const clock = manualClock();
  const { transport, peer } = memoryTransport();
  let received = 0;
  let cutAt = 0;
  const device = framedDevice(
    {
      ...peer,
      write: (bytes) => {
        received += bytes.length;
        return peer.write(bytes);
      },
      onData: (listener) => peer.onData(listener),
    },
    framing,
  );
  const simulator = simulateIdCardReader({
    link: device,
    clock,
    paced: false,
    fingerprint: framing === 'plain',
    latestAddress: '虚构新路1号',
  });
  const plan = (): LinkFaults => (cutAt === 0 ? {} : { cutAfterReceived: cutAt });
  const reader = openIdCardReader({
    transport: faultyTransport(transport, plan, clock),
    framing,
    fingerprint: framing === 'plain',
    clock,
    random: () => 0.5,
  });
  onTestFinished(() => reader.close());
  const settled = settledBy(clock);
  const read = () => {
    simulator.place(inventedCitizen(1));
    return settled(reader.readCard({ latestAddress: true, timeoutMs: 5000 }));
  };
  return {
    clock,
    reader,
    peer,
    read,
    get received() {
      return received;
    },
    cut(at: number) {
      cutAt = at;
    },
  };
}

describe('unplugged at every byte of a read, fingerprint and latest address with it', () => {
  test.each([
    ['plain', 1],
    // A report comes as one: boundaries and a few places within are enough.
    ['miaxis', 16],
    ['derk', 16],
  ] as const)(
    'framing %s',
    async (framing, step) => {
      const bench = cutting(framing);
      await bench.clock.advance(10);
      expect(await bench.read()).toMatchObject({ ok: true, value: { latestAddress: '虚构新路1号' } });
      const whole = bench.received;
      expect(whole).toBeGreaterThan(framing === 'plain' ? 2400 : 1900);
      let cutInReading = 0;
      for (let at = 1; at < whole; at += step) {
        bench.cut(at);
        bench.peer.drop();
        await bench.clock.advance(1200);
        // A cable that goes while the reader is asked how it is leaves nothing to read.
        if (bench.reader.status.device !== 'online') continue;
        cutInReading += step;
        expect(await bench.read()).toMatchObject({
          ok: false,
          error: { code: 'deviceNotReady', reason: 'unplugged' },
        });
      }
      // All but the bytes of being asked how it is and who it is.
      expect(cutInReading).toBeGreaterThan(whole - 5 * 64);
      bench.cut(0);
      bench.peer.drop();
      await bench.clock.advance(2000);
      expect(bench.reader.status.device).toBe('online');
      expect(await bench.read()).toMatchObject(cardOf(1));
    },
    60_000,
  );
});

describe('a device that lies', () => {
  test.each([
    ['more', 40],
    ['less', -40],
  ])('about how long a reply is, by %s', async (_, by) => {
    const scripted = await script((request, nth) => {
      if (request !== 'readCard' || nth > 0) return normalReply(request, 3);
      const frame = replyWith(3);
      const length = frame.length - 7 + by;
      frame[5] = length >> 8;
      frame[6] = length & 0xff;
      return frame;
    });
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(cardOf(3));
  });

  test('about the lengths within a reply', async () => {
    for (const [at, value] of [
      [0, 0x02],
      [1, 0x01],
      [2, 0x05],
      [3, 0xff],
    ] as const) {
      const scripted = await script((request) => {
        if (request !== 'readCard') return normalReply(request, 3);
        const body = replyWith(3).slice(7, -1);
        body[3 + at] = value;
        return encodeFrame(body);
      });
      expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(reason('bad-record'));
    }
  });

  test.each(['J', 'I', 'Y', 'Q', '\u0000'])('about the type of card: %j instead of a space', async (flag) => {
    const scripted = await script((request) => {
      if (request !== 'readCard') return normalReply(request, 3);
      const record = encodeRecord(inventedCitizen(3));
      record.set(Buffer.from(flag, 'utf16le'), 248);
      return encodeReply(SW3.ok, joinPayload(record, new Uint8Array(1024), null));
    });
    const result = await scripted.settled((await scripted.open()).readCard());
    // No field of a citizen's record passes for the number, dates and codes that another type has to have.
    expect(result).toMatchObject(reason('bad-record'));
  });

  test('by answering another command', async () => {
    const scripted = await script((request, nth) => {
      if (nth > 0) return normalReply(request, 4);
      if (request === 'selectCard') return encodeReply(SW3.cardFound, new Uint8Array(4));
      if (request === 'readCard') return address('虚构');
      return normalReply(request, 4);
    });
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(cardOf(4));
  });

  test('by answering everything twice', async () => {
    const scripted = await script((request) => {
      const reply = normalReply(request, 5);
      return Buffer.concat([reply, reply]);
    });
    const reader = await scripted.open();
    expect(await scripted.settled(reader.readCard())).toMatchObject(cardOf(5));
    expect(await scripted.settled(reader.readCard())).toMatchObject(cardOf(5));
  });

  test('by answering once more later, when another card lies there', async () => {
    let card = 6;
    const scripted = await script((request, _, push) => {
      const reply = normalReply(request, card);
      // Each reply comes a second time, behind the next question.
      scripted.clock.after(350, () => push(reply));
      return reply;
    });
    const reader = await scripted.open();
    expect(await scripted.settled(reader.readCard())).toMatchObject(cardOf(6));
    card = 7;
    expect(await scripted.settled(reader.readCard())).toMatchObject(cardOf(7));
  });

  test('by keeping a card until the next one is asked for', async () => {
    // The first read is given up before its answer is there; the answer is waiting when another card is read.
    let late: Uint8Array | null = null;
    let card = 1;
    const scripted = await script(
      (request, _, push) => {
        if (request === 'readCard' && late === null) {
          late = replyWith(card);
          return null;
        }
        // In the order of the questions, as everything a reader says.
        if (late !== null && late.length > 0) {
          push(late);
          late = new Uint8Array(0);
        }
        return normalReply(request, card);
      },
      () => false,
    );
    const reader = await scripted.open();
    const stop = new AbortController();
    const given = reader.readCard({ signal: stop.signal });
    await scripted.clock.advance(1000);
    stop.abort();
    expect(await scripted.settled(given)).toMatchObject(reason('canceled'));
    card = 2;
    expect(await scripted.settled(reader.readCard())).toMatchObject(cardOf(2));
  });
});

describe('a line that has shown no damage', () => {
  test('is not believed the first time: damage that its checksum passes is read over', async () => {
    let readings = 0;
    const scripted = await script((request, nth) => {
      if (request !== 'readCard') return normalReply(request, 1);
      readings = nth + 1;
      const reply = replyWith(1);
      // The same bit in two bytes of the address.
      if (nth === 0) for (const at of [66, 68]) reply[at] = (reply[at] ?? 0) ^ 1;
      return reply;
    });
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(cardOf(1));
    expect(readings).toBe(4);
  });

  test('reads twice', async () => {
    let readings = 0;
    const scripted = await script((request, nth) => {
      if (request === 'readCard') readings = nth + 1;
      return normalReply(request, 1);
    });
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(cardOf(1));
    expect(readings).toBe(2);
  });

  test('asks again for a reading that is refused once, though the card was read before', async () => {
    const scripted = await script((request, nth) => {
      if (request === 'findCard' && nth > 0) return encodeReply(SW3.findFailed);
      return request === 'readCard' && nth === 1 ? encodeReply(SW3.readFailed) : normalReply(request, 1);
    });
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(cardOf(1));
  });
});

describe('a line that has shown damage', () => {
  /** Damages the select reply once, then lets `second` decide what the n-th reading says. */
  const disturbed = (reading: (nth: number) => Uint8Array) =>
    script((request, nth) => {
      if (request === 'selectCard' && nth === 0) {
        const reply = normalReply(request, 0);
        reply[12] = 0x55;
        return reply;
      }
      return request === 'readCard' ? reading(nth) : normalReply(request, 0);
    });

  test('is believed when three readings agree', async () => {
    let readings = 0;
    const scripted = await disturbed((nth) => {
      readings = nth + 1;
      return replyWith(nth === 0 ? 8 : 9);
    });
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(cardOf(9));
    expect(readings).toBe(4);
  });

  test('is given up when they do not', async () => {
    const scripted = await disturbed((nth) => replyWith(nth));
    expect(await scripted.settled((await scripted.open()).readCard())).toMatchObject(reason('bad-record'));
  });
});

test('a reader that talks without being asked is listened to for its answers only', async () => {
  const scripted = await script((request) => normalReply(request, 2));
  const reader = await scripted.open();
  const stop = new AbortController();
  const babble = (): void => {
    if (stop.signal.aborted) return;
    scripted.push(
      Buffer.concat([replyWith(9), encodeReply(SW3.findFailed), Uint8Array.of(0xaa, 0xaa, 0xaa)]),
    );
    scripted.clock.after(70, babble);
  };
  babble();
  await scripted.clock.advance(500);
  expect(reader.status).toEqual({ device: 'online', media: 'unknown' });
  const result = await scripted.settled(reader.readCard());
  stop.abort();
  expect(result).toMatchObject(cardOf(2));
});
