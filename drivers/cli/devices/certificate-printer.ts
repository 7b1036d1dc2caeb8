import { randomUUID } from 'node:crypto';
import {
  type CertificatePrinter,
  type CertificatePrinterFault,
  type CertificatePrinterTask,
  certificatePrinterChecks,
  openCertificatePrinter,
  startSimulatedCertificatePrinter,
} from '../../certificate-printer/index.ts';
import { err, ok } from '../../device.ts';
import type { World } from '../world.ts';
import {
  bound,
  type ClassModule,
  elsewhere,
  type Finding,
  missing,
  type Request,
  type Suite,
  simulated,
  spoken,
} from './found.ts';

/** The simulated printer's speed: nobody waits for paper that is not there. */
const PAGES_PER_MINUTE = 120;

async function find({ place, record }: Request, { clock, random }: World): Finding<CertificatePrinter> {
  const { uri, label, protocol, settings } = place;
  const options = { clock, random, ...(record === undefined ? {} : { record }) };
  const atUri = (address: string) => () =>
    openCertificatePrinter({ ...settings, ...spoken(place, 'ipp'), uri: address, ...options });
  const suite =
    (open: () => CertificatePrinter): Suite =>
    (hands) =>
      // The names of jobs are new with each run: a printer that knows them would not print.
      bound(certificatePrinterChecks, { open, clock, hands, run: `check-${randomUUID()}` });
  if (place.simulated) {
    const printer = await startSimulatedCertificatePrinter({ clock, pagesPerMinute: PAGES_PER_MINUTE });
    const open = atUri(printer.uri);
    const hands = async (task: string): Promise<boolean> => {
      const fault = deed(task as CertificatePrinterTask);
      if (fault !== undefined) await printer.fault(fault);
      return fault !== undefined;
    };
    const where = `a simulated printer at ${printer.uri}`;
    return ok(simulated({ where, open, checks: suite(open), hands, end: printer.close }));
  }
  if (uri !== undefined) {
    const open = atUri(uri);
    return ok(elsewhere(uri, open, suite(open)));
  }
  if (label === undefined) {
    return err(missing('say where the printer is: --uri ipp://…, or on Windows --label QUEUE'));
  }
  if (protocol !== undefined && protocol !== 'windows-spooler')
    return err(missing(`${protocol} needs a --uri`));
  const open = () =>
    openCertificatePrinter({ ...settings, protocol: 'windows-spooler', printer: label, ...options });
  return ok(elsewhere(`the print queue ${label}`, open, suite(open)));
}

/** The fault that a deed amounts to, null for mending; undefined for what no simulator can do. */
function deed(task: CertificatePrinterTask): CertificatePrinterFault | null | undefined {
  switch (task) {
    case 'empty-tray':
      return 'paper-out';
    case 'jam-paper':
      return 'jam';
    case 'unplug':
      return 'unplugged';
    case 'fill-tray':
    case 'clear-jam':
    case 'plug-in':
      return null;
    default:
      return task satisfies never;
  }
}

export const certificatePrinter: ClassModule<CertificatePrinter> = { find };
