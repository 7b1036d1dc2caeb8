export type { CertificatePrinterCapabilities } from './capabilities.ts';
export { type CertificatePrinterConfig, certificatePrinterConfigSchema } from './config.ts';
export {
  type CertificatePrinterContext,
  type CertificatePrinterTask,
  certificatePrinterChecks,
} from './conformance.ts';
export {
  type CertificateJob,
  type CertificatePrinter,
  type CertificatePrinterOptions,
  openCertificatePrinter,
} from './driver.ts';
export type { CertificatePrinterEvent } from './events.ts';
export { type IppRecording, parseIppRecording } from './ipp/recording.ts';
export { type IppReplay, replayIpp } from './ipp/replay.ts';
export type { LookedUp } from './named-jobs.ts';
export type { PrintError, PrintOutcome, PrintProgress } from './print-outcome.ts';
export { samplePage } from './sample-page.ts';
export {
  CERTIFICATE_PRINTER_FAULTS,
  type CertificatePrinterFault,
  type PrintedPage,
} from './simulator/engine.ts';
export {
  type SimulatedCertificatePrinter,
  type SimulatedCertificatePrinterOptions,
  startSimulatedCertificatePrinter,
} from './simulator/simulator.ts';
export type { CertificatePrinterStatus } from './state.ts';
export type { InputTray, Supply } from './supplies.ts';
