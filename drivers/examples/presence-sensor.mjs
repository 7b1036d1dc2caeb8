// Waits until somebody stands before the kiosk:  node presence-sensor.mjs /dev/ttyUSB2
import { openPresenceSensor } from '@huimin/drivers/presence-sensor';

const path = process.argv[2] ?? '/dev/ttyUSB2';
const sensor = openPresenceSensor({
  protocol: 'serial', // or 'gpio' with chip and line
  transport: { kind: 'serial', path, baudRate: 115200 },
  profile: 'hlk-ld2410',
  presentAfterMs: 300, // not everyone who walks by
});
sensor.onStatus(({ device, presence }) => console.error(`sensor: ${device}, ${presence}`));

await new Promise((resolve) => {
  sensor.onEvent(({ name }) => name === 'PersonPresent' && resolve());
});
console.log('somebody is there');

await sensor.close();
