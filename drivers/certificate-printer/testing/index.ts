export { type IppEvePrinter, ippEvePrinterUnavailable, startIppEvePrinter } from './ippeveprinter.ts';
