import type { DrawQr } from '@huimin/drivers';
import qrcode, { type QRCode } from 'qrcode';

const create = (data: string): QRCode | null => {
  try {
    return qrcode.create(data, { errorCorrectionLevel: 'M' });
  } catch {
    // Nothing to encode, or more than any QR code holds: a printer prints nothing then.
    return null;
  }
};

/** The modules of a QR code, as a receipt printer would print them. */
export const drawQr: DrawQr = (data) => {
  const code = create(data);
  return {
    size: code?.modules.size ?? 0,
    isDark: (x, y) => code?.modules.get(y, x) === 1,
  };
};
