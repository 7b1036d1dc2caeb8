import { nextDelay } from '../backoff.ts';
import type { ElectronApi, UtilityProcess, Window } from './api.ts';
import { serveKeyring } from './keyring.ts';
import { pagesFrom } from './pages.ts';
import { servePortHosts } from './port-hosts.ts';
import { hardenApp, hardenSession, isScreen, partition, screenOrigin, windowOptions } from './security.ts';

export interface ShellOptions {
  /** Absolute paths: the built preload script, the built core, its program for ports, the folder of the built screen. */
  readonly preload: string;
  readonly core: string;
  readonly portHost: string;
  readonly screen: string;
  /** Where Electron itself keeps what it must; also what makes the one instance one. */
  readonly userData: string;
  readonly coreArguments: readonly string[];
  readonly coreEnvironment: Readonly<Record<string, string | undefined>>;
  /** True in a package: no developer tools. */
  readonly production: boolean;
  /** As `process.platform`. */
  readonly platform: string;
}

/** What the shell uses of the world besides Electron. */
export interface World {
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly later: (ms: number, action: () => void) => void;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** How long the core may take to end by itself, in ms. */
const grace = 2500;

const readyLine = /^ready kiosk (\S+)$/;

/**
 * One kiosk window over one core process, joined by a message port that only the two of them hold. The shell keeps
 * both alive: a core that was ready and ends, or a page that breaks, starts again.
 */
export async function createShell(electron: ElectronApi, options: ShellOptions, world: World): Promise<void> {
  const { app } = electron;
  app.setPath('userData', options.userData);
  if (!app.requestSingleInstanceLock()) {
    world.complain('The kiosk is already running with this data folder.\n');
    app.exit(1);
    return;
  }
  hardenApp(electron);

  let core: UtilityProcess | undefined;
  let address: string | undefined;
  let window: Window | undefined;
  let ending = false;
  let coreDelay: number | undefined;
  let pageDelay: number | undefined;
  let loadedAt = 0;

  /** Gives the page and the core the two ends of a new channel. */
  const join = (): void => {
    if (window === undefined || window.isDestroyed() || core === undefined || address === undefined) return;
    if (!isScreen(window.webContents.getURL())) return;
    const { port1, port2 } = new electron.MessageChannelMain();
    core.postMessage({ type: 'screen' }, [port1]);
    window.webContents.postMessage('kiosk-port', null, [port2]);
  };

  const load = (): void => {
    loadedAt = world.now();
    // A page that cannot be loaded has emitted why; what matters here is that it is tried again.
    window?.loadURL(`${screenOrigin}/`).catch(() => reloadLater());
  };

  const reloadLater = (): void => {
    pageDelay = nextDelay(pageDelay, world.now() - loadedAt);
    world.later(pageDelay * 1000, () => {
      if (!ending) load();
    });
  };

  const openWindow = (): void => {
    const opened = new electron.BrowserWindow(windowOptions(options.preload, options.production));
    window = opened;
    opened.on('close', (event) => {
      if (!ending) event.preventDefault();
    });
    opened.webContents.on('did-finish-load', () => {
      void opened.webContents.setVisualZoomLevelLimits(1, 1);
      join();
    });
    opened.webContents.on('render-process-gone', reloadLater);
    opened.webContents.on('unresponsive', () => opened.webContents.forcefullyCrashRenderer());
    load();
  };

  const startCore = (): void => {
    const startedAt = world.now();
    const child = electron.utilityProcess.fork(options.core, [...options.coreArguments], {
      stdio: 'pipe',
      serviceName: 'kiosk core',
      env: { ...options.coreEnvironment },
    });
    core = child;
    servePortHosts(electron, child, { program: options.portHost, environment: options.coreEnvironment });
    serveKeyring(electron, child, options.platform);
    let rest = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (text: string) => {
      world.print(text);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      const found = lines.flatMap((line) => readyLine.exec(line)?.[1] ?? [])[0];
      if (found === undefined) return;
      address = found;
      if (window === undefined) openWindow();
      else join();
    });
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => world.complain(text));
    child.on('exit', (code) => {
      const wasReady = address !== undefined;
      core = undefined;
      address = undefined;
      if (ending) return app.exit(0);
      // A core that never was ready has said why, and would say it again.
      if (!wasReady && window === undefined) return app.exit(code === 0 ? 1 : code);
      coreDelay = nextDelay(coreDelay, world.now() - startedAt);
      world.complain(`The core ended (code ${code}); it starts again in ${coreDelay} s.\n`);
      world.later(coreDelay * 1000, () => {
        if (!ending) startCore();
      });
    });
  };

  app.on('second-instance', () => window?.focus());
  app.on('before-quit', (event) => {
    if (core === undefined) return;
    // The core ends first, so that what it holds is put away; its exit ends the application.
    event.preventDefault();
    if (ending) return;
    ending = true;
    core.kill();
    world.later(grace, () => app.exit(0));
  });
  // Windows end only with the kiosk.
  app.on('window-all-closed', () => app.quit());

  await app.whenReady();
  const session = electron.session.fromPartition(partition);
  hardenSession(session);
  session.protocol.handle(
    'kiosk',
    pagesFrom(options.screen, () => address, world.fetch),
  );
  startCore();
}
