import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { browserArguments, findBrowser, hasDisplay } from './browser.ts';
import { nextStep, type Probes } from './choice.ts';
import { messagesFor } from './messages.ts';
import { parseOptions } from './options.ts';

const say = messagesFor({ LANG: 'en_GB.UTF-8' });
const parse = (...args: string[]) => parseOptions(args, say);
const sentence = (...args: string[]) => {
  const parsed = parse(...args);
  return parsed.kind === 'problem' ? parsed.sentence : parsed;
};

describe('options', () => {
  test('without any, everything is here', () => {
    expect(parse()).toEqual({
      kind: 'options',
      options: {
        config: undefined,
        data: 'data',
        backend: { kind: 'local' },
        headless: false,
        shell: undefined,
        port: 8701,
        backendPort: 8700,
      },
    });
  });

  test('each is understood, with a space or an equals sign', () => {
    const args = ['--config=k.yaml', '--data', '/var/k', '--backend', 'http://10.0.0.2:8700', '--headless'];
    expect(parse(...args, '--shell', 'browser', '--port=9000', '--backend-port', '9001')).toEqual({
      kind: 'options',
      options: {
        config: 'k.yaml',
        data: '/var/k',
        backend: { kind: 'remote', url: 'http://10.0.0.2:8700' },
        headless: true,
        shell: 'browser',
        port: 9000,
        backendPort: 9001,
      },
    });
    expect(parse('--backend', 'none')).toMatchObject({ options: { backend: { kind: 'none' } } });
    expect(parse('--help')).toEqual({ kind: 'help' });
  });

  test('what is wrong is one sentence that says what is right', () => {
    expect(sentence('--prot', '9')).toBe('There is no option --prot; did you mean --port?');
    expect(sentence('--full-screen')).toMatch(/^There is no option --full-screen; there are --config --data/);
    expect(sentence('-x')).toMatch(/^There is no option -x/);
    expect(sentence('kiosk.yaml')).toMatch(/^"kiosk.yaml" belongs to no option/);
    expect(sentence('--config')).toBe('The option --config needs a value after it.');
    expect(sentence('--config', '--headless')).toBe('The option --config needs a value after it.');
    expect(sentence('--headless=yes')).toMatch(/belongs to no option/);
    expect(sentence('--port', '0x50')).toMatch(/^--port 0x50 is no port/);
    expect(sentence('--port', '70000')).toMatch(/is no port/);
    expect(sentence('--backend-port', '-1')).toMatch(/is no port/);
    expect(sentence('--backend', 'ftp://x')).toMatch(/is no address/);
    expect(sentence('--backend', 'localhost')).toMatch(/is no address/);
    expect(sentence('--shell', 'firefox')).toMatch(/^--shell firefox is unknown; it is electron or browser/);
    expect(sentence('--port', '8700')).toMatch(/cannot share port 8700/);
    expect(parse('--port', '8700', '--backend', 'none')).toMatchObject({ kind: 'options' });
  });

  test('anything at all gives options or a sentence, never an exception', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--port', '--config', '--shell', '--headless', '--', '-'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (args) => {
        const parsed = parse(...args);
        expect(['options', 'help', 'problem']).toContain(parsed.kind);
      }),
    );
  });

  test('the terminal is spoken to in its own language', () => {
    expect(messagesFor({ LANG: 'zh_CN.UTF-8' }).portTaken(8701, '--port')).toContain('端口 8701');
    expect(messagesFor({ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }).portTaken(8701, '--port')).toContain(
      'Port 8701',
    );
  });
});

describe('which shell', () => {
  const probes: Probes = {
    headless: false,
    asked: undefined,
    display: true,
    electron: { state: 'absent', why: 'offline' },
    browser: { state: 'here', file: '/usr/bin/chromium' },
  };
  const electron = { state: 'here', file: '/e/electron' } as const;

  test('Electron goes first, fetched when it may be', () => {
    expect(nextStep({ ...probes, electron })).toEqual({ do: 'use-electron', file: '/e/electron' });
    expect(nextStep({ ...probes, electron: { state: 'maybe' } })).toEqual({ do: 'fetch-electron' });
  });

  test('without it a browser serves, and why is said', () => {
    const step = { do: 'use-browser', file: '/usr/bin/chromium' };
    expect(nextStep(probes)).toEqual({ ...step, insteadOfElectron: 'offline' });
    expect(nextStep({ ...probes, asked: 'browser' })).toEqual({ ...step, insteadOfElectron: undefined });
    expect(nextStep({ ...probes, electron, asked: 'browser' })).toMatchObject(step);
  });

  test('a browser is installed where that is possible, else the address is printed', () => {
    expect(nextStep({ ...probes, browser: { state: 'maybe' } })).toEqual({ do: 'install-browser' });
    const without: Probes = { ...probes, browser: { state: 'absent' } };
    expect(nextStep(without)).toEqual({ do: 'print-address', because: 'no-browser' });
    expect(nextStep({ ...without, asked: 'browser' })).toMatchObject({
      do: 'give-up',
      because: 'no-browser',
    });
  });

  test('what was asked for by name is not replaced', () => {
    expect(nextStep({ ...probes, asked: 'electron' })).toEqual({
      do: 'give-up',
      because: 'no-electron',
      why: 'offline',
    });
  });

  test('without a display nothing is fetched or installed', () => {
    const blind: Probes = {
      ...probes,
      display: false,
      electron: { state: 'maybe' },
      browser: { state: 'maybe' },
    };
    expect(nextStep(blind)).toEqual({ do: 'print-address', because: 'no-display' });
    expect(nextStep({ ...blind, asked: 'browser' })).toMatchObject({ do: 'give-up', because: 'no-display' });
    expect(nextStep({ ...blind, headless: true, asked: 'browser' })).toEqual({ do: 'nothing' });
  });
});

describe('the browser', () => {
  const machine = (platform: string, env: Record<string, string>, ...files: string[]) => ({
    platform,
    env,
    exists: (file: string) => files.includes(file),
  });

  test('is found by its usual names and places', () => {
    const linux = machine(
      'linux',
      { PATH: '/usr/local/bin:/usr/bin' },
      '/usr/bin/google-chrome',
      '/usr/bin/chromium',
    );
    expect(findBrowser(linux)).toBe('/usr/bin/chromium');
    const mac = '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge';
    expect(findBrowser(machine('darwin', {}, mac))).toBe(mac);
    const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
    expect(findBrowser(machine('win32', { 'ProgramFiles(x86)': 'C:\\Program Files (x86)' }, edge))).toBe(
      edge,
    );
    expect(findBrowser(machine('linux', {}))).toBe(undefined);
  });

  test('needs a display on Linux', () => {
    expect(hasDisplay(machine('linux', {}))).toBe(false);
    expect(hasDisplay(machine('linux', { DISPLAY: ':0' }))).toBe(true);
    expect(hasDisplay(machine('linux', { WAYLAND_DISPLAY: 'wayland-0' }))).toBe(true);
    expect(hasDisplay(machine('win32', {}))).toBe(true);
  });

  test('keeps its sandbox, except for root', () => {
    const options = { address: 'http://127.0.0.1:8701/', profile: '/d/browser' };
    expect(browserArguments({ ...options, root: false })).not.toContain('--no-sandbox');
    expect(browserArguments({ ...options, root: true })).toContain('--no-sandbox');
    expect(browserArguments({ ...options, root: false })).toContain('--app=http://127.0.0.1:8701/');
  });
});
