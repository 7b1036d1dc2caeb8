import { expect, test } from 'vitest';
import { cameraLine, transportLine } from './kiosk-lines.ts';

test('the lines for kiosk.yaml, of every kind', () => {
  expect(transportLine({ kind: 'serial', path: '/dev/ttyUSB0', baudRate: 115200 })).toBe(
    'transport: { kind: serial, path: /dev/ttyUSB0, baudRate: 115200 }',
  );
  expect(transportLine({ kind: 'serial', path: '\\\\.\\COM10', baudRate: 9600 })).toBe(
    'transport: { kind: serial, path: "\\\\\\\\.\\\\COM10", baudRate: 9600 }',
  );
  expect(transportLine({ kind: 'tcp', host: '192.168.1.50', port: 9100 })).toBe(
    'transport: { kind: tcp, host: "192.168.1.50", port: 9100 }',
  );
  expect(transportLine({ kind: 'hid', device: '10c4:0007', usagePage: 140 })).toBe(
    'transport: { kind: hid, device: "10c4:0007", usagePage: 140 }',
  );
  expect(transportLine({ kind: 'usblp', path: '/dev/usb/lp0' })).toBe(
    'transport: { kind: usblp, path: /dev/usb/lp0 }',
  );
  expect(cameraLine('USB Camera: front (abcd:0001)')).toBe(
    'faceCamera: { label: "USB Camera: front (abcd:0001)" }',
  );
});

test('a text that could be read as a number or a truth value is quoted', () => {
  for (const serialNumber of ['00012', '1e3', '.5', '-', 'no', 'True', 'null']) {
    expect(transportLine({ kind: 'usb', device: '0400:c35a', serialNumber })).toBe(
      `transport: { kind: usb, device: "0400:c35a", serialNumber: "${serialNumber}" }`,
    );
  }
  expect(transportLine({ kind: 'usb', device: '0400:c35a', serialNumber: 'A-12_3' })).toContain(
    'serialNumber: A-12_3 }',
  );
});
