import { describe, expect, test } from 'vitest';
import { chooseRoute, type UsbEndpointDescriptor, type UsbInterfaceDescriptor } from './usb-endpoints.ts';

const endpoint = (
  endpointNumber: number,
  direction: 'in' | 'out',
  type = 'bulk',
  packetSize = 64,
): UsbEndpointDescriptor => ({ endpointNumber, direction, type, packetSize });

const one = (interfaceNumber: number, ...alternates: UsbEndpointDescriptor[][]): UsbInterfaceDescriptor => ({
  interfaceNumber,
  alternates: alternates.map((endpoints, alternateSetting) => ({
    alternateSetting,
    interfaceClass: 0xff,
    endpoints,
  })),
});

/** An SDT reader (0400:C35A): preamble and length through 2/1, the rest through 6/5. */
const reader = [one(0, [endpoint(1, 'in'), endpoint(2, 'out'), endpoint(5, 'in'), endpoint(6, 'out')])];
/** A printer that also has a keyboard interface, and a class interface whose first setting takes only. */
const printer = [
  one(0, [endpoint(3, 'in', 'interrupt', 8)]),
  one(1, [endpoint(1, 'out')], [endpoint(1, 'out', 'bulk', 512), endpoint(2, 'in', 'bulk', 512)]),
];

describe('the endpoints of a device', () => {
  test('are the first pair of bulk endpoints, in whatever interface and setting they stand', () => {
    expect(chooseRoute(printer, {})).toEqual({
      ok: true,
      value: {
        interface: 1,
        alternate: 1,
        pairs: [{ out: { endpoint: 1, packetSize: 512 }, in: { endpoint: 2, packetSize: 512 } }],
      },
    });
  });

  test('are two pairs in the order of the descriptor where frames are split', () => {
    const route = chooseRoute(reader, { splitAt: 7 });
    expect(route).toMatchObject({
      ok: true,
      value: {
        pairs: [
          { out: { endpoint: 2 }, in: { endpoint: 1 } },
          { out: { endpoint: 6 }, in: { endpoint: 5 } },
        ],
      },
    });
  });

  test('are those that are named', () => {
    const named = chooseRoute(reader, {
      splitAt: 7,
      endpoints: [
        { out: 6, in: 5 },
        { out: 2, in: 1 },
      ],
    });
    expect(named).toMatchObject({
      ok: true,
      value: {
        pairs: [
          { out: { endpoint: 6 }, in: { endpoint: 5 } },
          { out: { endpoint: 2 }, in: { endpoint: 1 } },
        ],
      },
    });
  });

  test('that do not exist are told in a sentence', () => {
    const sentences = [
      chooseRoute(reader, { interface: 3 }),
      chooseRoute(printer, { interface: 0 }),
      chooseRoute(printer, { splitAt: 7 }),
      chooseRoute(reader, { endpoints: [{ out: 1, in: 2 }] }),
      chooseRoute(reader, { splitAt: 7, endpoints: [{ out: 2, in: 1 }] }),
      chooseRoute([], {}),
    ].map((route) => (route.ok ? expect.unreachable('there is none') : route.error));
    expect(sentences).toEqual([
      'the device has no interface 3',
      'the device has no pair of bulk endpoints',
      'the device has no two pairs of bulk endpoints',
      'the device has no bulk endpoints out 1 in 2',
      'two pairs of endpoints must be named, or none',
      'the device has no interface that could be used',
    ]);
  });
});
