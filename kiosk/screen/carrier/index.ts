/** How the page reaches the core: a WebSocket in a browser, a MessagePort in Electron. */
export * from './link.ts';
export * from './message-port.ts';
export * from './web-socket.ts';
