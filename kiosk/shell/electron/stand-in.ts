import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type {
  ElectronApi,
  PermissionDetails,
  Port,
  Session,
  UtilityProcess,
  Window,
  WindowOptions,
} from './api.ts';

/** Emits like Electron, but only events it knows: asking for any other is a mistake that throws. */
class StrictEmitter extends EventEmitter {
  readonly #known: readonly string[];
  constructor(known: readonly string[]) {
    super();
    this.#known = known;
  }
  override on(event: string, listener: (...args: never[]) => void): this {
    if (!this.#known.includes(event)) throw new Error(`Electron has no event ${event} here`);
    return super.on(event, listener as (...args: unknown[]) => void);
  }
  /** Emits an event that can be prevented, to at least one listener; true when it was. */
  prevented(event: string, ...args: unknown[]): boolean {
    let prevented = false;
    const preventable = {
      preventDefault: () => {
        prevented = true;
      },
    };
    if (!this.emit(event, preventable, ...args)) throw new Error(`nobody listens to ${event}`);
    return prevented;
  }
}

/** Gives out only what was put in: reading any other member throws, as calling it in Electron would be a mistake. */
export function strict<T extends object>(name: string, members: T): T {
  return new Proxy(members, {
    get(target, key, receiver) {
      // A promise's `then` is asked for by the language itself.
      if (!(key in target) && key !== 'then')
        throw new Error(`${name}.${String(key)} is not asked for by this shell`);
      const value: unknown = Reflect.get(target, key, receiver);
      return typeof value === 'function' && !('prototype' in value && key === 'BrowserWindow')
        ? value.bind(target)
        : value;
    },
  });
}

/** One end of a channel, told apart by its name; the shell only passes it on. */
export class StandInPort {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export class StandInContents extends StrictEmitter {
  url = '';
  crashed = 0;
  zoom: [number, number] | undefined;
  opener: (() => { action: 'deny' }) | undefined;
  readonly posted: { channel: string; message: unknown; transfer: Port[] }[] = [];
  constructor() {
    super([
      'will-navigate',
      'will-frame-navigate',
      'will-redirect',
      'will-attach-webview',
      'did-finish-load',
      'render-process-gone',
      'unresponsive',
    ]);
  }
  setWindowOpenHandler(handler: () => { action: 'deny' }): void {
    this.opener = handler;
  }
  async setVisualZoomLevelLimits(minimum: number, maximum: number): Promise<void> {
    this.zoom = [minimum, maximum];
  }
  postMessage(channel: string, message: unknown, transfer: Port[]): void {
    this.posted.push({ channel, message, transfer });
  }
  forcefullyCrashRenderer(): void {
    this.crashed += 1;
    this.emit('render-process-gone');
  }
  getURL(): string {
    return this.url;
  }
}

export class StandInWindow extends StrictEmitter implements Window {
  readonly webContents = new StandInContents();
  readonly options: WindowOptions;
  loads = 0;
  focused = 0;
  constructor(options: WindowOptions) {
    super(['close']);
    this.options = options;
  }
  async loadURL(url: string): Promise<void> {
    this.loads += 1;
    this.webContents.url = url;
    this.webContents.emit('did-finish-load');
  }
  focus(): void {
    this.focused += 1;
  }
  isDestroyed(): boolean {
    return false;
  }
}

/** A core or a port host. */
export class StandInProcess extends StrictEmitter implements UtilityProcess {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly posted: { message: unknown; transfer: Port[] }[] = [];
  killed = 0;
  constructor() {
    super(['exit', 'message']);
  }
  postMessage(message: unknown, transfer: Port[]): void {
    this.posted.push({ message, transfer });
  }
  kill(): boolean {
    this.killed += 1;
    return true;
  }
}

export class StandInSession extends StrictEmitter {
  handler: ((request: Request) => Promise<Response>) | undefined;
  scheme: string | undefined;
  spellChecker = true;
  request: ((permission: string, details: PermissionDetails) => boolean) | undefined;
  check: ((permission: string, details: PermissionDetails) => boolean) | undefined;
  device: (() => boolean) | undefined;
  cancels: ((url: string) => boolean) | undefined;
  constructor() {
    super(['will-download']);
  }
  readonly protocol = strict('session.protocol', {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
      this.scheme = scheme;
      this.handler = handler;
    },
  });
  readonly webRequest = strict('session.webRequest', {
    onBeforeRequest: (
      listener: (details: { url: string }, callback: (answer: { cancel: boolean }) => void) => void,
    ) => {
      this.cancels = (url) => {
        let cancelled: boolean | undefined;
        listener({ url }, ({ cancel }) => {
          cancelled = cancel;
        });
        if (cancelled === undefined) throw new Error('a request was not answered');
        return cancelled;
      };
    },
  });
  setPermissionRequestHandler(handler: Parameters<Session['setPermissionRequestHandler']>[0]): void {
    this.request = (permission, details) => {
      let granted: boolean | undefined;
      handler(
        null,
        permission,
        (answer) => {
          granted = answer;
        },
        details,
      );
      if (granted === undefined) throw new Error('a permission was not answered');
      return granted;
    };
  }
  setPermissionCheckHandler(handler: Parameters<Session['setPermissionCheckHandler']>[0]): void {
    this.check = (permission, details) => handler(null, permission, details.requestingUrl ?? '', details);
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.device = handler;
  }
  setSpellCheckerEnabled(enabled: boolean): void {
    this.spellChecker = enabled;
  }
}

class StandInApp extends StrictEmitter {
  #ready = false;
  readonly #log: string[];
  lock = true;
  constructor(log: string[]) {
    super([
      'second-instance',
      'window-all-closed',
      'before-quit',
      'web-contents-created',
      'certificate-error',
    ]);
    this.#log = log;
  }
  get ready(): boolean {
    return this.#ready;
  }
  setPath(name: string, folder: string): void {
    this.#log.push(`setPath ${name} ${folder}`);
  }
  requestSingleInstanceLock(): boolean {
    this.#log.push('lock');
    return this.lock;
  }
  enableSandbox(): void {
    if (this.#ready) throw new Error('enableSandbox must come before ready');
    this.#log.push('sandbox');
  }
  async whenReady(): Promise<void> {
    this.#ready = true;
    this.#log.push('ready');
  }
  quit(): void {
    this.#log.push('quit');
    if (!this.prevented('before-quit')) this.exit(0);
  }
  exit(code: number): void {
    this.#log.push(`exit ${code}`);
  }
}

/**
 * A keyring as Electron hands it on: what it hides begins with a mark of its own, and opens only with the secret that is
 * there. Its Linux backend is `basic_text` where the desktop has none.
 */
export class StandInKeyring {
  readonly #app: { readonly ready: boolean };
  available = true;
  backend = 'gnome_libsecret';
  secret = randomBytes(32);
  constructor(app: { readonly ready: boolean }) {
    this.#app = app;
  }
  async isAsyncEncryptionAvailable(): Promise<boolean> {
    return this.#app.ready && this.available;
  }
  getSelectedStorageBackend(): string {
    return this.#app.ready ? this.backend : 'unknown';
  }
  async encryptStringAsync(text: string): Promise<Buffer> {
    if (!this.#app.ready || !this.available) throw new Error('Error while encrypting the text provided');
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.secret, nonce);
    const sealed = [cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat([Buffer.from('v11'), nonce, ...sealed]);
  }
  async decryptStringAsync(encrypted: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    const refused = 'Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync';
    try {
      if (!this.available || encrypted.subarray(0, 3).toString() !== 'v11') throw new Error(refused);
      const decipher = createDecipheriv('aes-256-gcm', this.secret, encrypted.subarray(3, 15));
      decipher.setAuthTag(encrypted.subarray(-16));
      const result = decipher.update(encrypted.subarray(15, -16), undefined, 'utf8') + decipher.final('utf8');
      return { result, shouldReEncrypt: false };
    } catch {
      throw new Error(refused);
    }
  }
}

/** An Electron that checks what is asked of it, in which order, and lets a test see the answers. */
export function standIn() {
  const log: string[] = [];
  const app = new StandInApp(log);
  const keyring = new StandInKeyring(app);
  const windows: StandInWindow[] = [];
  /** Every utility process that was started, in order; `forks` says how. */
  const processes: StandInProcess[] = [];
  const forks: {
    file: string;
    args: string[];
    options: Parameters<ElectronApi['utilityProcess']['fork']>[2];
  }[] = [];
  const sessions = new Map<string, StandInSession>();
  const schemes: Parameters<ElectronApi['protocol']['registerSchemesAsPrivileged']>[0] = [];
  let channels = 0;
  const beforeReady = (what: string) => {
    if (app.ready) throw new Error(`${what} must come before ready`);
  };
  const afterReady = (what: string) => {
    if (!app.ready) throw new Error(`${what} must come after ready`);
  };
  class BrowserWindow extends StandInWindow {
    constructor(options: WindowOptions) {
      afterReady('new BrowserWindow');
      super(options);
      windows.push(this);
      app.emit('web-contents-created', {}, this.webContents);
    }
  }
  class MessageChannelMain {
    readonly port1: Port;
    readonly port2: Port;
    constructor() {
      channels += 1;
      this.port1 = new StandInPort(`${channels} first`) as unknown as Port;
      this.port2 = new StandInPort(`${channels} second`) as unknown as Port;
    }
  }
  const electron: ElectronApi = strict('electron', {
    app,
    BrowserWindow,
    MessageChannelMain,
    safeStorage: strict('safeStorage', keyring),
    Menu: strict('Menu', {
      setApplicationMenu: (menu: null) => {
        log.push(`menu ${menu}`);
      },
    }),
    protocol: strict('protocol', {
      registerSchemesAsPrivileged: (given: typeof schemes) => {
        beforeReady('registerSchemesAsPrivileged');
        schemes.push(...given);
      },
    }),
    session: strict('session', {
      fromPartition: (partition: string) => {
        afterReady('session.fromPartition');
        const session = sessions.get(partition) ?? new StandInSession();
        sessions.set(partition, session);
        return session;
      },
    }),
    utilityProcess: strict('utilityProcess', {
      fork: (file: string, args: string[], options: (typeof forks)[number]['options']) => {
        afterReady('utilityProcess.fork');
        forks.push({ file, args, options });
        const started = new StandInProcess();
        processes.push(started);
        return started;
      },
    }),
  });
  const utilities = (serviceName: string) =>
    processes.filter((_, at) => forks[at]?.options.serviceName === serviceName);
  return {
    electron,
    app,
    keyring,
    log,
    windows,
    /** The utility processes of that name, in the order they were started. */
    utilities,
    forks,
    sessions,
    schemes,
  };
}
