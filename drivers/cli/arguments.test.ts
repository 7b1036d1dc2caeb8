import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';
import { helpText } from './help.ts';
import { nearest } from './nearest.ts';
import { formatPort, parsePort } from './port.ts';
import { COMMANDS, DEVICE_CLASSES, OPTIONS, USAGE } from './usage.ts';

const parse = (line: string) => parseArguments(line === '' ? [] : line.split(' '));
const wrong = (line: string): string => {
  const parsed = parse(line);
  return parsed.ok ? `understood as ${JSON.stringify(parsed.value)}` : parsed.error;
};

describe('what is understood', () => {
  test('a card, in full', () => {
    const line = 'read id-card --port /dev/ttyUSB0 --baud 9600 --framing sdt --timeout 5 --json --reveal';
    expect(parse(line)).toEqual({
      ok: true,
      value: {
        command: 'read',
        subject: 'id-card',
        place: {
          port: { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 9600 },
          framing: 'sdt',
          simulated: false,
        },
        timeoutMs: 5000,
        json: true,
        reveal: true,
        latestAddress: false,
        fingerprint: false,
        photo: null,
      },
    });
  });

  test('every command, in its shortest form', () => {
    for (const line of [
      '',
      '--help',
      'help read',
      'list',
      'list --help',
      'status keypad --port auto',
      'read code --port COM3',
      'read ic-card',
      'print receipt --tcp 10.0.0.9:9100 --text hello',
      'print receipt --usblp /dev/usb/lp0 --test-page',
      'print receipt --text hello --preview out.svg',
      'print certificate --uri ipp://127.0.0.1:631/printers/cert --test-page',
      'test lights --simulated --only a,b --yes',
      'record code-scanner --port hid:0c2e:0b87 --out session.txt',
      'detect receipt-printer --json',
    ]) {
      expect(wrong(line)).toMatch(/^understood/);
    }
  });

  test('a text may begin with a dash when it is joined to its option', () => {
    expect(parse('print receipt --port COM1 --text=--hello')).toMatchObject({
      value: { content: { kind: 'text', text: '--hello' } },
    });
  });
});

describe('what is wrong is named, with what is right', () => {
  test.each([
    ['lsit', 'There is no command lsit; did you mean list?'],
    ['status idcard --port COM1', 'There is no class idcard; did you mean id-card?'],
    ['status printer --port COM1', 'There is no class printer; did you mean receipt-printer?'],
    ['status scanner --port COM1', 'There is no class scanner; did you mean code-scanner?'],
    ['status xyz --port COM1', 'There is no class xyz; there are id-card, receipt-printer'],
    ['read card', 'There is no thing to read card; did you mean id-card?'],
    ['read id-card --prot COM1', 'There is no option --prot; did you mean --port?'],
    ['read id-card --pdf x.pdf', 'There is no option --pdf; there are --port'],
    ['read id-card -q', 'There is no option -q'],
    ['read', 'say the thing to read: id-card, code, ic-card'],
    ['read id-card twice', '"twice" is one word too many'],
    ['list all', 'list takes no further word'],
    ['read id-card --port', '--port needs a value'],
    ['read id-card --port --json', '--port needs a value'],
    ['read id-card --json=yes', '--json takes no value'],
    ['read id-card --port COM1 --port COM2', '--port is said twice'],
    ['read id-card --port ttyUSB0', '"ttyUSB0" is no port; write /dev/ttyUSB0, COM3,'],
    ['read id-card --port tcp:host', '"tcp:host" is no port'],
    ['read id-card --port tcp:host:99999', 'port:'],
    ['read id-card --port hid:4:5', 'write vendor and product as in "10c4:0007"'],
    ['read id-card --port COM1 --baud 1200', '--baud is one of 9600, 19200'],
    ['read id-card --port tcp:a:1 --baud 9600', '--baud is for serial ports'],
    ['read id-card --baud 9600', '--baud is for the serial port that --port names'],
    ['read id-card --port COM1 --simulated', 'say one place only'],
    ['status lights --port COM1 --settings {', '--settings is no JSON'],
    ['status lights --port COM1 --settings [1]', '--settings is a JSON object'],
    ['read id-card --timeout soon', '--timeout is a number from 0.1 to 86400, and "soon" is none'],
    ['read id-card --photo face.bmp', '--photo needs --photo-decoder'],
    ['read code --latest-address', '--latest-address is for read id-card only'],
    ['print receipt --text a --test-page', 'say what to print, one of --text'],
    ['print receipt --port COM1', 'say what to print, one of --text'],
    ['print receipt --pdf a.pdf --test-page', '--pdf is for print certificate only'],
    ['print receipt --columns 20.5 --text a', '--columns is a whole number'],
    ['print certificate --uri ipp://a/b', 'say what to print, one of --pdf'],
    ['record id-card --port COM1', 'say where to write the recording: --out FILE'],
    ['help me', 'There is no command me'],
  ])('%s', (line, message) => {
    expect(wrong(line)).toContain(message);
  });

  test('nothing anybody types makes it fall over', () => {
    const word = fc.oneof(
      fc.constantFrom(...COMMANDS, ...DEVICE_CLASSES, ...Object.keys(OPTIONS).map((name) => `--${name}`)),
      fc.string(),
      fc.constantFrom('--', '-', '--no-json', '--__proto__', '--port=', '', 'id-card', 'receipt'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        const parsed = parseArguments(argv);
        if (!parsed.ok) expect(parsed.error).not.toBe('');
      }),
    );
  });
});

describe('ports', () => {
  test.each([
    ['/dev/ttyS0', { kind: 'serial', path: '/dev/ttyS0', baudRate: 115200 }],
    ['com3', { kind: 'serial', path: 'com3', baudRate: 115200 }],
    ['\\\\.\\COM12', { kind: 'serial', path: '\\\\.\\COM12', baudRate: 115200 }],
    ['tcp:printer.local:9100', { kind: 'tcp', host: 'printer.local', port: 9100 }],
    ['tcp:[fe80::1]:9100', { kind: 'tcp', host: 'fe80::1', port: 9100 }],
    ['hid:10C4:0007', { kind: 'hid', device: '10c4:0007' }],
    ['usb:0400:c35a', { kind: 'usb', device: '0400:c35a' }],
    ['usblp:/dev/usb/lp0', { kind: 'usblp', path: '/dev/usb/lp0' }],
    ['/dev/usb/lp0', { kind: 'usblp', path: '/dev/usb/lp0' }],
    ['auto', { kind: 'auto' }],
  ])('%s', (text, config) => {
    expect(parsePort(text)).toEqual({ ok: true, value: config });
  });

  test('a port written out is read again as the same', () => {
    for (const text of [
      '/dev/ttyS0',
      'tcp:[fe80::1]:9100',
      'hid:10c4:0007',
      'usb:0400:c35a',
      'usblp:/dev/usb/lp0',
    ]) {
      const port = parsePort(text);
      if (!port.ok || port.value.kind === 'auto') throw new Error(text);
      expect(formatPort(port.value)).toBe(text);
    }
  });
});

describe('help', () => {
  test('names every command, class and exit code', () => {
    const text = helpText(null);
    for (const word of [...COMMANDS, ...DEVICE_CLASSES, '130']) expect(text).toContain(word);
  });

  test('of a command names each of its options, and fits a terminal', () => {
    for (const command of COMMANDS) {
      const text = helpText(command);
      for (const option of USAGE[command].options) expect(text).toContain(`--${option}`);
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(130);
    }
  });
});

test('the nearest word', () => {
  expect(nearest('receiptprinter', DEVICE_CLASSES)).toBe('receipt-printer');
  expect(nearest('presense-sensor', DEVICE_CLASSES)).toBe('presence-sensor');
  expect(nearest('light', DEVICE_CLASSES)).toBe('lights');
  expect(nearest('q', DEVICE_CLASSES)).toBeUndefined();
  expect(nearest('', DEVICE_CLASSES)).toBeUndefined();
});
