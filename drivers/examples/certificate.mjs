// Prints a PDF and follows it to the tray:  node certificate.mjs ipp://192.168.1.20/ipp/print certificate.pdf
import { readFile } from 'node:fs/promises';
import { openCertificatePrinter } from '@huimin/drivers';

const [uri = 'ipp://127.0.0.1:631/printers/certificates', file = 'certificate.pdf'] = process.argv.slice(2);
const pdf = await readFile(file);
const printer = openCertificatePrinter({ protocol: 'ipp', uri });

const printed = await printer.print({
  pdf,
  // The intent: the same name is never printed twice.
  jobName: `certificate-${Date.now()}`,
  copies: 1,
  timeoutMs: 120_000,
  onState: ({ phase }) => console.error(phase),
});
if (printed.ok) console.log(`delivered: job ${printed.value.jobId}`);
// `failed`: no sheet has come out or will. `unknown`: one may have; a person has to look.
else console.error(`${printed.error.outcome}: ${printed.error.detail}`);
process.exitCode = printed.ok ? 0 : 1;

await printer.close();
