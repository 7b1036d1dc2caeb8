import type { FoundPort } from '../../transport/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, table } from '../format.ts';
import { cameraLine, transportLine } from '../kiosk-lines.ts';
import { formatPort } from '../port.ts';
import { likely } from '../probably.ts';
import type { Voice, World } from '../world.ts';

/** Every port found, what is probably behind it, and its line for `kiosk.yaml`. */
export async function list(world: World, voice: Voice): Promise<ExitCode> {
  const { ports, problems } = await world.listPorts();
  const found = ports.map((port) => ({
    port: formatPort(port.config),
    probably: likely(port),
    ...port,
    yaml: transportLine(port.config),
  }));
  const cameras = world.listCameras().map((label) => ({
    label,
    yaml: cameraLine(label),
  }));
  voice.tell({ ok: true, ports: found, cameras, problems });
  if (found.length === 0) voice.say('no port was found');
  const rows = found.map(({ port, usb, probably, yaml, ...rest }) => [
    port,
    usb ?? '-',
    named(rest),
    probably.length === 0 ? '-' : probably.map(({ what }) => what).join(' or '),
    yaml,
  ]);
  if (rows.length > 0) {
    for (const line of table([['port', 'usb', 'called', 'probably', 'for kiosk.yaml'], ...rows]))
      voice.say(line);
  }
  for (const { label, yaml } of cameras) voice.say(`camera ${printable(label)}  ${printable(yaml)}`);
  for (const problem of problems) voice.hint(problem);
  return EXIT.done;
}

/** A device calls itself what it likes. */
const named = ({ manufacturer, product }: Pick<FoundPort, 'manufacturer' | 'product'>): string =>
  printable([manufacturer, product].filter((part) => part !== undefined).join(' ')) || '-';
