import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { adviceFor } from '../advice.ts';
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
  if (!isPdf(document)) return voice.misused(`${pdf} is no PDF`);
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
      onState: ({ phase }) => {
        const advice = phase === 'stopped' ? adviceFor(device.status) : null;
        voice.hint(advice === null ? phase : `${phase}: ${advice}`);
      },
    });
    if (!outcome.ok) return voice.fail(outcome.error, { outcome: outcome.error.outcome });
    voice.tell({ ok: true, outcome: 'delivered', jobId: outcome.value.jobId });
    voice.say(`printed: job ${outcome.value.jobId} on ${where}`);
    return EXIT.done;
  } finally {
    await close();
  }
}

/** Its first line may stand a little behind the beginning (ISO 32000-1, 7.5.2 and its annex on other programs). */
const isPdf = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 1024)).includes('%PDF-');
