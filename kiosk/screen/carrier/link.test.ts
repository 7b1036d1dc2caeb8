import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Carrier } from '../../bridge/index.ts';
import { backoff, keepDialling, Link, readMessage } from './link.ts';
import { carrierOfPort } from './message-port.ts';

const display = { widthMm: 336, heightMm: 598, viewingDistanceMm: 600 };
const welcome = JSON.stringify({ type: 'welcome', protocol: 1, display });

/** Both ends of a real MessageChannel, and what arrives at the core's end. */
function channel(): { carrier: Carrier; core: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  return { carrier: carrierOfPort(port1), core: port2 };
}

describe('the link to the core', () => {
  test('reads what the bridge defines and nothing else', () => {
    expect(readMessage(welcome)).toMatchObject({ type: 'welcome', display });
    for (const text of ['', '{', 'null', '{"type":"welcome","protocol":2}', '{"type":"other"}', '[]']) {
      expect(readMessage(text)).toBeNull();
    }
    fc.assert(fc.property(fc.json(), (text) => readMessage(text) === null));
  });

  test('waits longer each time, and never more than five seconds', () => {
    expect([0, 1, 2, 3, 4, 5, 99].map(backoff)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  });

  test('carries both ways over a port, drops strangers’ messages, tells of the end once', async () => {
    const { carrier, core } = channel();
    const messages: string[] = [];
    let closed = 0;
    const arrived = Promise.withResolvers<void>();
    const link = new Link({
      onOpen: () => messages.push('open'),
      onMessage: ({ type }) => {
        messages.push(type);
        arrived.resolve();
      },
      onClose: () => closed++,
    });
    link.adopt(carrier);
    const sent = new Promise((resolve) => core.addEventListener('message', ({ data }) => resolve(data)));
    core.start();
    link.send({ type: 'activity' });
    expect(await sent).toBe('{"type":"activity"}');
    core.postMessage('nonsense');
    core.postMessage({ type: 'welcome' });
    core.postMessage(welcome);
    await arrived.promise;
    expect(messages).toEqual(['open', 'welcome']);
    carrier.close();
    core.close();
    expect(closed).toBe(1);
    link.send({ type: 'activity' });
  });

  test('dials again after a failure and after a loss, with a renewed session', async () => {
    const steps: string[] = [];
    const ended = new AbortController();
    const carriers = [channel(), channel()];
    let dialled = 0;
    const link = new Link({
      onOpen: () => {
        steps.push('open');
        const lost = carriers.shift();
        queueMicrotask(() => lost?.carrier.close());
        lost?.core.close();
      },
      onMessage: () => undefined,
      onClose: () => steps.push('close'),
    });
    await keepDialling(
      link,
      async () => {
        steps.push('dial');
        const next = carriers[0];
        if (dialled++ === 0 || next === undefined) throw new Error('nobody there');
        return next.carrier;
      },
      async () => steps.push('renew'),
      async (ms) => {
        steps.push(String(ms));
        if (carriers.length === 0) ended.abort();
      },
      ended.signal,
    );
    expect(steps).toEqual(
      ['dial', '250', 'renew dial open close 250', 'renew dial open close 250'].flatMap((part) =>
        part.split(' '),
      ),
    );
  });
});
