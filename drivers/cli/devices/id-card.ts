import type { Hands } from '../../conformance/index.ts';
import { ok } from '../../device.ts';
import {
  type FramingName,
  type IdCardReader,
  type IdCardReaderConfig,
  type IdCardReaderTask,
  idCardReaderChecks,
  idCardRedaction,
  openIdCardReader,
  type SimulatedIdCardReader,
  sdtTransport,
  startSimulatedIdCardReader,
} from '../../id-card-reader/index.ts';
import { recordingTransport } from '../../recording/index.ts';
import type { TransportSource } from '../../transport/index.ts';
import { inventedCards } from '../invented-cards.ts';
import { portOf } from '../source.ts';
import type { World } from '../world.ts';
import {
  atPort,
  bound,
  type ClassModule,
  type Finding,
  type Request,
  type Suite,
  simulated,
  spoken,
} from './found.ts';

async function find(request: Request, world: World): Finding<IdCardReader> {
  const { clock, random, listPorts } = world;
  const options = { clock, random, listPorts };
  const at = (source: TransportSource) => {
    const config = configOf(source, request, world);
    const checks: Suite = (hands) => bound(idCardReaderChecks, { config, options, clock, hands });
    return { open: () => openIdCardReader({ ...config, ...options }), checks };
  };
  if (request.place.simulated) {
    const reader = await startSimulatedIdCardReader({ clock });
    const where = `a simulated reader at ${reader.where}`;
    return ok(simulated({ where, ...at(reader.transport), hands: handsAt(reader), end: reader.close }));
  }
  const port = await portOf(request.place, 'id-card', world);
  if (!port.ok) return port;
  const { open, checks } = at(port.value);
  return ok(atPort(port.value, world, open, checks));
}

function configOf(
  source: TransportSource,
  { place, record, fingerprint, photo }: Request,
  { clock }: World,
): IdCardReaderConfig {
  const config = {
    ...place.settings,
    ...spoken(place, 'sdt'),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(photo ? { photoDecoder: { program: photo.decoder } } : {}),
  };
  // Which framings there are, the class's own schema knows.
  const framing = place.framing as FramingName | undefined;
  if (record === undefined) {
    return { ...config, transport: source, ...(framing === undefined ? {} : { framing }) };
  }
  // Above the framing, where the redaction knows where a card's data stands.
  const transport = recordingTransport(sdtTransport(source, framing), {
    device: 'id-card-reader',
    redact: idCardRedaction(),
    clock,
    sink: record,
  });
  return { ...config, transport };
}

function handsAt(reader: SimulatedIdCardReader): Hands<string> {
  const [card, another] = inventedCards;
  const deeds: Readonly<Record<IdCardReaderTask, () => void>> = {
    'lay-card': () => reader.place(card),
    'lift-card': () => reader.place(null),
    'swap-card': () => reader.place(another),
    unplug: () => reader.fault('unplugged'),
    'plug-in': () => reader.fault(null),
  };
  return async (task) => {
    const deed = deeds[task as IdCardReaderTask];
    deed?.();
    return deed !== undefined;
  };
}

export const idCard: ClassModule<IdCardReader> = { find };
