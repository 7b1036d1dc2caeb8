import { err, ok, type Result } from '../device.ts';

/** The part of a USB configuration descriptor that choosing endpoints needs, in the WebUSB specification's words. */
export interface UsbInterfaceDescriptor {
  readonly interfaceNumber: number;
  readonly alternates: readonly {
    readonly alternateSetting: number;
    /** 7 for printers, 0xff for a maker's own (USB-IF defined class codes). */
    readonly interfaceClass: number;
    readonly endpoints: readonly UsbEndpointDescriptor[];
  }[];
}

export interface UsbEndpointDescriptor {
  /** Without the direction bit. */
  readonly endpointNumber: number;
  readonly direction: 'in' | 'out';
  readonly type: string;
  /** Longest packet, bytes. */
  readonly packetSize: number;
}

/** One endpoint of a pair: its number and the longest packet it carries. */
export interface UsbPipe {
  readonly endpoint: number;
  readonly packetSize: number;
}

/** Where to write and read. */
export interface UsbRoute {
  readonly interface: number;
  readonly alternate: number;
  /** One pair, or two for a device whose frames are spread over two. */
  readonly pairs: readonly { readonly out: UsbPipe; readonly in: UsbPipe }[];
}

export interface UsbWish {
  readonly interface?: number | undefined;
  readonly endpoints?: readonly { readonly out: number; readonly in: number }[] | undefined;
  readonly splitAt?: number | undefined;
}

/**
 * The bulk endpoints to use. Those that are named have to exist with their directions; otherwise the n-th OUT and the
 * n-th IN of the first interface that has enough of them make a pair: two pairs when frames are split, else one.
 */
export function chooseRoute(
  interfaces: readonly UsbInterfaceDescriptor[],
  wish: UsbWish,
): Result<UsbRoute, string> {
  const wanted = wish.splitAt === undefined ? 1 : 2;
  if (wish.endpoints !== undefined && wish.endpoints.length !== wanted)
    return err(`${wanted === 1 ? 'one pair' : 'two pairs'} of endpoints must be named, or none`);
  const considered = interfaces.filter(
    ({ interfaceNumber }) => wish.interface === undefined || interfaceNumber === wish.interface,
  );
  if (considered.length === 0)
    return err(`the device has no interface ${wish.interface ?? 'that could be used'}`);
  for (const { interfaceNumber, alternates } of considered) {
    for (const { alternateSetting, endpoints } of alternates) {
      const pairs = pairsOf(endpoints, wanted, wish.endpoints);
      if (pairs !== null) return ok({ interface: interfaceNumber, alternate: alternateSetting, pairs });
    }
  }
  return err(
    wish.endpoints === undefined
      ? `the device has no ${wanted === 1 ? 'pair' : 'two pairs'} of bulk endpoints`
      : `the device has no bulk endpoints ${wish.endpoints.map((pair) => `out ${pair.out} in ${pair.in}`).join(', ')}`,
  );
}

function pairsOf(
  endpoints: readonly UsbEndpointDescriptor[],
  wanted: number,
  named: UsbWish['endpoints'],
): UsbRoute['pairs'] | null {
  const bulk = (direction: 'in' | 'out') =>
    endpoints.filter((endpoint) => endpoint.type === 'bulk' && endpoint.direction === direction);
  const pipe = (endpoint: UsbEndpointDescriptor | undefined): UsbPipe | undefined =>
    endpoint && { endpoint: endpoint.endpointNumber, packetSize: endpoint.packetSize };
  const [outs, ins] = [bulk('out'), bulk('in')];
  const pairs = Array.from({ length: wanted }, (_, at) => {
    const pair = named?.[at];
    return {
      out: pipe(pair ? outs.find(({ endpointNumber }) => endpointNumber === pair.out) : outs[at]),
      in: pipe(pair ? ins.find(({ endpointNumber }) => endpointNumber === pair.in) : ins[at]),
    };
  });
  const complete = pairs.flatMap(({ out, in: input }) =>
    out !== undefined && input !== undefined ? [{ out, in: input }] : [],
  );
  return complete.length === wanted ? complete : null;
}
