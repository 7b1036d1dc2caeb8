// Reads one resident ID card:  node id-card.mjs /dev/ttyUSB0
import { openIdCardReader } from '@huimin/drivers';

const path = process.argv[2] ?? '/dev/ttyUSB0';
const reader = openIdCardReader({
  protocol: 'sdt',
  transport: { kind: 'serial', path, baudRate: 115200 },
});

// The driver opens the port by itself, and again whenever it was lost. Changes are told; the latest is in `status`.
await new Promise((resolve) => {
  if (reader.status.device === 'online') resolve();
  reader.onStatus(({ device }) => {
    console.error(`reader: ${device}`);
    if (device === 'online') resolve();
  });
});

// Whatever a card, a cable or a person does is a value, never an exception.
const read = await reader.readCard({ timeoutMs: 30_000 });
if (read.ok) {
  const { card, photo } = read.value;
  console.log(
    `${card.type} card, name of ${[...card.name].length} characters, photo of ${photo.length} bytes`,
  );
} else {
  console.error(`${read.error.reason}: ${read.error.detail}`);
  process.exitCode = 1;
}

await reader.close();
