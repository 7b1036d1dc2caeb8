import type { CertificatePrinterStatus } from './state.ts';

/** Named as in XFS4IoT's Printer interface. */
export type CertificatePrinterEvent =
  /** The paper has become less, or more, than it was; a jam is told by the status alone. */
  | { readonly name: 'PaperThreshold'; readonly paper: 'full' | 'low' | 'out' }
  | { readonly name: 'TonerThreshold'; readonly toner: 'full' | 'low' | 'out' }
  /** The last sheet of a job lies in the output tray. */
  | { readonly name: 'MediaPresented'; readonly jobId: number };

/** Turns statuses, one after the other, into the thresholds that were crossed. It begins with plenty of both. */
export const thresholds = (): ((status: CertificatePrinterStatus) => CertificatePrinterEvent[]) => {
  let paper: CertificatePrinterStatus['paper'] = 'full';
  let toner: CertificatePrinterStatus['toner'] = 'full';
  return (status) => {
    const crossed: CertificatePrinterEvent[] = [];
    if (status.paper !== paper && status.paper !== 'unknown' && status.paper !== 'jammed') {
      paper = status.paper;
      crossed.push({ name: 'PaperThreshold', paper });
    }
    if (status.toner !== toner && status.toner !== 'unknown') {
      toner = status.toner;
      crossed.push({ name: 'TonerThreshold', toner });
    }
    return crossed;
  };
};
