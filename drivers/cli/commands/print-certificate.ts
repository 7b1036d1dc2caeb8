import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { firstLine } from '../format.ts';
import type { PrintCertificateInvocation } from '../invocation.ts';
import { open } from '../open.ts';
import { present } from '../ready.ts';
import type { Voice, World } from '../world.ts';

/** Prints a PDF, or the test page, and follows it to its end. */
export async function printCertificate(
  { place, pdf, copies, timeoutMs }: PrintCertificateInvocation,
  world: World,
  voice: Voice,
): Promise<ExitCode> {
  const { samplePage } = await import('../../certificate-printer/index.ts');
  let document: Uint8Array;
  try {
    document = pdf === null ? samplePage() : await readFile(pdf);
  } catch (error) {
    return voice.misused(`the document cannot be read: ${firstLine(error)}`);
  }
  const { certificatePrinter } = await import('../devices/certificate-printer.ts');
  const opened = await open(certificatePrinter, { place }, world);
  if (!opened.ok) return voice.fail(opened.error);
  const { device, where, close } = opened.value;
  try {
    const there = await present(opened.value, world, timeoutMs);
    if (!there.ok) return voice.fail(there.error, { outcome: 'failed' });
    const outcome = await device.print({
      pdf: document,
      jobName: `device-test-${randomUUID()}`,
      copies,
      timeoutMs,
      signal: world.interrupted,
      onState: ({ phase }) => voice.hint(`${where}: ${phase}`),
    });
    if (!outcome.ok) return voice.fail(outcome.error, { outcome: outcome.error.outcome });
    voice.tell({ ok: true, outcome: 'delivered', jobId: outcome.value.jobId });
    voice.say(`printed: job ${outcome.value.jobId} on ${where}`);
    return EXIT.done;
  } finally {
    await close();
  }
}
