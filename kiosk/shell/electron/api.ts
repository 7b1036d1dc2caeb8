import type { MessagePortMain } from 'electron';

/**
 * The part of Electron's API this shell asks for, and nothing more: there is no ipcMain here, because the page
 * reaches the main process in no way at all. Meanings are Electron's own.
 */
export interface Preventable {
  preventDefault(): void;
}

export interface WebContents {
  on(event: 'will-navigate', listener: (event: Preventable) => void): unknown;
  on(event: 'will-frame-navigate', listener: (event: Preventable) => void): unknown;
  on(event: 'will-redirect', listener: (event: Preventable) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
  on(event: 'did-finish-load', listener: () => void): unknown;
  on(event: 'render-process-gone', listener: () => void): unknown;
  on(event: 'unresponsive', listener: () => void): unknown;
  setWindowOpenHandler(handler: () => { action: 'deny' }): void;
  setVisualZoomLevelLimits(minimum: number, maximum: number): Promise<void>;
  postMessage(channel: string, message: unknown, transfer: Port[]): void;
  forcefullyCrashRenderer(): void;
  getURL(): string;
}

export type Port = MessagePortMain;

export interface WindowOptions {
  kiosk: boolean;
  fullscreen: boolean;
  autoHideMenuBar: boolean;
  backgroundColor: string;
  title: string;
  webPreferences: {
    preload: string;
    partition: string;
    contextIsolation: boolean;
    sandbox: boolean;
    nodeIntegration: boolean;
    nodeIntegrationInWorker: boolean;
    nodeIntegrationInSubFrames: boolean;
    webSecurity: boolean;
    allowRunningInsecureContent: boolean;
    experimentalFeatures: boolean;
    webviewTag: boolean;
    devTools: boolean;
    spellcheck: boolean;
    navigateOnDragDrop: boolean;
    disableDialogs: boolean;
    autoplayPolicy: 'no-user-gesture-required';
  };
}

export interface Window {
  readonly webContents: WebContents;
  on(event: 'close', listener: (event: Preventable) => void): unknown;
  loadURL(url: string): Promise<void>;
  focus(): void;
  isDestroyed(): boolean;
}

export interface Session {
  readonly protocol: { handle(scheme: string, handler: (request: Request) => Promise<Response>): void };
  readonly webRequest: {
    onBeforeRequest(
      listener: (details: { url: string }, callback: (answer: { cancel: boolean }) => void) => void,
    ): void;
  };
  setPermissionRequestHandler(
    handler: (
      contents: unknown,
      permission: string,
      callback: (granted: boolean) => void,
      details: PermissionDetails,
    ) => void,
  ): void;
  setPermissionCheckHandler(
    handler: (contents: unknown, permission: string, origin: string, details: PermissionDetails) => boolean,
  ): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  setSpellCheckerEnabled(enabled: boolean): void;
  on(event: 'will-download', listener: (event: Preventable) => void): unknown;
}

/** What Electron tells about who asks for a permission, in a check (`mediaType`) or a request (`mediaTypes`). */
export interface PermissionDetails {
  isMainFrame: boolean;
  requestingUrl?: string;
  mediaType?: string;
  mediaTypes?: string[];
}

export interface UtilityProcess {
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  on(event: 'exit', listener: (code: number) => void): unknown;
  /** What the process said through its `process.parentPort`. */
  on(event: 'message', listener: (message: unknown) => void): unknown;
  postMessage(message: unknown, transfer: Port[]): void;
  kill(): boolean;
}

export interface ElectronApi {
  readonly app: {
    setPath(name: 'userData', folder: string): void;
    requestSingleInstanceLock(): boolean;
    enableSandbox(): void;
    whenReady(): Promise<void>;
    quit(): void;
    exit(code: number): void;
    on(event: 'second-instance', listener: () => void): unknown;
    on(event: 'window-all-closed', listener: () => void): unknown;
    on(event: 'before-quit', listener: (event: Preventable) => void): unknown;
    on(event: 'web-contents-created', listener: (event: unknown, contents: WebContents) => void): unknown;
    on(
      event: 'certificate-error',
      listener: (
        event: Preventable,
        contents: unknown,
        url: string,
        error: string,
        certificate: unknown,
        callback: (trusted: boolean) => void,
      ) => void,
    ): unknown;
  };
  readonly protocol: {
    registerSchemesAsPrivileged(
      schemes: {
        scheme: string;
        privileges: Partial<Record<'standard' | 'secure' | 'supportFetchAPI' | 'stream', boolean>>;
      }[],
    ): void;
  };
  readonly session: { fromPartition(partition: string): Session };
  readonly utilityProcess: {
    fork(
      file: string,
      args: string[],
      options: { stdio: 'pipe' | 'ignore'; serviceName: string; env: Record<string, string | undefined> },
    ): UtilityProcess;
  };
  readonly safeStorage: {
    isAsyncEncryptionAvailable(): Promise<boolean>;
    encryptStringAsync(text: string): Promise<Buffer>;
    decryptStringAsync(encrypted: Buffer): Promise<{ result: string }>;
    /** Linux only. */
    getSelectedStorageBackend(): string;
  };
  readonly Menu: { setApplicationMenu(menu: null): void };
  readonly MessageChannelMain: new () => { readonly port1: Port; readonly port2: Port };
  readonly BrowserWindow: new (options: WindowOptions) => Window;
}
