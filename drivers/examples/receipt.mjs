// Prints one receipt on a network printer:  node receipt.mjs 192.168.1.50 9100
import { openReceiptPrinter } from '@huimin/drivers';

const [host = '192.168.1.50', port = '9100'] = process.argv.slice(2);
const printer = openReceiptPrinter({
  protocol: 'esc-pos',
  transport: { kind: 'tcp', host, port: Number(port) },
  columns: 48,
});
printer.onStatus(({ device, paper }) => console.error(`printer: ${device}, paper ${paper}`));

// Waits for paper and a closed cover, sends the receipt once, and waits until it is really printed.
const printed = await printer.print(
  {
    lines: [
      { kind: 'text', text: '居民服务回执', align: 'center', size: 2, bold: true },
      { kind: 'rule' },
      { kind: 'columns', cells: [{ text: '居住证明' }, { text: '1 份', width: 8, align: 'right' }] },
      { kind: 'qr', data: 'https://example.org/verify/2026-0001' },
      { kind: 'feed', lines: 2 },
      { kind: 'cut' },
    ],
  },
  { timeoutMs: 60_000 },
);
// `outcome-unknown` means: look at the paper. Nothing is ever sent twice by itself.
if (printed.ok) console.log('printed');
else console.error(`${printed.error.reason}: ${printed.error.detail}`);
process.exitCode = printed.ok ? 0 : 1;

await printer.close();
