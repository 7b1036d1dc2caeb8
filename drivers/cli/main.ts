#!/usr/bin/env node
// The program's edge: what the terminal gives comes in here, what ends it is decided here.
import { listKernelCameras, VIDEO_CLASS } from '../camera/index.ts';
import { systemClock } from '../device.ts';
import { listPorts } from '../transport/index.ts';
import { EXIT } from './exit-codes.ts';
import { run } from './run.ts';

const interrupt = new AbortController();
let pressed = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    pressed += 1;
    interrupt.abort();
    // Whoever presses twice does not want to wait for a device that does not let go.
    if (pressed > 1) process.exit(EXIT.interrupted);
  });
}
// Started by another program of ours: its end is the end of this one.
if (process.channel) {
  process.on('disconnect', () => interrupt.abort());
  // A listener alone would keep this program running for as long as the other one.
  process.channel.unref();
}
// A reader of our output that has gone (`| head`) wants no more of it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupt.abort());

process.exitCode = await run({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  clock: systemClock,
  random: Math.random,
  listPorts,
  listCameras: () => listKernelCameras(VIDEO_CLASS),
  interrupted: interrupt.signal,
});
// What was interrupted may still wait for something that will not come any more.
if (interrupt.signal.aborted) process.exit();
