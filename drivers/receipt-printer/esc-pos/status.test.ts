import { expect, test } from 'vitest';
import { type ReceiptPrinterStatus, toStatus } from '../condition.ts';
import { decodeAutomatic, decodeRealTime, type PrinterCondition, STATUS_QUERIES } from './status.ts';

const FINE = Object.assign(
  {},
  ...STATUS_QUERIES.map((query) => decodeRealTime(query, 0x12)),
) as PrinterCondition;

test('every byte is an answer to each question exactly when its fixed bits say so', () => {
  for (const query of STATUS_QUERIES) {
    for (let byte = 0; byte < 256; byte += 1) {
      const decoded = decodeRealTime(query, byte);
      const fixed = (byte & 1) === 0 && (byte & 2) === 2 && (byte & 16) === 16 && (byte & 128) === 0;
      expect(decoded !== null).toBe(fixed);
      if (!decoded) continue;
      const status = toStatus({ ...FINE, ...decoded });
      const b = (index: number) => ((byte >> index) & 1) === 1;
      const expected: ReceiptPrinterStatus = {
        device: 'online',
        paper: 'full',
        cover: 'closed',
        cutter: 'ok',
        head: 'ok',
      };
      if (query === 1 && b(3)) Object.assign(expected, { device: 'offline' });
      if (query === 2) {
        if (b(6)) Object.assign(expected, { device: 'hardwareError' });
        if (b(2) || b(5)) Object.assign(expected, { device: 'userError' });
        if (b(2)) Object.assign(expected, { cover: 'open' });
        if (b(5)) Object.assign(expected, { paper: 'out' });
      }
      if (query === 3) {
        if (b(6)) Object.assign(expected, { device: 'deviceBusy' });
        if (b(2) || b(3) || b(5)) Object.assign(expected, { device: 'hardwareError' });
        if (b(2)) Object.assign(expected, { paper: 'jammed' });
        if (b(3)) Object.assign(expected, { cutter: 'fault' });
        if (b(6)) Object.assign(expected, { head: 'overheated' });
      }
      if (query === 4) {
        if (b(2) || b(3)) Object.assign(expected, { paper: 'low' });
        if (b(5) || b(6)) Object.assign(expected, { paper: 'out', device: 'userError' });
      }
      expect({ query, byte, ...status }).toEqual({ query, byte, ...expected });
    }
  }
  expect(decodeRealTime(1, 0x112)).toBeNull();
  expect(decodeRealTime(1, 18.5)).toBeNull();
});

test('every automatic status is mapped, whatever its other bits say', () => {
  const b = (byte: number, index: number) => ((byte >> index) & 1) === 1;
  for (let byte = 0; byte < 256; byte += 1) {
    for (const place of [0, 1, 2, 3] as const) {
      const bytes: [number, number, number, number] = [0x10, 0, 0, 0];
      bytes[place] = byte;
      const status = toStatus(decodeAutomatic(bytes));
      const expected: ReceiptPrinterStatus = {
        device: 'online',
        paper: 'full',
        cover: 'closed',
        cutter: 'ok',
        head: 'ok',
      };
      if (place === 0 && b(byte, 3)) Object.assign(expected, { device: 'offline' });
      if (place === 0 && b(byte, 5)) Object.assign(expected, { device: 'userError', cover: 'open' });
      if (place === 1) {
        if (b(byte, 6)) Object.assign(expected, { device: 'deviceBusy' });
        if (b(byte, 2) || b(byte, 3) || b(byte, 5)) Object.assign(expected, { device: 'hardwareError' });
        if (b(byte, 2)) Object.assign(expected, { paper: 'jammed' });
        if (b(byte, 3)) Object.assign(expected, { cutter: 'fault' });
        if (b(byte, 6)) Object.assign(expected, { head: 'overheated' });
      }
      if (place === 2) {
        if (b(byte, 0) || b(byte, 1)) Object.assign(expected, { paper: 'low' });
        if (b(byte, 2) || b(byte, 3)) Object.assign(expected, { paper: 'out', device: 'userError' });
      }
      expect({ place, byte, ...status }).toEqual({ place, byte, ...expected });
    }
  }
});
