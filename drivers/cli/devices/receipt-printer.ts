import { ok } from '../../device.ts';
import {
  openReceiptPrinter,
  type ReceiptPrinter,
  type ReceiptPrinterFault,
  type ReceiptPrinterTask,
  receiptPrinterChecks,
  receiptRedaction,
  startSimulatedReceiptPrinter,
} from '../../receipt-printer/index.ts';
import type { TransportSource } from '../../transport/index.ts';
import { portOf } from '../source.ts';
import type { World } from '../world.ts';
import {
  atPort,
  bound,
  type ClassModule,
  type Finding,
  type Request,
  recorded,
  type Suite,
  simulated,
  spoken,
} from './found.ts';

async function find(request: Request, world: World): Finding<ReceiptPrinter> {
  const { place, columns = 48, rasterise } = request;
  const { clock, random } = world;
  const openAt = (source: TransportSource) => () =>
    openReceiptPrinter({
      ...place.settings,
      ...spoken(place, 'esc-pos'),
      transport: recorded(source, request, world, { device: 'receipt-printer', redact: receiptRedaction }),
      columns,
      ...(rasterise ? { rasterise } : {}),
      clock,
      random,
    });
  const suiteAt =
    (source: TransportSource): Suite =>
    (hands) =>
      bound(receiptPrinterChecks, { open: openAt(source), hands, clock });
  if (place.simulated) {
    const printer = await startSimulatedReceiptPrinter({ clock, columns });
    const hands = async (task: string): Promise<boolean> => {
      const fault = deed(task as ReceiptPrinterTask);
      if (fault !== undefined) await printer.fault(fault);
      return fault !== undefined || task.startsWith('look: ');
    };
    const where = `a simulated printer at tcp ${printer.host}:${printer.port}`;
    const { transport, close } = printer;
    return ok(simulated({ where, open: openAt(transport), checks: suiteAt(transport), hands, end: close }));
  }
  const port = await portOf(place, 'receipt-printer', world);
  return port.ok ? ok(atPort(port.value, world, openAt(port.value), suiteAt(port.value))) : port;
}

/** The fault that a deed amounts to, null for mending; undefined for what no simulator can do. */
function deed(task: ReceiptPrinterTask): ReceiptPrinterFault | null | undefined {
  switch (task) {
    case 'remove-paper':
      return 'paper-out';
    case 'open-cover':
      return 'cover-open';
    case 'unplug':
      return 'unplugged';
    case 'load-paper':
    case 'close-cover':
    case 'plug-in':
      return null;
    default:
      return undefined;
  }
}

export const receiptPrinter: ClassModule<ReceiptPrinter> = { find };
