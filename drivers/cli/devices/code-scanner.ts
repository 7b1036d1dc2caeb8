import {
  type CodeScanner,
  codeScannerChecks,
  codeScannerConfigSchema,
  codeScannerRedaction,
  openCodeScanner,
  type SimulatedScanner,
  simulateCodeScanner,
} from '../../code-scanner/index.ts';
import { parseConfig } from '../../config.ts';
import { err, ok } from '../../device.ts';
import { recordingTransport } from '../../recording/index.ts';
import { type TransportSource, transportOf } from '../../transport/index.ts';
import { portOf } from '../source.ts';
import type { World } from '../world.ts';
import {
  atPort,
  bound,
  type ClassModule,
  type Finding,
  missing,
  type Request,
  type Suite,
  simulated,
  spoken,
} from './found.ts';
import { simulatedPort } from './simulated-port.ts';

/** What the simulated scanner is shown. */
const CODE = 'HUIMIN-TEST-0001';

async function find(request: Request, world: World): Finding<CodeScanner> {
  const { place } = request;
  const { clock, random } = world;
  const openAt = (source: TransportSource, usual: 'serial' | 'hid-pos') => () =>
    openCodeScanner({ ...config(source, usual, request, world), clock, random });
  const suiteAt =
    (open: () => CodeScanner, known: { readonly expected?: string } = {}): Suite =>
    (hands) =>
      bound(codeScannerChecks, { open, hands, clock, ...known });
  if (place.simulated) {
    let scanner: SimulatedScanner | null = null;
    const port = await simulatedPort((link) => {
      scanner = simulateCodeScanner({ link, clock });
    }, clock);
    const hands = async (task: string): Promise<boolean> => {
      if (task === 'scan') await scanner?.scan(CODE);
      else if (task === 'unplug') await port.unplug();
      else if (task === 'plug-in') await port.plugIn();
      else return false;
      return true;
    };
    const where = `a simulated scanner at ${port.where}`;
    const open = openAt(port.transport, 'serial');
    return ok(simulated({ where, open, checks: suiteAt(open, { expected: CODE }), hands, end: port.close }));
  }
  if (place.protocol === 'keyboard-wedge') {
    return err(missing('a scanner that acts as a keyboard has no port of its own; try it in a text editor'));
  }
  const port = await portOf(place, 'code-scanner', world);
  if (!port.ok) return port;
  const usual = port.value.kind === 'hid' ? 'hid-pos' : 'serial';
  const open = openAt(port.value, usual);
  return ok(atPort(port.value, world, open, suiteAt(open)));
}

function config(
  source: TransportSource,
  usual: 'serial' | 'hid-pos',
  { place, record }: Request,
  { clock }: World,
) {
  const plain = { ...place.settings, ...spoken(place, usual), transport: source };
  if (record === undefined) return plain;
  const checked = parseConfig('the code scanner', codeScannerConfigSchema, plain);
  if (checked.protocol === 'keyboard-wedge') throw new TypeError('a keyboard has no transport');
  const transport = recordingTransport(transportOf(source, { clock }), {
    device: 'code-scanner',
    redact: () => codeScannerRedaction(checked),
    clock,
    sink: record,
  });
  return { ...plain, transport };
}

export const codeScanner: ClassModule<CodeScanner> = { find };
