import './plain.ts';
import './theme/theme.ts';
import { createRoot } from 'react-dom/client';
import type { ToScreen } from '../bridge/index.ts';
import { App } from './app.tsx';
import { carrierOfPort, dialWebSocket, keepDialling, Link, onPort } from './carrier/index.ts';
import { calmGestures } from './keyboard/gestures.ts';
import { watchHands } from './keyboard/keyboard.ts';
import { nothingKnown, useScreen } from './store.ts';

const take = (message: ToScreen): void => {
  switch (message.type) {
    case 'welcome':
      useScreen.setState({ display: message.display });
      break;
    case 'snapshot':
      useScreen.setState({ snapshot: message.snapshot });
      break;
    case 'refused':
      // The core did not understand and says so; there is nothing a resident could do about it.
      console.warn('refused', message.reason);
      break;
  }
};

const link = new Link({
  onOpen: () => useScreen.setState({ ...nothingKnown, connected: true }),
  onMessage: take,
  onClose: () => useScreen.setState(nothingKnown),
});
const send = link.send.bind(link);

// Electron's page comes over a scheme of its own and is handed a port; a browser's comes over HTTP and dials.
const inBrowser = location.protocol.startsWith('http') && !navigator.userAgent.includes('Electron/');
onPort(window, (port) => link.adopt(carrierOfPort(port)));
if (inBrowser) {
  const page = new URL(location.href);
  void keepDialling(
    link,
    () => dialWebSocket(page),
    () => fetch(new URL('/', page), { cache: 'no-store' }),
    (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    new AbortController().signal,
  );
}

calmGestures(window);
watchHands(window, send);

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no place for the screen');
createRoot(root).render(<App send={send} />);
