import { parseConfig } from '../../config.ts';
import { err, ok } from '../../device.ts';
import {
  type Keypad,
  type KeypadConfig,
  type KeypadTask,
  keypadChecks,
  keypadConfigSchema,
  keypadProfiles,
  keypadRedaction,
  openKeypad,
  type SimulatedKeypad,
  simulateKeypad,
} from '../../keypad/index.ts';
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

/** The layout that has a headphone jack. */
const SIMULATED_LAYOUT = 'function-keys';
const HELD_MS = 2000;

async function find(request: Request, world: World): Finding<Keypad> {
  const { place } = request;
  const { clock, random } = world;
  const openWith = (config: KeypadConfig) => () => openKeypad({ ...config, clock, random });
  const suite =
    (open: () => Keypad): Suite =>
    (hands) =>
      bound(keypadChecks, { open, hands, clock });
  if (place.simulated) {
    let keypad: SimulatedKeypad | null = null;
    // Reports keep their bounds in process only.
    const port = await simulatedPort(
      (link) => {
        keypad = simulateKeypad({ link, clock });
      },
      clock,
      'in process',
    );
    const hands = async (task: string): Promise<boolean> => {
      if (task === 'unplug') await port.unplug();
      else if (task === 'plug-in') await port.plugIn();
      else {
        const code = codeFor(task as KeypadTask);
        if (code === undefined) return false;
        await keypad?.press(code, task === 'hold' ? HELD_MS : undefined);
      }
      return true;
    };
    const simulatedPlace = { ...place, settings: { profile: SIMULATED_LAYOUT, ...place.settings } };
    const open = openWith(configOf(port.transport, { ...request, place: simulatedPlace }, world));
    return ok(simulated({ where: 'a simulated keypad', open, checks: suite(open), hands, end: port.close }));
  }
  if (place.protocol === 'keyboard') {
    return err(missing('a keypad that is a keyboard has no port of its own; try it in a text editor'));
  }
  const port = await portOf(place, 'keypad', world);
  if (!port.ok) return port;
  const open = openWith(configOf(port.value, request, world));
  return ok(atPort(port.value, world, open, suite(open)));
}

function configOf(source: TransportSource, { place, record }: Request, { clock }: World): KeypadConfig {
  const config = { ...place.settings, ...spoken(place, 'hid'), transport: source };
  if (record === undefined) return config;
  const checked = parseConfig('the keypad', keypadConfigSchema, config);
  if (checked.protocol === 'keyboard') throw new TypeError('a keyboard has no transport');
  const transport = recordingTransport(transportOf(source, { clock }), {
    device: 'keypad',
    redact: () => keypadRedaction(checked.profile, checked.reportId),
    clock,
    sink: record,
  });
  return { ...config, transport };
}

/** What the simulated keypad sends for a task. */
function codeFor(task: KeypadTask): string | undefined {
  const layout = keypadProfiles[SIMULATED_LAYOUT];
  if (task === 'plug-headset') return layout?.headset?.inserted;
  if (task === 'pull-headset') return layout?.headset?.removed;
  const wanted = task === 'hold' ? 'select' : /^press (.+)$/.exec(task)?.[1];
  return Object.entries(layout?.keys ?? {}).find(([, key]) => key === wanted)?.[0];
}

export const keypad: ClassModule<Keypad> = { find };
