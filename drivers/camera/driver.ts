import { channel } from '../channel.ts';
import { parseConfig } from '../config.ts';
import { commandError, type DriverOptions, err, systemClock } from '../device.ts';
import { type Lights, openLights } from '../lights/index.ts';
import { statusDesk } from '../status.ts';
import type { Camera, CameraCapabilities, CameraEvent, CameraStatus } from './camera.ts';
import { type CameraConfig, cameraConfigSchema } from './config.ts';
import { listKernelCameras } from './kernel-cameras.ts';
import { chooseCamera } from './match.ts';

/** A camera that comes or goes is noticed within two seconds; listing takes well under a millisecond. */
const LOOK_MS = 1000;

/** Watches for the camera until `close()`. Throws a `ConfigError`. */
export function openCamera(options: CameraConfig & DriverOptions): Camera {
  const { clock = systemClock, random = Math.random, startPortHost, ...rest } = options;
  const config = parseConfig('the camera', cameraConfigSchema, rest);
  const source = config.source ?? (process.platform === 'linux' ? 'kernel' : 'page');
  const status = statusDesk<CameraStatus>({ device: 'starting', label: null, ambiguous: [] });
  const events = channel<CameraEvent>();
  let cancelLook = () => {};
  let closed = false;

  const own = config.light && 'protocol' in config.light.lights;
  const lights: Lights | null =
    config.light === undefined
      ? null
      : 'setLight' in config.light.lights
        ? config.light.lights
        : openLights({ ...config.light.lights, clock, random, startPortHost });
  const lightName = config.light?.name ?? '';
  const capabilities: CameraCapabilities = {
    source,
    light: lights !== null,
    dimmable: lights?.capabilities.lights[lightName]?.dimmable ?? false,
  };

  const see = (labels: readonly string[]): void => {
    if (closed) return;
    const choice = chooseCamera(labels, config.select);
    const next: CameraStatus = {
      device: choice.kind === 'found' ? 'online' : choice.kind === 'none' ? 'noDevice' : 'userError',
      label: choice.kind === 'found' ? choice.label : null,
      ambiguous: choice.kind === 'ambiguous' ? choice.labels : [],
    };
    const was = status.current.device;
    status.set(next);
    if (next.device === 'online' && was !== 'online') events.tell({ name: 'CameraConnected' });
    if (next.device !== 'online' && was === 'online') events.tell({ name: 'CameraDisconnected' });
  };
  const look = (): void => {
    see(listKernelCameras(config.videoClass));
    cancelLook = clock.after(LOOK_MS, look);
  };
  // Behind the caller's own turn, so that whoever listens hears the first answer too.
  if (source === 'kernel') cancelLook = clock.after(0, look);

  return {
    capabilities,
    get status() {
      return status.current;
    },
    onStatus: status.listen,
    onEvent: events.listen,
    async setLight(level, commandOptions) {
      if (lights === null) {
        return err(commandError('unsupportedCommand', 'no-light', 'this camera has no light'));
      }
      return lights.setLight(
        lightName,
        { flashRate: level === 0 ? 'off' : 'continuous', level },
        commandOptions,
      );
    },
    reportDevices(labels) {
      if (source === 'page') see(labels);
    },
    async close() {
      closed = true;
      cancelLook();
      status.clear();
      events.clear();
      if (own) await lights?.close();
    },
  };
}
