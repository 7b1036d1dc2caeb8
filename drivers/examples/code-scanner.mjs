// Reads codes from a serial scanner:  node code-scanner.mjs /dev/ttyACM0
import { openCodeScanner } from '@huimin/drivers/code-scanner';

const path = process.argv[2] ?? '/dev/ttyACM0';
const scanner = openCodeScanner({
  protocol: 'serial', // or 'hid-pos', or 'keyboard-wedge' with feed(key, at)
  transport: { kind: 'serial', path, baudRate: 9600 },
});
scanner.onStatus(({ device }) => console.error(`scanner: ${device}`));

// What a code says is its author's word: treat it as hostile.
await new Promise((resolve) => {
  scanner.onCode((text) => {
    console.log(`a code of ${text.length} characters`);
    resolve();
  });
});

await scanner.close();
