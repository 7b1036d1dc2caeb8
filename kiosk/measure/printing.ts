import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { openCertificatePrinter } from '@huimin/drivers/certificate-printer';
import { startIppEvePrinter } from '../../drivers/certificate-printer/testing/index.ts';
import { makeSample } from './certificate.ts';
import type { Room } from './room.ts';
import { compare, type Figure, interleave } from './stats.ts';

const AIM = 1.1;
const LOOK_MS = 10;

/** From handing over the document to knowing that it is printed, on a printer of CUPS' own making. */
export async function measurePrinting({
  onInterrupt,
}: Room): Promise<{ readonly submitToCompleted: Figure } | { readonly skipped: string }> {
  const printer = await startIppEvePrinter();
  if ('unavailable' in printer) return { skipped: printer.unavailable };
  onInterrupt(printer.stop);
  const pdf = await makeSample();
  const driver = openCertificatePrinter({ uri: printer.uri });
  const agent = new Agent({ keepAlive: true });
  try {
    const samples = await interleave({
      rounds: 25,
      warmUp: 2,
      subjects: {
        driver: async () => {
          const printed = await driver.print({ pdf, jobName: randomUUID(), copies: 1 });
          if (!printed.ok) throw new Error(`not printed: ${printed.error.reason}`);
        },
        bare: () => printBare(printer.uri, pdf, agent),
      },
      now: () => performance.now(),
    });
    const what = `bare Print-Job, then Get-Job-Attributes every ${LOOK_MS} ms`;
    return { submitToCompleted: compare(samples.driver, { what, samples: samples.bare }, AIM) };
  } finally {
    agent.destroy();
    await driver.close();
    await printer.stop();
  }
}

/** What a first attempt at IPP does: sends, looks until the job is completed, checks nothing else. */
async function printBare(uri: string, pdf: Uint8Array, agent: Agent): Promise<void> {
  const head = (operation: number): Buffer[] => [
    Buffer.from([2, 0, 0, operation, 0, 0, 0, 1, OPERATION_GROUP]),
    field(0x47, 'attributes-charset', Buffer.from('utf-8')),
    field(0x48, 'attributes-natural-language', Buffer.from('en')),
    field(0x45, 'printer-uri', Buffer.from(uri)),
  ];
  const end = Buffer.from([END_OF_ATTRIBUTES]);
  const ask = (parts: readonly Uint8Array[]): Promise<Buffer> => post(uri, Buffer.concat(parts), agent);
  const sent = await ask([
    ...head(0x02),
    field(0x49, 'document-format', Buffer.from('application/pdf')),
    end,
    pdf,
  ]);
  const id = Buffer.alloc(4);
  id.writeInt32BE(numberIn(sent, 'job-id'));
  for (;;) {
    const job = await ask([...head(0x09), field(0x21, 'job-id', id), end]);
    const state = numberIn(job, 'job-state');
    if (state === JOB_COMPLETED) return;
    if (state > JOB_STOPPED) throw new Error(`the bare job ended in state ${state}`);
    await pause(LOOK_MS);
  }
}

/** RFC 8010 3.5.1 */
const OPERATION_GROUP = 0x01;
const END_OF_ATTRIBUTES = 0x03;
/** RFC 8011 5.3.7; what lies between the two is canceled and aborted. */
const JOB_STOPPED = 6;
const JOB_COMPLETED = 9;

/** One attribute with one value, RFC 8010 3.1.4. */
function field(tag: number, name: string, value: Uint8Array): Buffer {
  const size = (bytes: number): Buffer => Buffer.from([bytes >> 8, bytes & 0xff]);
  return Buffer.concat([Buffer.from([tag]), size(name.length), Buffer.from(name), size(value.length), value]);
}

/** The integer or enum of this name, found by its bytes: name length, name, value length 4. */
function numberIn(answer: Buffer, name: string): number {
  const before = Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([0, 4])]);
  const at = answer.indexOf(before);
  if (at < 0) throw new Error(`the printer's answer has no ${name}`);
  return answer.readInt32BE(at + before.length);
}

function post(uri: string, body: Buffer, agent: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/ipp', 'content-length': body.length };
    const outgoing = request(uri.replace(/^ipp/, 'http'), { method: 'POST', agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => resolve(Buffer.concat(chunks)));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
