import type { ElectronApi, PermissionDetails, Session, WebContents, WindowOptions } from './api.ts';

/** The one origin that is ever shown. */
export const screenOrigin = 'kiosk://screen';

/** In memory only: no name beginning with `persist:`, so nothing the page does reaches the disk. */
export const partition = 'screen';

/** The one inline style of the page: React Aria's touch-action for what can be pressed. A test compares it. */
const pressableStyle = "'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='";

/**
 * What the page may load: itself. Scripts, styles and connections from its own origin; pictures and sound also from
 * memory. WebAssembly may be compiled, because the face matcher needs it.
 */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  `style-src 'self' ${pressableStyle}`,
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function windowOptions(preload: string, production: boolean): WindowOptions {
  return {
    kiosk: true,
    fullscreen: true,
    autoHideMenuBar: true,
    backgroundColor: '#FBF7EF',
    title: '惠民服务',
    webPreferences: {
      preload,
      partition,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      devTools: !production,
      spellcheck: false,
      navigateOnDragDrop: false,
      disableDialogs: true,
      autoplayPolicy: 'no-user-gesture-required',
    },
  };
}

/** Whether an address belongs to the screen. */
export function isScreen(url: string | undefined): boolean {
  const parsed = URL.parse(url ?? '');
  return parsed !== null && parsed.protocol === 'kiosk:' && parsed.host === 'screen';
}

/** The camera for the screen's own page: nothing else, no microphone, nobody else. */
export function mayUse(
  permission: string,
  { isMainFrame, requestingUrl, mediaType, mediaTypes }: PermissionDetails,
): boolean {
  if (permission !== 'media' || !isMainFrame || !isScreen(requestingUrl)) return false;
  const kinds = mediaTypes ?? (mediaType === undefined ? [] : [mediaType]);
  return kinds.length > 0 && kinds.every((kind) => kind === 'video');
}

/** Keeps any page where it is: no navigation, no redirect, no second window, no embedded one. */
export function hardenContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Keeps the page's session to itself: the camera, our own addresses, no downloads, no devices. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(mayUse(permission, details)),
  );
  session.setPermissionCheckHandler((_contents, permission, _origin, details) => mayUse(permission, details));
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest(({ url }, callback) =>
    callback({ cancel: !(isScreen(url) || /^(data|blob|devtools):/.test(url)) }),
  );
}

/** Before anything is shown: sandbox everything, trust no faulty certificate. */
export function hardenApp({ app, protocol, Menu }: Pick<ElectronApi, 'app' | 'protocol' | 'Menu'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'kiosk', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => hardenContents(contents));
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, callback) => {
    event.preventDefault();
    callback(false);
  });
  // Without a menu its shortcuts (reload, zoom, developer tools, quit) are gone too.
  Menu.setApplicationMenu(null);
}
