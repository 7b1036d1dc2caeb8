import { openIcCardReader, simulateIcCardReader, systemClock } from '@huimin/drivers';
import { expect, test, vi } from 'vitest';
import { watchBadges } from './badge-watch.ts';

const badge = (uid: string) => ({ kind: 'badge' as const, uid: Uint8Array.from(Buffer.from(uid, 'hex')) });

test('each badge laid on the reader is told once, over the bytes of the reader', async () => {
  const simulator = simulateIcCardReader({ clock: systemClock });
  const reader = openIcCardReader({ protocol: 'pcsc', transport: simulator.transport });
  const told: string[] = [];
  const watch = watchBadges({ reader, clock: systemClock, onBadge: (code) => told.push(code) });
  try {
    simulator.place(badge('04A1B2C3'));
    await vi.waitFor(() => expect(told).toEqual(['04A1B2C3']));
    simulator.place(null);
    await vi.waitFor(() => expect(reader.status.media).toBe('notPresent'));
    expect(told).toEqual(['04A1B2C3']);
    simulator.place(badge('04D4E5F6'));
    await vi.waitFor(() => expect(told).toEqual(['04A1B2C3', '04D4E5F6']));
  } finally {
    await watch.close();
    await reader.close();
  }
});

test('it ends while a badge lies there, and while none does', async () => {
  const simulator = simulateIcCardReader({ clock: systemClock });
  const reader = openIcCardReader({ protocol: 'pcsc', transport: simulator.transport });
  const told: string[] = [];
  const onBadge = (code: string): void => void told.push(code);
  await watchBadges({ reader, clock: systemClock, onBadge }).close();
  const second = watchBadges({ reader, clock: systemClock, onBadge });
  simulator.place(badge('04A1B2C3'));
  await vi.waitFor(() => expect(told.length).toBe(1));
  await second.close();
  await reader.close();
});
