import { beforeEach, describe, expect, test, vi } from 'vitest';
import { contentPolicy } from './security.ts';
import { createShell } from './shell.ts';
import { StandInPort, standIn, strict } from './stand-in.ts';

let now = 0;
let timers: { at: number; action: () => void }[] = [];
let said = { out: '', err: '' };

beforeEach(() => {
  now = 0;
  timers = [];
  said = { out: '', err: '' };
});

const world = {
  fetch,
  now: () => now,
  later: (ms: number, action: () => void) => timers.push({ at: now + ms, action }),
  print: (text: string) => {
    said.out += text;
  },
  complain: (text: string) => {
    said.err += text;
  },
};

function pass(ms: number): void {
  now += ms;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { action } of due) action();
}

/** A shell whose core has said that it is ready. */
async function started(production = true) {
  const fake = standIn();
  await createShell(
    fake.electron,
    {
      preload: '/app/preload.cjs',
      core: '/app/core.js',
      portHost: '/app/port-host.js',
      screen: '/app/screen',
      userData: '/data/electron',
      coreArguments: ['--port', '8701'],
      coreEnvironment: { HUIMIN_ASSETS: '/app/assets', PATH: '/bin', NODE_OPTIONS: '--inspect' },
      production,
      platform: 'linux',
    },
    world,
  );
  const cores = () => fake.utilities('kiosk core');
  const core = () => cores().at(-1) ?? expect.unreachable('no core was started');
  const ready = () => core().stdout.emit('data', 'some line\nready kiosk http://127.0.0.1:8701/\n');
  const window = () => fake.windows.at(-1) ?? expect.unreachable('no window was opened');
  const session = () => fake.sessions.get('screen') ?? expect.unreachable('no session was used');
  return { ...fake, cores, core, ready, window, session };
}

describe('the security checklist', () => {
  test('the window is isolated, sandboxed and without Node, in one kiosk window', async () => {
    const { ready, windows, window, log, forks } = await started();
    expect(windows).toHaveLength(0);
    ready();
    expect(windows).toHaveLength(1);
    expect(window().options).toMatchObject({
      kiosk: true,
      fullscreen: true,
      webPreferences: {
        preload: '/app/preload.cjs',
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        devTools: false,
        navigateOnDragDrop: false,
      },
    });
    // No preference that the checklist does not name, so none that opens something by the way.
    expect(Object.keys(window().options.webPreferences).sort()).toEqual([
      'allowRunningInsecureContent',
      'autoplayPolicy',
      'contextIsolation',
      'devTools',
      'disableDialogs',
      'experimentalFeatures',
      'navigateOnDragDrop',
      'nodeIntegration',
      'nodeIntegrationInSubFrames',
      'nodeIntegrationInWorker',
      'partition',
      'preload',
      'sandbox',
      'spellcheck',
      'webSecurity',
      'webviewTag',
    ]);
    expect(log.indexOf('sandbox')).toBeLessThan(log.indexOf('ready'));
    expect(log).toContain('menu null');
    expect(forks[0]).toEqual({
      file: '/app/core.js',
      args: ['--port', '8701'],
      options: {
        stdio: 'pipe',
        serviceName: 'kiosk core',
        env: { HUIMIN_ASSETS: '/app/assets', PATH: '/bin', NODE_OPTIONS: '--inspect' },
      },
    });
  });

  test('developer tools are there in development only', async () => {
    const { ready, window } = await started(false);
    ready();
    expect(window().options.webPreferences.devTools).toBe(true);
  });

  test('nothing the page keeps reaches the disk: its session is in memory', async () => {
    const { sessions, ready, window } = await started();
    ready();
    expect([...sessions.keys()]).toEqual(['screen']);
    expect(window().options.webPreferences.partition).not.toMatch(/^persist:/);
  });

  test('no page goes anywhere, opens a window or embeds another', async () => {
    const { ready, window } = await started();
    ready();
    const contents = window().webContents;
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
      expect(contents.prevented(event), event).toBe(true);
    }
    expect(contents.opener?.()).toEqual({ action: 'deny' });
    expect(contents.zoom).toEqual([1, 1]);
  });

  test('the camera is for our own page, asked or checked, and nothing else is for anyone', async () => {
    const { session } = await started();
    const ours = { isMainFrame: true, requestingUrl: 'kiosk://screen/' };
    const { request, check, device } = session();
    expect(request?.('media', { ...ours, mediaTypes: ['video'] })).toBe(true);
    expect(check?.('media', { ...ours, mediaType: 'video' })).toBe(true);
    const refused: Parameters<NonNullable<typeof request>>[] = [
      ['media', { ...ours, mediaTypes: ['video', 'audio'] }],
      ['media', { ...ours, mediaType: 'audio' }],
      ['media', ours],
      ['media', { isMainFrame: false, requestingUrl: 'kiosk://screen/', mediaTypes: ['video'] }],
      ['media', { isMainFrame: true, requestingUrl: 'https://example.org/', mediaTypes: ['video'] }],
      ['media', { isMainFrame: true, requestingUrl: 'kiosk://screen.example.org/', mediaType: 'video' }],
      ['media', { isMainFrame: true, mediaTypes: ['video'] }],
      ['geolocation', ours],
      ['openExternal', ours],
      ['fullscreen', ours],
      ['usb', ours],
      ['unknown', ours],
    ];
    for (const [permission, details] of refused) {
      expect(request?.(permission, details), `${permission} ${JSON.stringify(details)}`).toBe(false);
      expect(check?.(permission, details), `${permission} ${JSON.stringify(details)}`).toBe(false);
    }
    expect(device?.()).toBe(false);
  });

  test('only our own addresses are requested, and nothing is downloaded', async () => {
    const { session } = await started();
    const { cancels } = session();
    for (const url of [
      'kiosk://screen/',
      'kiosk://screen/assets/a.js',
      'data:image/png;base64,',
      'blob:kiosk://screen/1',
    ]) {
      expect(cancels?.(url), url).toBe(false);
    }
    for (const url of [
      'https://example.org/',
      'http://127.0.0.1:8701/',
      'file:///etc/passwd',
      'kiosk://other/',
      'ws://127.0.0.1/',
    ]) {
      expect(cancels?.(url), url).toBe(true);
    }
    expect(session().prevented('will-download')).toBe(true);
    expect(session().spellChecker).toBe(false);
  });

  test('a faulty certificate is refused', async () => {
    const { app } = await started();
    let trusted: boolean | undefined;
    const prevented = app.prevented('certificate-error', {}, 'https://x', 'ERR', {}, (answer: boolean) => {
      trusted = answer;
    });
    expect({ prevented, trusted }).toEqual({ prevented: true, trusted: false });
  });

  test('the scheme is privileged no further than it must be', async () => {
    const { schemes, session } = await started();
    expect(schemes).toEqual([
      { scheme: 'kiosk', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ]);
    expect(session().scheme).toBe('kiosk');
  });

  test('the policy lets in nothing from elsewhere and no inline script', () => {
    const policy = new Map(
      contentPolicy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]),
    );
    expect(policy.get('default-src')).toEqual(["'none'"]);
    expect(policy.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
    for (const sources of policy.values()) {
      expect(sources).not.toContain("'unsafe-inline'");
      expect(sources).not.toContain("'unsafe-eval'");
      expect(sources?.filter((source) => source === '*' || source.startsWith('http'))).toEqual([]);
    }
  });

  test('the stand-in refuses what this shell has no business asking for', () => {
    const { electron } = standIn();
    expect(() => (electron as unknown as { ipcMain: unknown }).ipcMain).toThrow(/not asked for/);
    expect(() => (electron as unknown as { shell: unknown }).shell).toThrow(/not asked for/);
    expect(() => electron.session.fromPartition('x')).toThrow(/after ready/);
    expect(() => strict('x', { a: 1 }).a).not.toThrow();
  });
});

describe('one instance', () => {
  test('a second one ends at once and touches nothing', async () => {
    const fake = standIn();
    fake.app.lock = false;
    const options = {
      preload: '',
      core: '',
      portHost: '',
      screen: '',
      userData: '/data/electron',
      coreArguments: [],
      coreEnvironment: {},
      production: true,
      platform: 'linux',
    };
    await createShell(fake.electron, options, world);
    expect(fake.log).toEqual(['setPath userData /data/electron', 'lock', 'exit 1']);
    expect(said.err).toMatch(/already running/);
  });

  test('the first one comes to the front', async () => {
    const { app, ready, window } = await started();
    ready();
    app.emit('second-instance');
    expect(window().focused).toBe(1);
  });
});

describe('core and page', () => {
  test('get the two ends of one channel, and only them', async () => {
    const { ready, core, window } = await started();
    ready();
    expect(core().posted).toEqual([{ message: { type: 'screen' }, transfer: [new StandInPort('1 first')] }]);
    expect(window().webContents.posted).toEqual([
      { channel: 'kiosk-port', message: null, transfer: [new StandInPort('1 second')] },
    ]);
    expect(said.out).toContain('ready kiosk http://127.0.0.1:8701/\n');
  });

  test('a page that is not ours gets no end', async () => {
    const { ready, core, window } = await started();
    ready();
    window().webContents.url = 'https://example.org/';
    window().webContents.emit('did-finish-load');
    expect(core().posted).toHaveLength(1);
    expect(window().webContents.posted).toHaveLength(1);
  });

  test('a page that broke or hangs is loaded again with a new channel, more and more slowly', async () => {
    const { ready, core, window } = await started();
    ready();
    window().webContents.emit('render-process-gone');
    pass(999);
    expect(window().loads).toBe(1);
    pass(1);
    expect(window().loads).toBe(2);
    expect(core().posted).toHaveLength(2);
    window().webContents.emit('unresponsive');
    expect(window().webContents.crashed).toBe(1);
    pass(1999);
    expect(window().loads).toBe(2);
    pass(1);
    expect(window().loads).toBe(3);
  });

  test('a core that ends starts again and is joined to the same window', async () => {
    const { ready, cores, core, window, windows } = await started();
    ready();
    core().emit('exit', 1);
    expect(cores()).toHaveLength(1);
    pass(1000);
    expect(cores()).toHaveLength(2);
    ready();
    expect(windows).toHaveLength(1);
    expect(core().posted).toHaveLength(1);
    expect(window().webContents.posted).toHaveLength(2);
    core().emit('exit', 1);
    pass(1999);
    expect(cores()).toHaveLength(2);
    pass(1);
    expect(cores()).toHaveLength(3);
  });

  test('a core that never was ready ends the application with its code', async () => {
    const { core, log, windows } = await started();
    core().stderr.emit('data', 'kiosk.yaml:3: baudRate is a number\n');
    core().emit('exit', 1);
    expect(log.at(-1)).toBe('exit 1');
    expect(said.err).toBe('kiosk.yaml:3: baudRate is a number\n');
    expect(windows).toHaveLength(0);
    const other = await started();
    other.core().emit('exit', 0);
    expect(other.log.at(-1)).toBe('exit 1');
  });

  test('a ready line that comes in pieces is understood', async () => {
    const { core, windows } = await started();
    core().stdout.emit('data', 'ready kiosk http://127.0');
    expect(windows).toHaveLength(0);
    core().stdout.emit('data', '.0.1:8701/\n');
    expect(windows).toHaveLength(1);
  });
});

describe('ending', () => {
  test('the window does not close by itself', async () => {
    const { ready, window } = await started();
    ready();
    expect(window().prevented('close')).toBe(true);
  });

  test('the core ends first, then the application; nothing starts again', async () => {
    const { ready, app, core, cores, log, window } = await started();
    ready();
    app.quit();
    app.quit();
    expect(core().killed).toBe(1);
    expect(log.filter((entry) => entry.startsWith('exit'))).toEqual([]);
    expect(window().prevented('close')).toBe(false);
    core().emit('exit', 0);
    expect(log.at(-1)).toBe('exit 0');
    pass(60_000);
    expect(cores()).toHaveLength(1);
  });

  test('a core that does not end is not waited for longer than its grace', async () => {
    const { ready, app, log } = await started();
    ready();
    app.quit();
    pass(2499);
    expect(log.at(-1)).toBe('quit');
    pass(1);
    expect(log.at(-1)).toBe('exit 0');
  });
});

describe('the ports of the core’s devices', () => {
  const isHost = { type: 'port-host', id: 7 };

  test('are held by processes of their own, each with a channel to the core alone', async () => {
    const { core, ready, utilities, forks, window, windows } = await started();
    core().emit('message', isHost);
    core().emit('message', isHost);
    ready();
    expect(windows).toHaveLength(1);
    const [host, another] = utilities('kiosk port');
    expect(another).toBeUndefined();
    expect(forks.at(-1)).toEqual({
      file: '/app/port-host.js',
      args: [],
      options: { stdio: 'ignore', serviceName: 'kiosk port', env: { PATH: '/bin' } },
    });
    expect(core().posted[0]).toEqual({ message: isHost, transfer: [new StandInPort('1 first')] });
    expect(host?.posted).toEqual([{ message: { type: 'port' }, transfer: [new StandInPort('1 second')] }]);
    expect(window().webContents.posted.flatMap(({ transfer }) => transfer)).not.toContainEqual(
      new StandInPort('1 first'),
    );
  });

  test('are told to have ended, and ended when the core asks', async () => {
    const { core, utilities } = await started();
    core().emit('message', isHost);
    core().emit('message', { type: 'end-port-host', id: 7 });
    core().emit('message', { type: 'end-port-host', id: 8 });
    const [host] = utilities('kiosk port');
    expect(host?.killed).toBe(1);
    host?.emit('exit', 139);
    expect(core().posted.at(-1)).toEqual({
      message: { type: 'port-host-ended', id: 7, code: 139 },
      transfer: [],
    });
    core().emit('message', isHost);
    expect(utilities('kiosk port')).toHaveLength(2);
  });

  test('end with the core', async () => {
    const { core, ready, utilities } = await started();
    ready();
    core().emit('message', isHost);
    const first = core();
    first.emit('exit', 1);
    const [host] = utilities('kiosk port');
    expect(host?.killed).toBe(1);
    host?.emit('exit', 0);
    expect(first.posted.filter(({ message }) => JSON.stringify(message).includes('ended'))).toEqual([]);
  });

  test('are not started by what is no question', async () => {
    const { core, utilities } = await started();
    for (const message of [
      null,
      'port-host',
      { type: 'port-host' },
      { type: 'port-host', id: '1' },
      { id: 1 },
    ])
      core().emit('message', message);
    expect(utilities('kiosk port')).toEqual([]);
  });
});

describe('the keyring', () => {
  /** Asks as the core does; the answer is what it hears. */
  async function asker(
    more: Partial<Pick<Awaited<ReturnType<typeof started>>['keyring'], 'backend' | 'available'>> = {},
  ) {
    const { core, keyring } = await started();
    Object.assign(keyring, more);
    const process = core();
    const ask = async (question: unknown, data?: unknown, id: unknown = 3) => {
      const before = process.posted.length;
      process.emit('message', { type: 'keyring', id, question, data });
      await vi.waitFor(() => expect(process.posted.length).toBe(before + 1));
      expect(process.posted.at(-1)?.transfer).toEqual([]);
      return process.posted.at(-1)?.message;
    };
    return { ask, process, keyring };
  }
  const key = Buffer.from('a key of thirty-two bytes or so.').toString('base64');

  test('hides the core’s key and gives it back', async () => {
    const { ask } = await asker();
    expect(await ask('name')).toEqual({ type: 'keyring', id: 3, value: 'keyring gnome_libsecret' });
    const hidden = (await ask('wrap', key)) as { value: string };
    expect(Buffer.from(hidden.value, 'base64').includes('thirty-two')).toBe(false);
    expect(await ask('unwrap', hidden.value, 4)).toEqual({ type: 'keyring', id: 4, value: key });
  });

  test.each([[{ backend: 'basic_text' }], [{ backend: 'unknown' }], [{ available: false }]])(
    'is none where it protects nothing: %o',
    async (more) => {
      const { ask } = await asker(more);
      expect(await ask('name')).toEqual({ type: 'keyring', id: 3, value: null });
    },
  );

  test('says that it cannot, and nothing of the key', async () => {
    const { ask, keyring } = await asker();
    const hidden = (await ask('wrap', key)) as { value: string };
    keyring.secret = Buffer.alloc(32);
    expect(await ask('unwrap', hidden.value)).toEqual({
      type: 'keyring',
      id: 3,
      error: expect.stringMatching(/^Error while decrypting/),
    });
    expect(await ask('wrap')).toMatchObject({ error: 'the keyring was given nothing' });
    expect(await ask('sing', key)).toMatchObject({ error: 'the keyring was asked something else' });
  });

  test('does not answer to what is no question', async () => {
    const { ask, process } = await asker();
    for (const message of [
      null,
      'keyring',
      { type: 'keyring' },
      { type: 'keyring', id: '1', question: 'name' },
    ])
      process.emit('message', message);
    await ask('name');
    expect(process.posted).toHaveLength(1);
  });
});
