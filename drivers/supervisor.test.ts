import { describe, expect, onTestFinished, test } from 'vitest';
import { backoffMs, supervise } from './supervisor.ts';
import {
  type Link,
  type LinkReason,
  manualClock,
  memoryTransport,
  type Transport,
} from './transport/index.ts';

function bench() {
  const clock = manualClock();
  const { transport, peer } = memoryTransport('the port');
  const events: string[] = [];
  const reasons: LinkReason[] = [];
  const attempts: number[] = [];
  const links: Link[] = [];
  const counted: Transport = {
    name: transport.name,
    open() {
      attempts.push(clock.monotonic());
      return transport.open();
    },
  };
  const start = () => {
    const supervisor = supervise({
      transport: counted,
      clock,
      random: () => 0.999,
      onUp(link) {
        links.push(link);
        events.push('up');
      },
      onDown(sentence, reason) {
        events.push(`down: ${sentence}`);
        reasons.push(reason);
      },
    });
    onTestFinished(() => supervisor.close());
    return supervisor;
  };
  return { clock, peer, events, reasons, attempts, links, start };
}

test('the pauses double from 100 ms to 1.5 s, their lower half is jitter', () => {
  const longest = [0, 1, 2, 3, 4, 5, 50, 5000].map((attempt) => backoffMs(attempt, () => 1));
  expect(longest).toEqual([100, 200, 400, 800, 1500, 1500, 1500, 1500]);
  expect(backoffMs(5, () => 0)).toBe(750);
  expect(backoffMs(3, () => 1, { firstMs: 1000, longestMs: 60_000 })).toBe(8000);
});

describe('a supervised port', () => {
  test('is opened at once, and again when it is lost', async () => {
    const { clock, peer, events, start } = bench();
    start();
    await clock.advance(0);
    expect(events).toEqual(['up']);
    peer.drop();
    await clock.advance(200);
    expect(events).toEqual(['up', 'down: unplugged', 'up']);
  });

  test('that is not there is tried forever, told once, and noticed within two seconds of coming back', async () => {
    const { clock, peer, events, reasons, attempts, start } = bench();
    peer.refuse('no such port');
    start();
    await clock.advance(3_600_000);
    expect(events).toEqual(['down: no such port']);
    const gaps = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1500);
    expect(attempts.length).toBeLessThan(3_600_000 / 750);
    peer.refuse('no permission');
    await clock.advance(2000);
    expect(events).toEqual(['down: no such port', 'down: no permission']);
    expect(reasons).toEqual(['no-such-port', 'no-permission']);
    peer.refuse(null);
    await clock.advance(2000);
    expect(events.at(-1)).toBe('up');
  });

  test('that opens and drops over and over is not hammered', async () => {
    const { clock, peer, attempts, links, start } = bench();
    start();
    for (let t = 0; t < 60_000; t += 50) {
      await clock.advance(50);
      if (peer.connected) peer.drop();
    }
    expect(attempts.length).toBeLessThan(60);
    expect(links.length).toBe(attempts.length);
  });

  test('that lasted is opened again without delay', async () => {
    const { clock, peer, attempts, start } = bench();
    peer.refuse('no such port');
    start();
    await clock.advance(60_000);
    peer.refuse(null);
    await clock.advance(5000);
    peer.drop();
    const before = clock.monotonic();
    await clock.advance(100);
    expect(attempts.at(-1)).toBeGreaterThanOrEqual(before);
    expect(peer.connected).toBe(true);
  });

  test('closing releases the port, opens no more and says no more', async () => {
    const { clock, peer, events, attempts, start } = bench();
    const supervisor = start();
    await clock.advance(0);
    await supervisor.close();
    await supervisor.close();
    expect(peer.connected).toBe(false);
    await clock.advance(10_000);
    expect(attempts).toHaveLength(1);
    expect(events).toEqual(['up']);
  });

  test('closing while the port is being opened releases it too', async () => {
    const { peer, events, start } = bench();
    await start().close();
    expect(peer.connected).toBe(false);
    expect(events).toEqual([]);
  });

  test('whose opening hangs counts as failed, is not asked without end, and is closed when it comes up late', async () => {
    const clock = manualClock();
    const { transport, peer } = memoryTransport('the port');
    const events: string[] = [];
    let asked = 0;
    const answers: (() => void)[] = [];
    const hung: Transport = {
      name: 'the port',
      async open() {
        asked += 1;
        await new Promise<void>((resolve) => answers.push(resolve));
        return transport.open();
      },
    };
    const supervisor = supervise({
      transport: hung,
      clock,
      random: () => 0.999,
      onUp: () => events.push('up'),
      onDown: (sentence, reason) => events.push(`${reason}: ${sentence}`),
    });
    await clock.advance(9999);
    expect(events).toEqual([]);
    await clock.advance(3_600_000);
    expect(events).toEqual(['no-answer: the port does not answer']);
    expect(asked).toBe(3);
    answers[0]?.();
    await clock.advance(0);
    expect(peer.connected).toBe(false);
    expect(events).toHaveLength(1);
    await clock.advance(2000);
    expect(asked).toBe(4);
    answers[3]?.();
    await clock.advance(0);
    expect(events.at(-1)).toBe('up');
    await supervisor.close();
    expect(peer.connected).toBe(false);
  });

  test('is not waited for without end when it is closed while its opening hangs', async () => {
    const clock = manualClock();
    const supervisor = supervise({
      transport: { name: 'the port', open: () => new Promise(() => {}) },
      clock,
      random: () => 0,
      onUp: () => expect.unreachable('it never opens'),
      onDown: () => expect.unreachable('nobody asks any more'),
    });
    let closed = false;
    void supervisor.close().then(() => {
      closed = true;
    });
    await clock.advance(1999);
    expect(closed).toBe(false);
    await clock.advance(1);
    expect(closed).toBe(true);
    await clock.advance(60_000);
  });

  test.each([
    { how: 'rejects', open: () => Promise.reject(new Error('bad cable\n  at somewhere')) },
    {
      how: 'throws',
      open: () => {
        throw new Error('bad cable');
      },
    },
  ])('whose transport $how is down like any other', async ({ open }) => {
    const clock = manualClock();
    const events: string[] = [];
    const supervisor = supervise({
      transport: { name: 'the port', open },
      clock,
      random: () => 0,
      onUp: () => events.push('up'),
      onDown: (sentence, reason) => events.push(`${reason}: ${sentence}`),
    });
    await clock.advance(5000);
    expect(events).toEqual(['failed: the port could not be opened: bad cable']);
    await supervisor.close();
  });
});
