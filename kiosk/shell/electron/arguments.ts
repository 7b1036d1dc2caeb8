import path from 'node:path';
import { parseArgs } from 'node:util';

/** Where the application stands. */
export interface Place {
  readonly packaged: boolean;
  /** Electron's folder for this application's data. */
  readonly userData: string;
  /** Electron's folder for resources beside the application. */
  readonly resources: string;
  /** The folder of the built programs (kiosk/dist/electron). */
  readonly programs: string;
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exists: (file: string) => boolean;
}

export interface Arguments {
  readonly data: string;
  /** What the core is started with. */
  readonly core: readonly string[];
  /** The assets and the built pages, for the core: a bundle cannot find them from where it stands. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A package is configured by a file in the machine's usual place. */
function installedConfig({ packaged, platform, env, exists }: Place): string | undefined {
  const file =
    platform === 'win32'
      ? path.win32.join(env.ProgramData ?? 'C:\\ProgramData', 'huimin-kiosk', 'kiosk.yaml')
      : '/etc/huimin-kiosk/kiosk.yaml';
  return packaged && exists(file) ? file : undefined;
}

/** Reads the command line; options of Chromium, which stand among ours, are left alone. */
export function readArguments(args: readonly string[], place: Place): Arguments {
  const text = { type: 'string' } as const;
  const options = {
    config: text,
    data: text,
    backend: text,
    port: text,
    bench: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true });
  const given = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined);
  const data = given(values.data) ?? path.join(place.userData, 'kiosk');
  const config = given(values.config) ?? installedConfig(place);
  const passed = Object.entries({ data, config, backend: given(values.backend), port: given(values.port) });
  return {
    data,
    core: [
      ...passed.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
      // Without a configuration there are no devices but the bench's.
      ...(config === undefined || values.bench === true ? ['--bench'] : []),
    ],
    environment: {
      HUIMIN_ASSETS: place.packaged
        ? path.join(place.resources, 'assets')
        : path.resolve(place.programs, '../../../assets'),
      HUIMIN_DIST: path.resolve(place.programs, '..'),
    },
  };
}
