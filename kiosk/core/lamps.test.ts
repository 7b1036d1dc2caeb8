import { memoryTransport, openLights, simulateLights, systemClock } from '@huimin/drivers';
import { expect, test, vi } from 'vitest';
import type { Snapshot } from '../bridge/index.ts';
import { followWithLamps, lampsFor } from './lamps.ts';

const page = (view: object): Snapshot => ({ view }) as Snapshot;

test('each page lights what is reached for', () => {
  expect(lampsFor({ screen: 'card', reader: 'ready', problem: null })).toEqual({ cardReader: 'slow' });
  expect(lampsFor({ screen: 'welcome' })).toEqual({ cardReader: 'continuous' });
  expect(lampsFor({ screen: 'rate' })).toEqual({});
});

test('lamps that the kiosk has follow the pages, over the bytes of a relay board', async () => {
  const { transport, peer } = memoryTransport();
  const board = simulateLights({ link: peer, clock: systemClock });
  const lights = openLights({
    protocol: 'serial',
    transport,
    lights: { cardReader: { channel: 1 }, statusGood: { channel: 2 } },
  });
  try {
    const follow = followWithLamps(lights);
    follow(page({ screen: 'welcome' }));
    await vi.waitFor(() => expect(lights.status).toMatchObject({ device: 'online' }));
    await vi.waitFor(() => expect(board.lit.has(1)).toBe(true));
    follow(page({ screen: 'rate' }));
    await vi.waitFor(() => expect(board.lit.has(1)).toBe(false));
  } finally {
    await lights.close();
  }
});
