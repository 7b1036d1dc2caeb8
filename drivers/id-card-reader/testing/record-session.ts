// Makes `recordings/pty-session.jsonl` anew: `node drivers/id-card-reader/testing/record-session.ts`.
import { writeFileSync } from 'node:fs';
import { systemClock } from '../../device.ts';
import { recordingTransport } from '../../recording/index.ts';
import type { HkMacaoTaiwanCard } from '../card.ts';
import { checkDigit } from '../check-digit.ts';
import { openIdCardReader } from '../driver.ts';
import { idCardRedaction } from '../redaction.ts';
import { startSimulatedIdCardReader } from '../simulated-port.ts';
import { visits } from './visits.ts';

const first17 = '81000019700101001';
const card: HkMacaoTaiwanCard = {
  type: 'hk-macao-taiwan',
  name: '虚构甲',
  sex: 'female',
  birth: '1970-01-01',
  address: '虚构省虚构市虚构路1号',
  number: first17 + checkDigit(first17),
  authority: '虚构市公安局',
  validFrom: '2020-01-01',
  validTo: '2030-01-01',
  permitNumber: 'H00000001',
  issueCount: 1,
};
const second17 = '82000019700101002';

let file = '';
const simulator = await startSimulatedIdCardReader({ latestAddress: '虚构省虚构市新虚构路2号' });
const reader = openIdCardReader({
  transport: recordingTransport(simulator.transport, {
    device: 'id-card-reader',
    note: `The simulated reader on a ${simulator.where.split(' ')[0]}, through the serial port; no real device was recorded.`,
    redact: idCardRedaction(),
    clock: systemClock,
    sink: (line) => {
      file += line;
    },
  }),
});
await new Promise<void>((online) => {
  reader.onStatus(({ device }) => {
    if (device === 'online') online();
  });
});
const seen = await visits(reader, {
  lay: (index) =>
    simulator.place(
      index === 1 ? card : { ...card, number: second17 + checkDigit(second17), name: '虚构乙' },
    ),
  lift: () => simulator.place(null),
});
await reader.close();
await simulator.close();
writeFileSync(new URL('../recordings/pty-session.jsonl', import.meta.url), file);
process.stdout.write(`${seen.join('\n')}\n`);
