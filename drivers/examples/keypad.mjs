// Tells the keys of an eyes-free keypad and its headphone jack:  node keypad.mjs 1234:5678 | simulated
import { memoryTransport, systemClock } from '@huimin/drivers';
import { openKeypad, simulateKeypad } from '@huimin/drivers/keypad';

const [device = 'simulated'] = process.argv.slice(2);
const pipe = memoryTransport('a simulated keypad');
const keypad = openKeypad({
  protocol: 'hid', // or 'keyboard' with feed(code, at, down), where the system has it as a keyboard
  transport: device === 'simulated' ? pipe.transport : { kind: 'hid', device },
  profile: 'function-keys',
});
keypad.onStatus(({ device: state, headset }) => console.error(`keypad: ${state}, headphones ${headset}`));

const pressed = new Promise((resolve) => {
  keypad.onEvent((event) => event.name === 'KeyPressed' && resolve(event.key));
});
if (device === 'simulated') {
  await simulateKeypad({ link: pipe.peer, clock: systemClock }).press('F17');
}
console.log(`pressed: ${await pressed}`);

await keypad.close();
