import type { ExitCode } from '../exit-codes.ts';
import type { PrintCertificateInvocation, PrintReceiptInvocation } from '../invocation.ts';
import type { Voice, World } from '../world.ts';
import { printCertificate } from './print-certificate.ts';
import { printReceipt } from './print-receipt.ts';

/** One page, and the truth about it: printed, failed, or nobody knows. */
export function print(
  invocation: PrintReceiptInvocation | PrintCertificateInvocation,
  world: World,
  voice: Voice,
): Promise<ExitCode> {
  return invocation.subject === 'receipt'
    ? printReceipt(invocation, world, voice)
    : printCertificate(invocation, world, voice);
}
