export { type Cups, cupsUnavailable, startCups } from './cups.ts';
export { type IppEvePrinter, ippEvePrinterUnavailable, startIppEvePrinter } from './ippeveprinter.ts';
