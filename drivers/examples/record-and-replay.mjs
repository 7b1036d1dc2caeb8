// Records a session and plays it again as a test:  node record-and-replay.mjs /dev/ttyUSB0
import {
  idCardRedaction,
  openIdCardReader,
  parseRecording,
  recordingTransport,
  replayTransport,
  sdtTransport,
  systemClock,
} from '@huimin/drivers';

/** Waits for the reader and reads one card. */
async function readOne(reader) {
  await new Promise((resolve) => {
    if (reader.status.device === 'online') resolve();
    reader.onStatus(({ device }) => device === 'online' && resolve());
  });
  const read = await reader.readCard({ timeoutMs: 30_000 });
  await reader.close();
  return read.ok ? `${read.value.card.type} card` : read.error.reason;
}

const path = process.argv[2] ?? '/dev/ttyUSB0';
let text = '';
const transport = recordingTransport(sdtTransport({ kind: 'serial', path, baudRate: 115200 }), {
  device: 'id-card-reader',
  redact: idCardRedaction(), // the person becomes an invented one before a line is written
  clock: systemClock,
  sink: (line) => {
    text += line;
  },
});
console.log(`read: ${await readOne(openIdCardReader({ transport }))}`);

// The text is what `huimin-device record id-card` writes to its file.
const recording = parseRecording(text);
if (!recording.ok) throw new Error(recording.error);
const replay = replayTransport(recording.value);
console.log(`replayed: ${await readOne(openIdCardReader({ transport: replay.transport }))}`);
console.log(replay.divergence ?? 'the driver did the same');
