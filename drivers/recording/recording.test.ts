import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Link, manualClock, memoryTransport, type Transport } from '../transport/index.ts';
import {
  formatLine,
  parseRecording,
  type RecordingEvent,
  type Redaction,
  recordingTransport,
  replayTransport,
} from './index.ts';
import { reasonNames } from './reasons.ts';

const header = { format: 'device-recording', version: 1, device: 'test-device' } as const;
const openly = (): Redaction => ({
  input: { push: (chunk) => [chunk], end: () => [] },
  output: { push: (chunk) => [chunk], end: () => [] },
});
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function parsed(text: string) {
  const recording = parseRecording(text);
  if (!recording.ok) throw new Error(recording.error);
  return recording.value;
}

async function opened(transport: Transport): Promise<Link> {
  const result = await transport.open();
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function collect(link: Pick<Link, 'onData'>): number[] {
  const bytes: number[] = [];
  link.onData((chunk) => bytes.push(...chunk));
  return bytes;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const some = fc.uint8Array({ minLength: 1, maxLength: 20 });
const time = fc.integer({ min: 0, max: 1e9 }).map((thousandths) => thousandths / 1000);
const anyEvent: fc.Arbitrary<RecordingEvent> = fc.oneof(
  time.map((t) => ({ kind: 'open', t }) as const),
  fc
    .tuple(time, fc.constantFrom(...reasonNames))
    .map(([t, reason]) => ({ kind: 'refused', t, reason }) as const),
  fc
    .tuple(time, fc.constantFrom(...reasonNames))
    .map(([t, reason]) => ({ kind: 'close', t, reason }) as const),
  fc.tuple(time, some).map(([t, bytes]) => ({ kind: 'in', t, hex: hexOf(bytes) }) as const),
  fc.tuple(time, some).map(([t, bytes]) => ({ kind: 'out', t, hex: hexOf(bytes) }) as const),
);

describe('a recording as a file', () => {
  test('is read as it was written, and wherever it was cut off, up to the last whole line', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), fc.nat(), (events, cut) => {
        const lines = [header, ...events].map(formatLine);
        expect(parsed(lines.join(''))).toEqual({ header, events });
        const first = lines[0]?.length ?? 0;
        const length = first + (cut % (lines.join('').length - first + 1));
        const whole = parsed(lines.join('').slice(0, length)).events;
        expect(whole).toEqual(events.slice(0, whole.length));
        const complete = lines.join('').slice(first, length).split('\n').length - 1;
        // One more when only the line's end is missing.
        expect(whole.length - complete).toBeGreaterThanOrEqual(0);
        expect(whole.length - complete).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('names the line that is wrong, whatever stands there', () => {
    const line = (text: string) =>
      parseRecording(`${formatLine(header)}${formatLine({ kind: 'open', t: 0 })}${text}\n`);
    const wrong = ['', 'x', '{}', '{"kind":"in","t":1,"hex":"0"}', '{"kind":"in","t":-1,"hex":"00"}', '[]'];
    for (const text of [
      ...wrong,
      '{"kind":"open","t":0,"who":"a person"}',
      '{"kind":"close","t":0,"reason":"?"}',
    ])
      expect(line(text), text).toMatchObject({ ok: false, error: expect.stringMatching(/^line 3: ./) });
    for (const text of [
      '',
      'x',
      '{}',
      formatLine({ kind: 'open', t: 0 }),
      '{"format":"device-recording","version":2}',
    ])
      expect(parseRecording(text)).toEqual({
        ok: false,
        error: 'line 1: not the header of a device recording',
      });
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseRecording(text);
      }),
    );
  });

  test('is one JSON value a line', () => {
    expect(formatLine({ kind: 'in', t: 1.5, hex: 'aa' })).toBe('{"kind":"in","t":1.5,"hex":"aa"}\n');
  });
});

describe('recording', () => {
  function recorder(redact: () => Redaction = openly, note?: string) {
    const clock = manualClock(1_000_000);
    const { transport, peer } = memoryTransport('/home/somebody/port');
    let file = '';
    const recorded = recordingTransport(transport, {
      device: 'test-device',
      redact,
      clock,
      sink: (text) => {
        file += text;
      },
      ...(note === undefined ? {} : { note }),
    });
    return { clock, peer, recorded, text: () => file, events: () => parsed(file).events };
  }

  test('writes down what passed and when, and disturbs nothing', async () => {
    const { clock, peer, recorded, events, text } = recorder(openly, 'a test');
    peer.refuse('no permission to open /home/somebody/port');
    expect(await recorded.open()).toEqual({ ok: false, error: 'no permission to open /home/somebody/port' });
    peer.refuse(null);
    await clock.advance(10);
    const link = await opened(recorded);
    const atHost = collect(link);
    const atDevice = collect(peer);
    const reused = Uint8Array.of(1, 2);
    await link.write(reused);
    reused.fill(0);
    await clock.advance(2.5);
    await peer.write(Uint8Array.of(3));
    await settle();
    peer.drop('unplugged: EIO at /home/somebody/port');
    await settle();
    await link.write(Uint8Array.of(9));
    expect([atDevice, atHost]).toEqual([[1, 2], [3]]);
    expect(parsed(text()).header).toEqual({ ...header, note: 'a test' });
    expect(events()).toEqual([
      { kind: 'refused', t: 0, reason: 'no-permission' },
      { kind: 'open', t: 10 },
      { kind: 'out', t: 10, hex: '0102' },
      { kind: 'in', t: 12.5, hex: '03' },
      { kind: 'close', t: 12.5, reason: 'unplugged' },
    ]);
    expect(text()).not.toContain('somebody');
  });

  test('keeps only what the redaction gives, from both directions, anew for each opening', async () => {
    let made = 0;
    const { peer, recorded, events } = recorder(() => {
      made += 1;
      const held: Uint8Array[] = [];
      return {
        input: {
          push: (chunk) => {
            held.push(chunk);
            return [];
          },
          end: () => held.map((chunk) => chunk.map((byte) => byte | 0x80)),
        },
        output: { push: () => [new Uint8Array(), Uint8Array.of(0xee)], end: () => [] },
      };
    });
    for (let round = 0; round < 2; round++) {
      const link = await opened(recorded);
      link.onData((chunk) => chunk.fill(0));
      await peer.write(Uint8Array.of(1, 2));
      await link.write(Uint8Array.of(3));
      await settle();
      await link.close();
    }
    expect(made).toBe(2);
    const session = [
      { kind: 'open', t: 0 },
      { kind: 'out', t: 0, hex: 'ee' },
      { kind: 'in', t: 0, hex: '8182' },
      { kind: 'close', t: 0, reason: 'closed' },
    ];
    expect(events()).toEqual([...session, ...session]);
  });
});

describe('a replay', () => {
  const replayOf = (...events: Omit<RecordingEvent, 't'>[]) =>
    replayTransport({ header, events: events.map((event) => ({ t: 0, ...event }) as RecordingEvent) });

  test('answers what was recorded, however the driver cuts what it writes, and in every run the same', async () => {
    const exchange = fc.record({ ask: fc.option(some), answers: fc.array(some, { maxLength: 3 }) });
    const session = fc.record({
      exchanges: fc.array(exchange, { maxLength: 5 }),
      end: fc.constantFrom('closed', 'unplugged', 'crashed'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(session, { maxLength: 3 }),
        fc.infiniteStream(fc.nat(5)),
        async (sessions, cuts) => {
          const events: Omit<RecordingEvent, 't'>[] = [];
          for (const { exchanges, end } of sessions) {
            events.push({ kind: 'open' });
            for (const { ask, answers } of exchanges) {
              if (ask) events.push({ kind: 'out', hex: hexOf(ask) } as RecordingEvent);
              for (const answer of answers) events.push({ kind: 'in', hex: hexOf(answer) } as RecordingEvent);
            }
            events.push({ kind: 'close', reason: end } as RecordingEvent);
          }
          const run = async () => {
            const replay = replayOf(...events);
            const heard: unknown[] = [];
            for (const { exchanges, end } of sessions) {
              const link = await opened(replay.transport);
              const bytes = collect(link);
              link.onClose((reason) => heard.push(reason));
              await settle();
              for (const { ask } of exchanges) {
                for (let rest = ask ?? new Uint8Array(); rest.length > 0; ) {
                  const size = 1 + ((cuts.next().value ?? 0) % rest.length);
                  await link.write(rest.subarray(0, size));
                  rest = rest.subarray(size);
                }
                await settle();
              }
              if (end === 'closed') await link.close();
              heard.push(bytes);
            }
            expect([replay.divergence, replay.left]).toEqual([null, 0]);
            return heard;
          };
          const first = await run();
          expect(await run()).toEqual(first);
          expect(first.filter(Array.isArray)).toEqual(
            sessions.map(({ exchanges }) =>
              exchanges.flatMap(({ answers }) => answers.flatMap((a) => [...a])),
            ),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('takes several outputs in one write, and a write from within an answer', async () => {
    const replay = replayOf(
      { kind: 'open' },
      { kind: 'out', hex: '01' } as RecordingEvent,
      { kind: 'in', hex: 'a1' } as RecordingEvent,
      { kind: 'out', hex: '0203' } as RecordingEvent,
      { kind: 'in', hex: 'a2' } as RecordingEvent,
      { kind: 'out', hex: '04' } as RecordingEvent,
    );
    const link = await opened(replay.transport);
    const got: number[] = [];
    link.onData((chunk) => {
      got.push(...chunk);
      if (chunk[0] === 0xa2) void link.write(Uint8Array.of(4));
    });
    await link.write(Uint8Array.of(1, 2, 3));
    await settle();
    expect(got).toEqual([0xa1, 0xa2]);
    expect([replay.divergence, replay.left]).toEqual([null, 0]);
  });

  test('redacts what the driver writes as it was redacted then, anew for each opening', async () => {
    // Whole lines, their letters replaced; what follows the last line is told when the session ends.
    const redact = (): Redaction => {
      let line: number[] = [];
      const told = (): Uint8Array => {
        const cleaned = Uint8Array.from(line, (byte) => (byte === 10 ? byte : 0x2a));
        line = [];
        return cleaned;
      };
      return {
        input: { push: (chunk) => [chunk], end: () => [] },
        output: {
          push(chunk) {
            line.push(...chunk);
            return chunk.includes(10) ? [told()] : [];
          },
          end: () => [told()],
        },
      };
    };
    const clock = manualClock();
    const { transport, peer } = memoryTransport();
    peer.onData(() => void peer.write(Uint8Array.of(6)));
    let file = '';
    const recorded = recordingTransport(transport, {
      device: 'test-device',
      redact,
      clock,
      sink: (text) => {
        file += text;
      },
    });
    const session = async (over: Transport, name: string): Promise<number[]> => {
      const link = await opened(over);
      const heard = collect(link);
      for (const text of [`${name}\n`, name]) {
        const bytes = Buffer.from(text);
        await link.write(bytes);
        bytes.fill(0);
        await settle();
      }
      await link.close();
      return heard;
    };
    const then = [await session(recorded, 'Anna'), await session(recorded, 'Otto')];
    expect(file).not.toContain(hexOf(Buffer.from('Anna')));
    const replay = replayTransport(parsed(file), { redact });
    expect([await session(replay.transport, 'Emma'), await session(replay.transport, 'Erik')]).toEqual(then);
    expect([replay.divergence, replay.left]).toEqual([null, 0]);
    const other = replayTransport(parsed(file), { redact });
    await session(other.transport, 'Maximilian');
    expect(other.divergence).toBe('event 2: the driver writes something else than was recorded');
    const plain = replayTransport(parsed(file));
    await session(plain.transport, 'Anna');
    expect(plain.divergence).toBe('event 2: the driver writes something else than was recorded');
  });

  test('tells the first thing that the driver did otherwise, and ends its link', async () => {
    const replay = replayOf(
      { kind: 'open' },
      { kind: 'out', hex: '0102' } as RecordingEvent,
      { kind: 'in', hex: 'a1' } as RecordingEvent,
    );
    const link = await opened(replay.transport);
    const ended = new Promise<string>((resolve) => link.onClose(resolve));
    await link.write(Uint8Array.of(1));
    await settle();
    expect(replay.divergence).toBeNull();
    await link.write(Uint8Array.of(9));
    expect(await ended).toBe('the recording diverges');
    expect(replay.divergence).toBe('event 2: the driver writes something else than was recorded');
    expect(await replay.transport.open()).toEqual({ ok: false, error: 'the recording diverges' });
    expect(replay.divergence).toBe('event 2: the driver writes something else than was recorded');
  });

  test('waits for the driver where it was the driver that closed, and minds being written to instead', async () => {
    const events = [
      { kind: 'open' },
      { kind: 'in', hex: 'a1' },
      { kind: 'close', reason: 'closed' },
    ] as RecordingEvent[];
    const patient = replayOf(...events);
    const link = await opened(patient.transport);
    const reasons: string[] = [];
    link.onClose((reason) => reasons.push(reason));
    await settle();
    expect(reasons).toEqual([]);
    await link.close();
    await link.close();
    expect([reasons, patient.divergence, patient.left]).toEqual([['closed'], null, 0]);

    const written = replayOf(...events);
    await (await opened(written.transport)).write(Uint8Array.of(1));
    await settle();
    expect(written.divergence).toBe('event 3: the driver writes, but recorded is "close"');
  });

  test('a driver that closes early misses what came after, and may open again', async () => {
    const replay = replayOf(
      { kind: 'open' },
      { kind: 'in', hex: 'a1' } as RecordingEvent,
      { kind: 'close', reason: 'unplugged' } as RecordingEvent,
      { kind: 'open' },
    );
    const link = await opened(replay.transport);
    await link.close();
    await opened(replay.transport);
    expect([replay.divergence, replay.left]).toEqual([null, 0]);
  });

  test('refuses openings as they were refused', async () => {
    const replay = replayOf({ kind: 'refused', reason: 'no-such-port' } as RecordingEvent, { kind: 'open' }, {
      kind: 'close',
      reason: 'crashed',
    } as RecordingEvent);
    expect(await replay.transport.open()).toEqual({ ok: false, error: 'no such port' });
    const link = await opened(replay.transport);
    const ended = await new Promise<string>((resolve) => link.onClose(resolve));
    expect(ended).toBe('the process that held the port ended');
    expect(await replay.transport.open()).toEqual({ ok: false, error: 'lost: the recording is over' });
    expect([replay.divergence, replay.left]).toEqual([null, 0]);
  });

  test('that is over finds the port lost, which is no divergence', async () => {
    const replay = replayOf({ kind: 'open' }, { kind: 'in', hex: 'a1' } as RecordingEvent);
    const link = await opened(replay.transport);
    const ended = new Promise<string>((resolve) => link.onClose(resolve));
    await settle();
    await link.write(Uint8Array.of(1));
    expect(await ended).toBe('lost: the recording is over');
    expect([replay.divergence, replay.left]).toEqual([null, 0]);
  });

  test('minds an opening where something else was recorded', async () => {
    const replay = replayOf({ kind: 'open' }, { kind: 'out', hex: '01' } as RecordingEvent);
    const link = await opened(replay.transport);
    await link.close();
    await replay.transport.open();
    expect(replay.divergence).toBe('event 2: the port is opened, but recorded is "out"');
  });
});
