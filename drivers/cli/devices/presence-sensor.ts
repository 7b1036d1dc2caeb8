import { err, ok } from '../../device.ts';
import {
  openPresenceSensor,
  type PresenceSensor,
  type PresenceSensorConfig,
  presenceSensorChecks,
  presenceSensorRedaction,
  type SimulatedSensor,
  simulatePresenceSensor,
} from '../../presence-sensor/index.ts';
import type { TransportSource } from '../../transport/index.ts';
import { portOf } from '../source.ts';
import type { World } from '../world.ts';
import {
  atPort,
  bound,
  type ClassModule,
  elsewhere,
  type Finding,
  missing,
  type Request,
  recorded,
  type Suite,
  simulated,
  spoken,
} from './found.ts';
import { simulatedPort } from './simulated-port.ts';

async function find(request: Request, world: World): Finding<PresenceSensor> {
  const { place } = request;
  const { clock, random } = world;
  const openWith = (config: PresenceSensorConfig) => () => openPresenceSensor({ ...config, clock, random });
  const suite =
    (open: () => PresenceSensor): Suite =>
    (hands) =>
      bound(presenceSensorChecks, { open, hands, clock });
  if (place.simulated) {
    let sensor: SimulatedSensor | null = null;
    const attach = (link: Parameters<typeof simulatePresenceSensor>[0]['link']): void => {
      sensor?.stop();
      sensor = simulatePresenceSensor({ link, clock });
    };
    const port = await simulatedPort(attach, clock);
    const hands = async (task: string): Promise<boolean> => {
      if (task === 'unplug') await port.unplug();
      else if (task === 'plug-in') await port.plugIn();
      else if (task === 'come' || task === 'go') sensor?.person(task === 'come');
      else return false;
      return true;
    };
    const end = async (): Promise<void> => {
      sensor?.stop();
      await port.close();
    };
    const open = openWith(serial(port.transport, request, world));
    const where = `a simulated sensor at ${port.where}`;
    return ok(simulated({ where, open, checks: suite(open), hands, end }));
  }
  if (place.protocol === 'gpio') {
    if (request.record !== undefined) return err(missing('lines of a chip have no bytes to record'));
    const open = openWith({ chip: 'gpiochip0', line: 0, ...place.settings, protocol: 'gpio' });
    return ok(elsewhere('GPIO', open, suite(open)));
  }
  const port = await portOf(place, 'presence-sensor', world);
  if (!port.ok) return port;
  const open = openWith(serial(port.value, request, world));
  return ok(atPort(port.value, world, open, suite(open)));
}

function serial(source: TransportSource, request: Request, world: World): PresenceSensorConfig {
  const { place } = request;
  const transport = recorded(source, request, world, {
    device: 'presence-sensor',
    redact: presenceSensorRedaction,
  });
  return { profile: 'hlk-ld2410', ...place.settings, ...spoken(place, 'serial'), transport };
}

export const presenceSensor: ClassModule<PresenceSensor> = { find };
