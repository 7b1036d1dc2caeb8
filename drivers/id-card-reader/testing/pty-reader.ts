import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../device.ts';
import { type FoundPort, type Link, openPty, type Pty } from '../../transport/index.ts';
import type { BaudRate } from '../codec.ts';
import { type SimulatedReader, simulateIdCardReader } from '../simulator.ts';

/** What the terminal was set to by whoever has it open, bits per second. */
function speedOf(path: string): number {
  const flag = process.platform === 'linux' ? '-F' : '-f';
  return Number(execFileSync('stty', [flag, path, 'speed'], { encoding: 'utf8' }));
}

/**
 * A terminal has no wire on which a wrong speed would garble anything: this end does it. `own` is asked each time,
 * since a reader can be told to change its speed.
 */
const hearingAt = (pty: Pty, own: () => number): Link => ({
  ...pty.master,
  onData: (listener) =>
    pty.master.onData((chunk) => {
      listener(speedOf(pty.path) === own() ? chunk : chunk.map((byte) => (byte * 167) ^ 0x5a));
    }),
});

/** A new terminal that is gone after the test. */
export async function testPty(): Promise<Pty> {
  const opened = await openPty();
  if (!opened.ok) throw new Error(opened.error);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

/** A reader on a terminal that understands one speed only, until it is told another. */
export async function readerOnPty(baudRate: BaudRate): Promise<{ pty: Pty; reader: SimulatedReader }> {
  const pty = await testPty();
  const reader: SimulatedReader = simulateIdCardReader({
    link: hearingAt(pty, () => reader.baudRate),
    clock: systemClock,
    paced: true,
    baudRate,
  });
  return { pty, reader };
}

/** A terminal as the list of ports names a serial port. */
export const asPort = (path: string, usb?: string): FoundPort => ({
  config: { kind: 'serial', path, baudRate: 115200 },
  ...(usb === undefined ? {} : { usb }),
});
