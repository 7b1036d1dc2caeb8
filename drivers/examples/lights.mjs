// Switches a light on a USB relay board:  node lights.mjs /dev/ttyUSB1
import { openLights } from '@huimin/drivers/lights';

const path = process.argv[2] ?? '/dev/ttyUSB1';
const lights = openLights({
  protocol: 'serial',
  transport: { kind: 'serial', path, baudRate: 9600 },
  profile: 'lcus',
  lights: { cardReader: { channel: 1 }, statusGood: { channels: { green: 2, red: 3 } } },
});
await new Promise((resolve) => {
  lights.onStatus(({ device }) => device === 'online' && resolve());
});

// A wish is kept: a board that was unplugged shows it again when it is back.
const set = await lights.setLight('statusGood', { flashRate: 'continuous', color: 'green' });
console.log(set.ok ? 'the green light is on' : set.error.reason);

await lights.close(); // goes dark
