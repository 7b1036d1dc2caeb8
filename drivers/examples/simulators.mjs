// A whole visit without hardware:  node simulators.mjs
// The simulators speak the real bytes over a real port: a pseudo-terminal, TCP, and IPP over HTTP.
import {
  checkDigit,
  openCertificatePrinter,
  openIdCardReader,
  openReceiptPrinter,
  receiptText,
  samplePage,
  startSimulatedCertificatePrinter,
  startSimulatedIdCardReader,
  startSimulatedReceiptPrinter,
  systemClock,
} from '@huimin/drivers';

const clock = systemClock;
const desk = await startSimulatedIdCardReader();
const receipts = await startSimulatedReceiptPrinter({ clock });
const certificates = await startSimulatedCertificatePrinter({ clock, pagesPerMinute: 120 });

const reader = openIdCardReader({ protocol: 'sdt', transport: desk.transport });
const receiptPrinter = openReceiptPrinter({
  transport: { kind: 'tcp', host: receipts.host, port: receipts.port },
});
const printer = openCertificatePrinter({ uri: certificates.uri });
await new Promise((resolve) => reader.onStatus(({ device }) => device === 'online' && resolve()));

// A person who does not exist: region 999999.
const number = '99999919500228002';
desk.place({
  type: 'citizen',
  name: '虚构甲',
  sex: 'female',
  nation: { code: '01', name: '汉' },
  birth: '1950-02-28',
  address: '虚构省虚构市虚构路1号',
  number: number + checkDigit(number),
  authority: '虚构市公安局',
  validFrom: '2015-06-01',
  validTo: null,
});
const read = await reader.readCard({ timeoutMs: 10_000 });
console.log(read.ok ? `read: ${read.value.card.name}` : read.error.reason);

// Faults happen in the middle of things: the tray is empty, and somebody fills it.
await certificates.fault('paper-out');
setTimeout(() => certificates.fault(null), 300);
const certificate = await printer.print({ pdf: samplePage(), jobName: 'visit-1', copies: 1 });
console.log(certificate.ok ? 'certificate: delivered' : certificate.error.outcome);

receipts.onReceipt((receipt) => console.log(`receipt: ${receiptText(receipt).trim()}`));
const slip = await receiptPrinter.print({ lines: [{ kind: 'text', text: '谢谢' }, { kind: 'cut' }] });
if (!slip.ok) console.error(slip.error.reason);

for (const device of [reader, receiptPrinter, printer]) await device.close();
for (const simulator of [desk, receipts, certificates]) await simulator.close();
