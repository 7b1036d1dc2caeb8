// Electron's entry: reads the command line and hands Electron's API to the shell.
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  app,
  BrowserWindow,
  Menu,
  MessageChannelMain,
  protocol,
  safeStorage,
  session,
  utilityProcess,
} from 'electron';
import { readArguments } from './arguments.ts';
import { createShell } from './shell.ts';

const programs = import.meta.dirname;
const given = readArguments(process.argv.slice(app.isPackaged ? 1 : 2), {
  packaged: app.isPackaged,
  userData: app.getPath('userData'),
  resources: process.resourcesPath,
  programs,
  platform: process.platform,
  env: process.env,
  exists: existsSync,
});

// Started by `npm start`: when that ends, so does this.
if (process.channel !== undefined) process.on('disconnect', () => app.quit());

await createShell(
  { app, BrowserWindow, Menu, MessageChannelMain, protocol, safeStorage, session, utilityProcess },
  {
    preload: path.join(programs, 'preload.cjs'),
    core: path.join(programs, 'core.js'),
    portHost: path.join(programs, 'port-host.js'),
    screen: path.resolve(programs, '../screen'),
    userData: path.join(given.data, 'electron'),
    coreArguments: given.core,
    coreEnvironment: { ...process.env, ...given.environment },
    production: app.isPackaged,
    platform: process.platform,
  },
  {
    fetch,
    now: Date.now,
    later: (ms, action) => setTimeout(action, ms).unref(),
    print: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
  },
);
