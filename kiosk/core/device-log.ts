import type { DeviceState, Unsubscribe } from '@huimin/drivers';

/** What is followed of a device. */
interface Followed {
  readonly status: { readonly device: DeviceState };
  onStatus(listener: (status: { readonly device: DeviceState }) => void): Unsubscribe;
}

/**
 * Says to technicians when a device is lost and when it is back, by its name in `kiosk.yaml`. One that is there from
 * the beginning is not spoken of. Returns what ends it.
 */
export function logDevices(
  devices: Readonly<Record<string, Followed | null>>,
  log: (sentence: string) => void,
): () => void {
  const stops = Object.entries(devices).map(([name, device]) => {
    let told: DeviceState = 'online';
    return device?.onStatus((status) => {
      if (status.device === told || status.device === 'starting') return;
      told = status.device;
      log(told === 'online' ? `${name}: online again` : `${name}: ${told}`);
    });
  });
  return () => {
    for (const stop of stops) stop?.();
  };
}
