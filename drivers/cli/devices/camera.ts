import {
  type Camera,
  cameraChecks,
  listKernelCameras,
  openCamera,
  simulateCameras,
  VIDEO_CLASS,
} from '../../camera/index.ts';
import { err, ok } from '../../device.ts';
import type { Place } from '../invocation.ts';
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
} from './found.ts';

const SIMULATED = { name: 'Simulated Camera', usb: 'abcd:0001' };

async function find({ place, record }: Request, { clock, random }: World): Finding<Camera> {
  if (record !== undefined) return err(missing('a camera has no line of ours to record'));
  const openWith = (select: Selection, videoClass: string) => () =>
    openCamera({ ...place.settings, select, source: 'kernel', videoClass, clock, random });
  const suite =
    (open: () => Camera): Suite =>
    (hands, person) =>
      bound(cameraChecks, { open, hands, clock, eyes: () => eyesOf(person) });
  if (place.simulated) {
    const cameras = simulateCameras();
    cameras.plugIn(SIMULATED);
    const hands = async (task: string): Promise<boolean> => {
      if (task === 'unplug') cameras.unplugAll();
      else if (task === 'plug-in') cameras.plugIn(SIMULATED);
      else return false;
      return true;
    };
    const open = openWith({ usb: SIMULATED.usb }, cameras.videoClass);
    const end = async (): Promise<void> => cameras.remove();
    return ok(simulated({ where: 'a simulated camera', open, checks: suite(open), hands, end }));
  }
  if (process.platform !== 'linux') {
    return err(missing('which cameras there are, only Linux tells outside a browser'));
  }
  const select = selectionOf(place);
  if (select === null) return err(missing('say which camera: --label TEXT, or --port usb:vvvv:pppp'));
  const open = openWith(select, VIDEO_CLASS);
  const where = [select.label, select.usb].filter((part) => part !== undefined).join(' ');
  return ok({ ...elsewhere(`camera ${where}`, open, suite(open)), whyAbsent: async () => whyAbsent() });
}

interface Selection {
  readonly label?: string;
  readonly usb?: string;
}

function selectionOf({ label, port }: Place): Selection | null {
  const usb = port?.kind === 'usb' ? port.device : undefined;
  if (label === undefined && usb === undefined) return null;
  return { ...(label === undefined ? {} : { label }), ...(usb === undefined ? {} : { usb }) };
}

function whyAbsent(): string {
  const labels = listKernelCameras(VIDEO_CLASS);
  return labels.length === 0 ? 'there is no camera' : `no such camera; there are ${labels.join(', ')}`;
}

async function eyesOf(person: Parameters<Suite>[1]): Promise<'dark' | 'lit' | null> {
  const seen = await person?.ask("Look at the camera's light: l = lit, d = dark, s = skip:");
  switch (seen?.trim().toLowerCase()[0]) {
    case 'l':
      return 'lit';
    case 'd':
      return 'dark';
    default:
      return null;
  }
}

export const camera: ClassModule<Camera> = { find };
