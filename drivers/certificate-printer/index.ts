export {
  type CertificateJob,
  type CertificatePrinter,
  type CertificatePrinterOptions,
  openCertificatePrinter,
} from './driver.ts';
export type { PrintError, PrintOutcome, PrintProgress } from './print-outcome.ts';
export {
  CERTIFICATE_PRINTER_FAULTS,
  type CertificatePrinterFault,
  type PrintedPage,
} from './simulated-engine.ts';
export {
  type SimulatedCertificatePrinter,
  type SimulatedCertificatePrinterOptions,
  startSimulatedCertificatePrinter,
} from './simulator.ts';
export type { CertificatePrinterStatus } from './state.ts';
