import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { manualClock, memoryTransport } from '../transport/index.ts';
import { createKeyboardWedge, openCodeScanner, simulateScan, type WedgeEvent } from './index.ts';
import { createLineSplitter } from './line-splitter.ts';

function feedAll(
  wedge: { feed(key: string, at: number): WedgeEvent | null },
  keys: Iterable<[string, number]>,
) {
  const events: WedgeEvent[] = [];
  for (const [key, at] of keys) {
    const event = wedge.feed(key, at);
    if (event) events.push(event);
  }
  return events;
}

const scan = (code: string, start: number) =>
  simulateScan(code, start).map(({ key, atMs }): [string, number] => [key, atMs]);

describe('a scanner at a keyboard', () => {
  test('any code of four characters or more is told, whole', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{4,300}$/), fc.nat(), (code, start) => {
        expect(feedAll(createKeyboardWedge(), scan(code, start))).toEqual([{ kind: 'code', code }]);
      }),
    );
  });

  test('a person typing the same keys is not a scanner', () => {
    const slowly = [...'12345', 'Enter'].map((key, i): [string, number] => [key, i * 120]);
    const events = feedAll(createKeyboardWedge(), slowly);
    expect(events.every((event) => event.kind === 'typed')).toBe(true);
    expect(events.flatMap((event) => (event.kind === 'typed' ? event.keys : []))).toEqual([
      ...'12345',
      'Enter',
    ]);
  });

  test('a scan right after typing is told apart; modifiers do not matter; a short burst is typing', () => {
    const wedge = createKeyboardWedge();
    expect(
      feedAll(wedge, [
        ['a', 0],
        ['b', 200],
      ]),
    ).toEqual([{ kind: 'typed', keys: ['a'] }]);
    const burst = scan('CERT-1', 400).flatMap(([key, at]): [string, number][] => [
      ['Shift', at],
      [key, at],
    ]);
    expect(feedAll(wedge, burst)).toEqual([
      { kind: 'typed', keys: ['b'] },
      { kind: 'code', code: 'CERT-1' },
    ]);
    expect(feedAll(wedge, scan('ab', 1000))).toEqual([{ kind: 'typed', keys: ['a', 'b', 'Enter'] }]);
  });

  test('what is left undecided is typing', () => {
    const wedge = createKeyboardWedge();
    feedAll(wedge, [
      ['x', 0],
      ['y', 10],
    ]);
    expect(wedge.flush()).toEqual({ kind: 'typed', keys: ['x', 'y'] });
    expect(wedge.flush()).toBeNull();
  });

  test('as a device', async () => {
    const scanner = openCodeScanner({ protocol: 'keyboard-wedge' });
    const codes: string[] = [];
    const stop = scanner.onCode((code) => codes.push(code));
    feedAll(scanner, scan('first', 0));
    stop();
    feedAll(scanner, scan('second', 1000));
    expect(codes).toEqual(['first']);
    expect(scanner.status).toEqual({ device: 'online' });
    await scanner.close();
  });
});

describe('a scanner on a serial port', () => {
  test('any split of any lines gives the same codes', () => {
    const line = fc.stringMatching(/^[ -~一-龥]{1,80}$/);
    const end = fc.constantFrom('\r', '\n', '\r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end), { maxLength: 6 }), fc.nat(40), (lines, step) => {
        const bytes = Buffer.from(lines.flat().join(''));
        const splitter = createLineSplitter();
        const codes: string[] = [];
        for (let at = 0; at < bytes.length; at += step + 1)
          codes.push(...splitter.push(bytes.subarray(at, at + step + 1)));
        expect(codes).toEqual(lines.map(([text]) => text));
      }),
    );
  });

  test('refuses control characters, what is not UTF-8 and endless lines, and goes on', () => {
    const splitter = createLineSplitter();
    expect(splitter.push(Buffer.from('a\u001bm\rgood\r'))).toEqual(['good']);
    expect(splitter.push(Buffer.from([0xff, 0xfe, 0x0d]))).toEqual([]);
    for (let i = 0; i < 100; i++) expect(splitter.push(new Uint8Array(1000).fill(0x41))).toEqual([]);
    expect(splitter.push(Buffer.from('\rnext\r\n\r\n'))).toEqual(['next']);
  });

  test('survives being unplugged, and joins no halves', async () => {
    const clock = manualClock();
    const { transport, peer } = memoryTransport();
    const scanner = openCodeScanner({ protocol: 'serial', transport, clock, random: () => 0.5 });
    onTestFinished(() => scanner.close());
    const codes: string[] = [];
    const devices: string[] = [];
    scanner.onCode((code) => codes.push(code));
    scanner.onStatus(({ device }) => devices.push(device));
    await clock.advance(0);
    await peer.write(Buffer.from('one\rtw'));
    await clock.advance(0);
    peer.drop();
    await clock.advance(2000);
    await peer.write(Buffer.from('o\r'));
    await clock.advance(0);
    expect(codes).toEqual(['one', 'o']);
    expect(devices).toEqual(['online', 'noDevice', 'online']);
  });
});
