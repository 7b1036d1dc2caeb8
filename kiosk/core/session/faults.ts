import type { CertificatePrinterStatus, DeviceState, ReceiptPrinterStatus } from '@huimin/drivers';
import type { FaultKind } from '../../bridge/index.ts';

/** What keeps the certificate printer from printing, in a resident's terms; null when nothing does. */
export const certificatePrinterFault = (status: CertificatePrinterStatus | null): FaultKind | null =>
  status === null ? 'unreachable' : faultOf(status.device, () => certificatePrinterTrouble(status));

/** As {@link certificatePrinterFault}; a kiosk without a receipt printer misses nothing. */
export const receiptPrinterFault = (status: ReceiptPrinterStatus | null): FaultKind | null =>
  status === null ? null : faultOf(status.device, () => receiptPrinterTrouble(status));

function faultOf(device: DeviceState, trouble: () => FaultKind): FaultKind | null {
  switch (device) {
    case 'online':
    case 'deviceBusy':
    case 'starting':
      return null;
    case 'offline':
    case 'powerOff':
    case 'noDevice':
      return 'unreachable';
    case 'userError':
    case 'hardwareError':
    case 'fraudAttempt':
      return trouble();
    default:
      return device satisfies never;
  }
}

function certificatePrinterTrouble(status: CertificatePrinterStatus): FaultKind {
  if (status.paper === 'jammed') return 'paper-jam';
  if (status.cover === 'open') return 'cover-open';
  if (status.paper === 'out') return 'paper-out';
  if (status.toner === 'out') return 'toner-out';
  return status.reasons.some((reason) => reason.startsWith('output-')) ? 'output-full' : 'broken';
}

function receiptPrinterTrouble(status: ReceiptPrinterStatus): FaultKind {
  if (status.cover === 'open') return 'cover-open';
  if (status.paper === 'out') return 'paper-out';
  return status.paper === 'jammed' ? 'paper-jam' : 'broken';
}
