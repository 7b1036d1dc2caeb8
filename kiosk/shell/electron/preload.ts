// All that the page is given: its end of the channel to the core. It exposes nothing else.
import { ipcRenderer } from 'electron';

ipcRenderer.on('kiosk-port', (event) => {
  window.postMessage('kiosk-port', window.location.origin, [...event.ports]);
});
