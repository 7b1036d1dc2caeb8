import type { Check, Hands } from '../../conformance/index.ts';
import { type CommandError, commandError, type Device, type DeviceState, type Result } from '../../device.ts';
import type { Rasterise } from '../../receipt-printer/index.ts';
import { type RecordingOptions, recordingTransport } from '../../recording/index.ts';
import { type TransportConfig, type TransportSource, transportOf } from '../../transport/index.ts';
import type { Person } from '../hands.ts';
import type { Place, ReadInvocation } from '../invocation.ts';
import type { World } from '../world.ts';

export type AnyDevice = Device<{ readonly device: DeviceState }, object, { readonly name: string }>;

/** What was asked for, as far as it decides how a device is opened. */
export interface Request {
  readonly place: Place;
  readonly columns?: number;
  readonly rasterise?: Rasterise;
  readonly fingerprint?: boolean;
  readonly photo?: ReadInvocation['photo'];
  /** Takes the text of a recording, line by line; personal data has been replaced. */
  readonly record?: (text: string) => void;
}

/** A place where a device is, or where a simulated one has been put. */
export interface Found<D> {
  /** For technicians, e.g. `serial /dev/ttyUSB0 115200`. */
  readonly where: string;
  /** Opens the device; whoever opens it closes it. */
  open(): D;
  /** The conformance suite of its class. */
  readonly checks: Suite;
  /** Why its port cannot be opened, tried while no device is open; null if it can, or where there is none to try. */
  whyAbsent(): Promise<string | null>;
  /** A simulator does at once what hands would do; null for a real device. */
  readonly hands: Hands<string> | null;
  /** Ends what was started to find it. */
  end(): Promise<void>;
}

export type Finding<D> = Promise<Result<Found<D>, CommandError>>;

/** What the program knows of a device class. */
export interface ClassModule<D extends AnyDevice> {
  find(request: Request, world: World): Finding<D>;
}

/** The conformance suite of a class for a device that was found, in whoever's hands; null: nobody can be asked. */
export type Suite = (hands: Hands<string>, person: Pick<Person, 'ask'> | null) => readonly Check<null>[];

/** Checks with their context, so that suites of different classes look the same. */
export const bound = <Context>(checks: readonly Check<Context>[], context: Context): readonly Check<null>[] =>
  checks.map(({ id, title, run }) => ({ id, title, run: () => run(context) }));

/** A real device at a port. */
export function atPort<D>(config: TransportConfig, { clock }: World, open: () => D, checks: Suite): Found<D> {
  const transport = transportOf(config, { clock });
  return {
    where: transport.name,
    open,
    checks,
    async whyAbsent() {
      const again = await transport.open();
      if (!again.ok) return again.error;
      await again.value.close();
      return null;
    },
    hands: null,
    end: async () => {},
  };
}

/** The port, written down as it is used where a recording was asked for. */
export function recorded(
  source: TransportSource,
  { record }: Request,
  { clock }: World,
  what: Pick<RecordingOptions, 'device' | 'redact'>,
): TransportSource {
  return record === undefined
    ? source
    : recordingTransport(transportOf(source, { clock }), { ...what, clock, sink: record });
}

/** A real device that is reached otherwise. */
export const elsewhere = <D>(where: string, open: () => D, checks: Suite): Found<D> => ({
  where,
  open,
  checks,
  whyAbsent: async () => null,
  hands: null,
  end: async () => {},
});

export interface Simulated<D> {
  readonly where: string;
  open(): D;
  readonly checks: Suite;
  /** Says whether it could be done. */
  readonly hands: Hands<string>;
  end(): Promise<void>;
}

export const simulated = <D>(device: Simulated<D>): Found<D> => ({ ...device, whyAbsent: async () => null });

/** The protocol that was named, else the class's usual one; the class's own schema refuses what it does not speak. */
export const spoken = <P extends string>({ protocol }: Place, usual: P): { readonly protocol: P } => ({
  protocol: (protocol ?? usual) as P,
});

export const missing = (detail: string): CommandError => commandError('invalidCommand', 'usage', detail);
