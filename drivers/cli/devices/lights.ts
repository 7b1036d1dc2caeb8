import { err, ok } from '../../device.ts';
import {
  type Lights,
  type LightsConfig,
  lightsChecks,
  lightsRedaction,
  openLights,
  type Seen,
  type SimulatedLights,
  simulateLights,
} from '../../lights/index.ts';
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

/** A board of which nothing else is told has at least one light. */
const ONE_LIGHT = { statusGood: { channel: 1 } };

async function find(request: Request, world: World): Finding<Lights> {
  const { place } = request;
  const { clock, random } = world;
  const openWith = (config: LightsConfig) => () => openLights({ ...config, clock, random });
  const suite =
    (open: () => Lights, machine?: () => Promise<Seen>): Suite =>
    (hands, person) =>
      bound(lightsChecks, { open, hands, clock, eyes: (light) => machine?.() ?? eyesOf(person, light) });

  if (place.simulated) {
    let board: SimulatedLights | null = null;
    const port = await simulatedPort((link) => {
      board = simulateLights({ link, clock });
    }, clock);
    const hands = async (task: string): Promise<boolean> => {
      if (task === 'unplug') await port.unplug();
      else if (task === 'plug-in') await port.plugIn();
      else return false;
      return true;
    };
    const open = openWith(serial(port.transport, request, world));
    const eyes = (): Promise<Seen> => look(() => board, world);
    const where = `simulated lights at ${port.where}`;
    return ok(simulated({ where, open, checks: suite(open, eyes), hands, end: port.close }));
  }
  if (place.protocol === 'gpio') {
    if (request.record !== undefined) return err(missing('lines of a chip have no bytes to record'));
    const open = openWith({ chip: 'gpiochip0', lights: ONE_LIGHT, ...place.settings, protocol: 'gpio' });
    return ok(elsewhere('GPIO', open, suite(open)));
  }
  const port = await portOf(place, 'lights', world);
  if (!port.ok) return port;
  const open = openWith(serial(port.value, request, world));
  return ok(atPort(port.value, world, open, suite(open)));
}

function serial(source: TransportSource, request: Request, world: World): LightsConfig {
  const { place } = request;
  const transport = recorded(source, request, world, { device: 'lights', redact: lightsRedaction });
  return { lights: ONE_LIGHT, ...place.settings, ...spoken(place, 'serial'), transport };
}

async function eyesOf(person: Parameters<Suite>[1], light: string): Promise<Seen> {
  const seen = await person?.ask(`Look at the light ${light}: l = lit, f = flashing, d = dark, s = skip:`);
  switch (seen?.trim().toLowerCase()[0]) {
    case 'l':
      return 'lit';
    case 'f':
      return 'flashing';
    case 'd':
      return 'dark';
    default:
      return null;
  }
}

/** How long eyes look, milliseconds: longer than a quick flash. */
const LOOK_MS = 600;

/** What the simulated board shows, looked at for a while. */
async function look(board: () => SimulatedLights | null, { clock }: World): Promise<Seen> {
  const before = board()?.changes.length ?? 0;
  await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  const changes = (board()?.changes.length ?? 0) - before;
  if (changes > 1) return 'flashing';
  return board()?.lit.size === 0 ? 'dark' : 'lit';
}

export const lights: ClassModule<Lights> = { find };
