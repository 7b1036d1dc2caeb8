import type { DeviceState } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { logDevices } from './device-log.ts';

test('a loss and a return are said once each, a good beginning is not', () => {
  let tell: (status: { device: DeviceState }) => void = () => undefined;
  const said: string[] = [];
  const reader = {
    status: { device: 'starting' as const },
    onStatus: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
  };
  logDevices({ idCardReader: reader, lights: null }, (sentence) => said.push(sentence));
  for (const device of ['online', 'noDevice', 'starting', 'noDevice', 'offline', 'online', 'online'] as const)
    tell({ device });
  expect(said).toEqual(['idCardReader: noDevice', 'idCardReader: offline', 'idCardReader: online again']);
});
