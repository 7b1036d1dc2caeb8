// Asks a receipt printer of yours whether it conforms:  node conformance.mjs 192.168.1.50 9100
// `huimin-device test receipt-printer --tcp 192.168.1.50:9100` does the same with prompts for your hands.
import { formatReport, openReceiptPrinter, receiptPrinterChecks, runChecks } from '@huimin/drivers';

const [host = '192.168.1.50', port = '9100'] = process.argv.slice(2);
const report = await runChecks({
  subject: `receipt printer at ${host}:${port}`,
  checks: receiptPrinterChecks,
  context: {
    open: () => openReceiptPrinter({ transport: { kind: 'tcp', host, port: Number(port) } }),
    // Who takes the paper out, opens the cover, pulls the cable: false skips the check.
    hands: async () => false,
  },
  now: () => performance.now(),
});
console.log(formatReport(report));
process.exitCode = report.conforms ? 0 : 1;
