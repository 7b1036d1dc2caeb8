import path from 'node:path';

/** The machine, as far as finding a browser on it goes. */
export interface Machine {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exists: (file: string) => boolean;
}

const commands = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
];
const applications = ['Chromium', 'Google Chrome', 'Microsoft Edge'];
const windowsPrograms = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

function candidates({ platform, env }: Machine): readonly string[] {
  switch (platform) {
    case 'win32': {
      const places = [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA];
      return windowsPrograms.flatMap((program) =>
        places.flatMap((place) => (place ? [path.win32.join(place, program)] : [])),
      );
    }
    case 'darwin':
      return applications.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
    default: {
      const folders = (env.PATH ?? '').split(':').filter((folder) => folder !== '');
      return commands.flatMap((command) => folders.map((folder) => path.posix.join(folder, command)));
    }
  }
}

/** The Chromium, Chrome or Edge of this machine, in this order of preference. */
export function findBrowser(machine: Machine): string | undefined {
  return candidates(machine).find(machine.exists);
}

/** Whether a window can be opened at all: only Linux (and its like) may be without a display. */
export function hasDisplay({ platform, env }: Machine): boolean {
  return platform === 'win32' || platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * How the browser is started as a kiosk: one window without controls, nothing kept on disk (incognito, no crash
 * reports), no talk to the outside, sound without a press, the camera for the one page there is.
 */
export function browserArguments(options: {
  readonly address: string;
  readonly profile: string;
  readonly root: boolean;
}): readonly string[] {
  return [
    '--kiosk',
    `--app=${options.address}`,
    `--user-data-dir=${options.profile}`,
    '--incognito',
    '--lang=zh-CN',
    '--no-first-run',
    '--no-default-browser-check',
    '--noerrdialogs',
    '--disable-pinch',
    '--overscroll-history-navigation=0',
    '--disable-session-crashed-bubble',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-breakpad',
    '--password-store=basic',
    '--autoplay-policy=no-user-gesture-required',
    '--auto-accept-camera-and-microphone-capture',
    // Chromium's own sandbox does not start for root.
    ...(options.root ? ['--no-sandbox'] : []),
  ];
}

/** Chromium's preferences at the start of each run: no offer to translate, to save or to restore anything. */
export const browserPreferences = {
  translate: { enabled: false },
  credentials_enable_service: false,
  autofill: { profile_enabled: false, credit_card_enabled: false },
  session: { restore_on_startup: 5 },
} as const;
