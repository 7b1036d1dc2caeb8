import type { Clock } from '../device.ts';
import type { CertificatePrinterSettings } from './config.ts';
import { createIppClient } from './ipp/client.ts';
import { recordingIppClient } from './ipp/recording.ts';
import type { IppReplay } from './ipp/replay.ts';
import { createIppService } from './ipp/service.ts';
import type { PrintService } from './print-service.ts';
import { createSpoolerService, openSpoolerHelper } from './windows-spooler/index.ts';

/** What stands between the driver and an IPP printer; a Windows queue has neither. */
export interface SessionOptions {
  /** Takes a recording of the session, line by line; no personal data is in it. */
  readonly record?: (text: string) => void;
  /** Answers instead of the printer. */
  readonly replay?: Pick<IppReplay, 'client'>;
}

export const openService = (
  config: CertificatePrinterSettings,
  clock: Clock,
  { record, replay }: SessionOptions,
): PrintService => {
  if (config.protocol === 'windows-spooler') {
    const { printer, helper, answerTimeoutMs } = config;
    const program = openSpoolerHelper({ clock, ...(helper && { command: helper }) });
    return createSpoolerService(program, { printer, answerTimeoutMs });
  }
  const { uri, user, media, answerTimeoutMs, tls } = config;
  const client = replay?.client ?? createIppClient({ uri, clock, user, timeoutMs: answerTimeoutMs, ...tls });
  return createIppService(record ? recordingIppClient(client, { sink: record, clock, user }) : client, {
    user,
    media,
  });
};
