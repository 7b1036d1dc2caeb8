import { expect, test } from 'vitest';
import { describeProblem, parseYaml } from '../yaml/index.ts';
import { configSchema, readConfig, simulatedIn } from './index.ts';

const problems = (text: string): string[] => {
  const result = parseYaml('kiosk.yaml', text, configSchema);
  return result.ok ? [] : result.problems.map(describeProblem);
};

test('a mistyped key is named with its line and what was meant', () => {
  expect(
    problems(`kiosk: kiosk-0001
devices:
  idCardReader:
    protocol: sdt
    transport: { kind: serial, path: /dev/ttyUSB0, baudrate: 115200 }
  certificatePrnter: { protocol: ipp, uri: ipp://127.0.0.1:8631/printers/cert }
`),
  ).toEqual([
    "kiosk.yaml, line 5: 'baudrate' is not known here; did you mean 'baudRate'?",
    "kiosk.yaml, line 6: 'certificatePrnter' is not known here; did you mean 'certificatePrinter'?",
  ]);
});

test('a wrong type, a wrong word and broken YAML each say where and what would be right', () => {
  expect(
    problems(`devices:
  receiptPrinter:
    protocol: escpos
    transport: { kind: tcp, host: 127.0.0.1, port: "9100" }
`),
  ).toEqual([
    "kiosk.yaml, line 3: 'devices.receiptPrinter.protocol' must be one of: esc-pos",
    "kiosk.yaml, line 4: 'devices.receiptPrinter.transport.port': expected number, received string",
  ]);
  expect(problems('devices: [').join()).toMatch(/^kiosk\.yaml, line 1: is not valid YAML/);
});

test('the example of the README is right', () => {
  expect(
    problems(`devices:
  idCardReader:       { protocol: sdt, transport: { kind: serial, path: /dev/ttyUSB0, baudRate: 115200 } }
  receiptPrinter:     { protocol: esc-pos, transport: { kind: tcp, host: 127.0.0.1, port: 9100 } }
  certificatePrinter: { protocol: ipp, uri: ipp://127.0.0.1:8631/printers/cert }
  faceCamera:         { label: "USB Camera" }
  codeScanner:        { protocol: keyboard-wedge }
`),
  ).toEqual([]);
});

test('every device of a kiosk has its place, and what is wrong in it is said where it stands', () => {
  expect(
    problems(`devices:
  idCardReader:       { transport: auto }
  receiptPrinter:     { transport: { kind: usblp, path: /dev/usb/lp0 }, columns: 32 }
  certificatePrinter: { protocol: windows-spooler, printer: "HP LaserJet" }
  faceCamera:         { label: "USB Camera", usb: "046d:0825" }
  codeScanner:        { protocol: hid-pos, transport: { kind: hid, device: "0db5:0139" } }
  badgeReader:        { protocol: pcsc }
  lights:             { protocol: serial, transport: { kind: serial, path: /dev/ttyUSB1, baudRate: 9600 }, lights: { cardReader: { channel: 1 } } }
  presenceSensor:     { protocol: gpio, chip: gpiochip0, line: 17 }
`),
  ).toEqual([]);
  expect(
    problems(`devices:
  idCardReader: { transport: { kind: usb, device: "0400" } }
  receiptPrinter: { transport: { kind: serial, path: /dev/ttyS0, baudRate: 1200 } }
  lights: { protocol: serial, transport: { kind: serial, path: COM7 }, profile: lucs, lights: { cardReader: { channel: 1 } } }
`),
  ).toEqual([
    expect.stringMatching(/line 2: 'devices\.idCardReader\.transport\.device': write vendor and product/),
    expect.stringMatching(/line 3: 'devices\.receiptPrinter\.transport\.baudRate' must be one of: 9600/),
    expect.stringMatching(/line 4: 'devices\.lights\.profile': known boards are lcus/),
  ]);
});

test('a device needs an address or the bench, not both', () => {
  expect(problems('devices:\n  certificatePrinter: { protocol: ipp }\n').join()).toMatch(
    /line 2: .*needs either/,
  );
  expect(problems('devices:\n  faceCamera: { simulated: true, label: "USB Camera" }\n').join()).toMatch(
    /line 2: .*needs either/,
  );
});

test('the bench stands in for what is neither named nor absent, and only when asked', () => {
  const bench = readConfig(null, { bench: true });
  expect(bench.ok && Object.values(simulatedIn(bench.value)).every(Boolean)).toBe(true);
  const bare = readConfig(null, { bench: false });
  expect(bare.ok && Object.values(simulatedIn(bare.value)).some(Boolean)).toBe(false);
});

test('an unreadable file is one clear sentence', () => {
  const result = readConfig('does-not-exist.yaml', { bench: false });
  expect(!result.ok && result.problems.map(describeProblem)).toEqual([
    'does-not-exist.yaml: cannot be read (ENOENT)',
  ]);
});

test('a backend that is not on this machine wants TLS and the authority that vouches for it', () => {
  const pin = `sha256:${'0123456789abcdef'.repeat(4)}`;
  const backend = (text: string): string[] => problems(`kiosk: kiosk-0001\nbackend:\n${text}`);
  expect(backend(`  url: https://backend.example.org:8700/\n  authority: ${pin}\n`)).toEqual([]);
  expect(backend(`  url: https://backend.example.org/\n  authority: ${pin.toUpperCase()}\n`)).toEqual([]);
  for (const here of ['http://127.0.0.1:8700', 'http://localhost:8700/', 'http://[::1]:8700/'])
    expect(backend(`  url: "${here}"\n`)).toEqual([]);
  expect(backend('  url: http://192.168.1.10:8700/\n')).toEqual([
    expect.stringMatching(/^kiosk\.yaml, line 3: 'backend\.url': write https:\/\//),
  ]);
  expect(backend('  url: http://127.0.0.1.example.org/\n').join()).toMatch(/line 3: .*write https/);
  expect(backend('  url: https://backend.example.org/\n')).toEqual([
    expect.stringMatching(/^kiosk\.yaml, line 3: 'backend\.url': an https:\/\/ address needs `authority:`/),
  ]);
  expect(backend('  url: backend.example.org\n').join()).toMatch(/line 3: .*write an address like https/);
  expect(backend('  url: https://b.example/\n  authority: sha256:abc\n')).toEqual([
    expect.stringMatching(/^kiosk\.yaml, line 4: 'backend\.authority': a pin is sha256: and 64 hexadecimal/),
  ]);
  expect(backend('  url: https://b.example/\n  authority: no-such-file.pem\n').join()).toMatch(
    /line 4: .*there is no file .*no-such-file\.pem/,
  );
  expect(backend('  url: https://b.example/\n  authority: package.json\n').join()).toMatch(
    /line 4: .*package\.json holds no certificate of an authority in PEM/,
  );
});
