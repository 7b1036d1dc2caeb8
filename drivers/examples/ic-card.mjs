// Reads a social-security card or a badge through PC/SC:  node ic-card.mjs [simulated]
import { systemClock } from '@huimin/drivers';
import { openIcCardReader, simulateIcCardReader } from '@huimin/drivers/ic-card';

const simulator = process.argv[2] === 'simulated' ? simulateIcCardReader({ clock: systemClock }) : null;
const reader = openIcCardReader({
  protocol: 'pcsc',
  // Without a transport: PC/SC on this machine, which needs the package smartcard.
  ...(simulator ? { transport: simulator.transport } : {}),
});
await new Promise((resolve) => {
  const look = ({ device, reason }) => {
    if (device === 'noDevice') console.error(`no reader: ${reason}`);
    if (device !== 'starting') resolve();
  };
  reader.onStatus(look);
  look(reader.status);
});

const reading = reader.readUid({ timeoutMs: 30_000 });
simulator?.place({ kind: 'badge', uid: Uint8Array.of(0x04, 0x11, 0x22, 0x33) });
const read = await reading;
if (read.ok) console.log(`a badge with a number of ${read.value.uid.length / 2} bytes`);
else console.error(`${read.error.reason}: ${read.error.detail}`);
process.exitCode = read.ok ? 0 : 1;

await reader.close();
