import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startSimulatedCertificatePrinter } from '../certificate-printer/index.ts';
import { systemClock } from '../device.ts';
import { type IdCard, simulateIdCardReader } from '../id-card-reader/index.ts';
import { startSimulatedReceiptPrinter } from '../receipt-printer/index.ts';
import { parseRecording } from '../recording/index.ts';
import { openPty } from '../transport/index.ts';
import { inventedCards } from './invented-cards.ts';
import { tcpReader } from './testing/tcp-reader.ts';
import { said, terminal } from './testing/terminal.ts';

const [card] = inventedCards as readonly [Extract<IdCard, { type: 'citizen' }>, IdCard];
const folder = mkdtempSync(path.join(tmpdir(), 'device-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => path.join(folder, name);

/** A port at which nobody listens. */
async function deadPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `tcp:127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

async function reader(options: Parameters<typeof tcpReader>[0] = {}) {
  const simulated = await tcpReader(options);
  onTestFinished(simulated.close);
  return simulated;
}

describe('usage', () => {
  test('help ends with 0, wrong usage with 2, and says so where it belongs', async () => {
    expect(await said('--help')).toMatchObject({ exitCode: 0, stderr: '' });
    const wrong = await said('status idcard --port COM1');
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
    expect(wrong.stderr).toContain('There is no class idcard; did you mean id-card?');
  });

  test('with --json a mistake is JSON too, and nothing else is said', async () => {
    const { exitCode, stderr, at } = await said('status idcard --json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
    expect(at.json).toEqual([
      {
        ok: false,
        error: { code: 'invalidCommand', reason: 'usage', detail: expect.stringContaining('id-card?') },
      },
    ]);
  });

  test('a device has to be somewhere', async () => {
    const { exitCode, stderr } = await said('read id-card');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--port PORT, or --port auto');
  });

  test('what the class itself refuses is told with the field that is wrong', async () => {
    const { exitCode, stderr } = await said('read id-card --port tcp:127.0.0.1:9 --framing carrier-pigeon');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('framing');
  });
});

describe('list', () => {
  const serial = { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 115200 } as const;
  const ports = {
    ports: [
      { config: serial, usb: '1a86:7523', manufacturer: 'QinHeng\u001b[2J' },
      { config: { kind: 'hid' as const, device: '10c4:0007', path: '/dev/hidraw0' }, usb: '10c4:0007' },
      { config: { kind: 'hid' as const, device: 'abcd:0001', path: '/dev/hidraw1' }, usagePage: 0x8c },
      { config: { kind: 'usblp' as const, path: '/dev/usb/lp0' } },
    ],
    problems: ['USB devices could not be listed: no libusb'],
  };

  test('says what is probably where, with the line for kiosk.yaml', async () => {
    const { exitCode, stdout, stderr } = await said('list', { ports });
    expect(exitCode).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[1]).toMatch(/^\/dev\/ttyUSB0 +1a86:7523 .*serial adapter WCH CH340/);
    expect(lines[1]).toContain('transport: { kind: serial, path: /dev/ttyUSB0, baudRate: 115200 }');
    expect(lines[2]).toContain('ID card reader Miaxis MR-300');
    expect(lines[3]).toContain('code scanner');
    expect(lines[4]).toContain('receipt printer');
    expect(stderr).toBe('USB devices could not be listed: no libusb\n');
    expect(stdout).not.toContain('\u001b');
  });

  test('for machines', async () => {
    const { at } = await said('list --json', { ports, cameras: ['USB Camera (abcd:0001)'] });
    expect(at.json).toEqual([
      expect.objectContaining({
        ok: true,
        problems: ports.problems,
        cameras: [
          {
            label: 'USB Camera (abcd:0001)',
            yaml: 'faceCamera: { label: "USB Camera (abcd:0001)" }',
          },
        ],
        ports: expect.arrayContaining([
          expect.objectContaining({
            port: 'hid:10c4:0007',
            probably: [{ deviceClass: 'id-card', what: 'ID card reader Miaxis MR-300' }],
            config: { kind: 'hid', device: '10c4:0007', path: '/dev/hidraw0' },
          }),
        ]),
      }),
    ]);
  });
});

describe('read id-card', () => {
  test('masks a card unless it is told not to', async () => {
    const at = await reader({ latestAddress: '虚构省虚构市新虚构路9号' });
    at.place(card);
    const command = `read id-card --port ${at.port} --latest-address`;
    const masked = await said(command);
    expect(masked.exitCode).toBe(0);
    for (const hidden of [card.name, card.number, card.address, card.birth, '新虚构路', '公安']) {
      expect(masked.stdout + masked.stderr).not.toContain(hidden);
    }
    expect(masked.stdout).toMatch(/name +虚\*\n/);

    at.place(card);
    const asJson = await said(`${command} --json`);
    expect(asJson).toMatchObject({ exitCode: 0, stderr: '' });
    expect(asJson.at.json).toEqual([
      {
        ok: true,
        masked: true,
        card: expect.objectContaining({ name: '虚*', number: '9999***28', latestAddress: '虚构省虚构市***' }),
        photo: { bytes: 1024 },
        fingerprint: { bytes: 0 },
      },
    ]);

    at.place(card);
    const revealed = await said(`${command} --json --reveal`);
    expect(revealed.at.json).toEqual([
      expect.objectContaining({ masked: false, card: { ...card, latestAddress: '虚构省虚构市新虚构路9号' } }),
    ]);
  });

  test('nobody lays a card: 4', async () => {
    const at = await reader();
    const { exitCode, stderr } = await said(`read id-card --port ${at.port} --timeout 1`);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('(timed-out)');
  });

  test('no such port: 3, with the reason', async () => {
    const { exitCode, stderr } = await said(`read id-card --port ${await deadPort()}`);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/refused|127\.0\.0\.1/);
    expect(stderr).toContain('(no-device)');
  });

  test('unplugged in the middle of the card: 3', async () => {
    const at = await reader();
    at.place(card);
    // In the middle of the 1295 bytes of the card.
    at.onSent((total) => total > 600 && at.unplug());
    const { exitCode, stderr } = await said(`read id-card --port ${at.port}`);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('(unplugged)');
  });

  test('a port where nobody answers: 4, with the state it is in', async () => {
    const at = await reader({ mute: true });
    const { exitCode, stderr } = await said(`read id-card --port ${at.port} --timeout 4`);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('device offline');
    expect(stderr).toContain('(not-ready)');
  });

  test('interrupted while it waits: 130', async () => {
    const at = await reader();
    const running = terminal(['read', 'id-card', '--port', at.port, '--json']);
    // The reader has said how it is, and that there is no card, more than once.
    at.onSent((total) => total > 100 && running.interrupt());
    expect(await running.exitCode).toBe(130);
    expect(running.json).toEqual([{ ok: false, error: expect.objectContaining({ code: 'canceled' }) }]);
  });

  test.skipIf(process.platform === 'win32')('a photo is decoded by the program that is named', async () => {
    const at = await reader();
    at.place(card);
    const decoder = file('decoder.mjs');
    // The size of the usual picture: a BMP of 102 x 126 pixels, 24 bits each.
    const script = `#!${process.execPath}
      let size = 0;
      process.stdin.on('data', (chunk) => (size += chunk.length)).on('end', () => {
        const bmp = Buffer.alloc(38862);
        bmp.write('BM'); bmp.writeUInt32LE(38862, 2); bmp.writeUInt32LE(54, 10); bmp.writeUInt32LE(40, 14);
        bmp.writeInt32LE(102, 18); bmp.writeInt32LE(126, 22); bmp.writeUInt16LE(1, 26); bmp.writeUInt16LE(24, 28);
        process.stdout.write(size === 1024 ? bmp : '');
      });`;
    writeFileSync(decoder, script, { mode: 0o755 });
    const photo = file('face.bmp');
    const command = `read id-card --port ${at.port} --photo ${photo} --photo-decoder ${decoder}`;
    expect(await said(command)).toMatchObject({ exitCode: 0 });
    expect(statSync(photo).size).toBe(38862);
    expect(statSync(photo).mode & 0o077).toBe(0);
  });
});

const probe = await openPty();
if (probe.ok) await probe.value.close();

describe('detect and --port auto', () => {
  test('nothing there: 3, with what was tried', async () => {
    const ports = {
      ports: [{ config: { kind: 'serial' as const, path: '/dev/ttyNOTHERE', baudRate: 115200 as const } }],
      problems: ['HID devices could not be listed: no module'],
    };
    const { exitCode, stderr } = await said('detect id-card', { ports });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('no such port: /dev/ttyNOTHERE');
    expect(stderr).toContain('HID devices could not be listed: no module');
    expect(await said('detect receipt-printer', { ports })).toMatchObject({ exitCode: 3 });
    expect(await said('status code-scanner --port auto', { ports })).toMatchObject({ exitCode: 3 });
  });

  test('two that look alike: which one is for a person to say, 2', async () => {
    const scanner = (path: string) => ({
      config: { kind: 'hid' as const, device: '0c2e:0b87', path },
      usb: '0c2e:0b87',
    });
    const ports = { ports: [scanner('/dev/hidraw0'), scanner('/dev/hidraw1')], problems: [] };
    const { exitCode, stderr } = await said('read code --port auto', { ports });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('more than one port looks like a code-scanner');
  });

  test.skipIf(!probe.ok)('interrupted while it looks: 130, and no other port is asked', async () => {
    const asked: number[] = [];
    const found = [];
    for (const n of [0, 1]) {
      const pty = await openPty();
      if (!pty.ok) throw new Error(pty.error);
      const { path: tty, master, close } = pty.value;
      onTestFinished(close);
      found.push({ config: { kind: 'serial' as const, path: tty, baudRate: 115200 as const } });
      master.onData(() => {
        asked.push(n);
        running.interrupt();
      });
    }
    const running = terminal(['detect', 'receipt-printer', '--json'], {
      ports: { ports: found, problems: [] },
    });
    expect(await running.exitCode).toBe(130);
    expect(running.json).toEqual([{ ok: false, error: expect.objectContaining({ code: 'canceled' }) }]);
    expect(new Set(asked)).toEqual(new Set([0]));
  });

  test.skipIf(!probe.ok)('a reader at a serial port is found, and read', async () => {
    const opened = await openPty();
    if (!opened.ok) throw new Error(opened.error);
    const { path: tty, master, close } = opened.value;
    onTestFinished(close);
    simulateIdCardReader({ link: master, clock: systemClock, paced: true }).place(card);
    const config = { kind: 'serial' as const, path: tty, baudRate: 9600 as const };
    const ports = { ports: [{ config }], problems: [] };
    const { at } = await said('detect id-card --json', { ports });
    expect(at.json).toEqual([
      expect.objectContaining({
        ok: true,
        port: tty,
        framing: 'plain',
        yaml: `transport: { kind: serial, path: ${tty}, baudRate: 115200 }`,
      }),
    ]);
    expect(await said('read id-card --port auto', { ports })).toMatchObject({ exitCode: 0 });
  });
});

describe('read ic-card and read code', () => {
  test('are masked unless they are told not to be', async () => {
    const masked = await said('read ic-card --simulated --json');
    expect(masked).toMatchObject({ exitCode: 0 });
    expect(masked.at.json).toEqual([
      {
        ok: true,
        masked: true,
        card: expect.objectContaining({ number: '9999***28', name: '虚*', card: '***' }),
      },
    ]);
    const revealed = await said('read ic-card --simulated --json --reveal');
    expect(revealed.at.json).toEqual([
      expect.objectContaining({
        masked: false,
        card: expect.objectContaining({ name: '虚构', birth: '19500228' }),
      }),
    ]);
    const code = await said('read code --simulated');
    expect(code.stdout).toContain('HUIM***');
    expect(code.stdout + code.stderr).not.toContain('TEST');
    expect((await said('read code --simulated --reveal')).stdout).toContain('HUIMIN-TEST-0001');
  });
});

describe('status', () => {
  test('of a device that is well: 0; for machines with capabilities', async () => {
    const at = await reader();
    const { exitCode, at: out } = await said(`status id-card --port ${at.port} --json`);
    expect(exitCode).toBe(0);
    expect(out.json).toEqual([
      expect.objectContaining({
        ok: true,
        class: 'id-card',
        status: expect.objectContaining({ device: 'online' }),
        capabilities: expect.objectContaining({ type: 'contactless' }),
      }),
    ]);
  });

  test('of a device that is not there: 3, with the reason', async () => {
    const { exitCode, stdout } = await said(`status receipt-printer --port ${await deadPort()}`);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/device +noDevice/);
    expect(stdout).toMatch(/reason +\S/);
  });

  test('follows changes until Ctrl+C', async () => {
    const printer = await startSimulatedReceiptPrinter({ clock: systemClock });
    onTestFinished(printer.close);
    const port = `tcp:${printer.host}:${printer.port}`;
    const running = terminal(['status', 'receipt-printer', '--port', port, '--watch', '--json']);
    await expect.poll(() => running.json.length).toBeGreaterThan(0);
    await printer.fault('paper-out');
    await expect.poll(() => running.json.at(-1)).toMatchObject({ status: { paper: 'out' } });
    await printer.fault('unplugged');
    await expect
      .poll(() => running.json.at(-1), { timeout: 5000 })
      .toMatchObject({ status: { device: 'noDevice' } });
    running.interrupt();
    expect(await running.exitCode).toBe(130);
  });
});

describe('print receipt', () => {
  const printer = async () => {
    const simulated = await startSimulatedReceiptPrinter({ clock: systemClock, speedMmPerSecond: 0 });
    onTestFinished(simulated.close);
    let printed = 0;
    simulated.onReceipt(() => {
      printed += 1;
    });
    return { simulated, port: `tcp:${simulated.host}:${simulated.port}`, printed: () => printed };
  };

  test('a text, a file and the test page come out once each', async () => {
    const { port, printed } = await printer();
    const document = file('receipt.json');
    writeFileSync(document, JSON.stringify({ lines: [{ kind: 'text', text: '你好' }, { kind: 'cut' }] }));
    for (const what of ['--text=hello', `--file ${document}`, '--test-page']) {
      expect(await said(`print receipt --port ${port} ${what}`)).toMatchObject({ exitCode: 0 });
    }
    expect(printed()).toBe(3);
  });

  test('no paper in time: nothing was printed, 4', async () => {
    const { simulated, port, printed } = await printer();
    await simulated.fault('paper-out');
    const { exitCode, at } = await said(`print receipt --port ${port} --text=hello --timeout 1.5 --json`);
    expect(exitCode).toBe(4);
    expect(at.json).toEqual([expect.objectContaining({ ok: false, outcome: 'failed' })]);
    expect(printed()).toBe(0);
  });

  test('power lost in mid print: nobody knows, 1', async () => {
    const simulated = await startSimulatedReceiptPrinter({ clock: systemClock, speedMmPerSecond: 20 });
    onTestFinished(simulated.close);
    // The test page takes seconds at this speed, and is sent in one piece; questions are short.
    const wire = createServer((host) => {
      const printer = connect(simulated.port, simulated.host);
      host.on('error', () => {}).on('close', () => printer.destroy());
      printer.on('error', () => {}).on('data', (answer) => host.write(answer));
      host.on('data', (sent) => {
        printer.write(sent);
        if (sent.length > 300) setTimeout(() => wire.close(() => {}) && host.destroy(), 100);
      });
    }).listen(0, '127.0.0.1');
    await once(wire, 'listening');
    const address = wire.address();
    const port = `tcp:127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const running = terminal(['print', 'receipt', '--port', port, '--test-page', '--json']);
    expect(await running.exitCode).toBe(1);
    expect(running.json).toEqual([
      { ok: false, outcome: 'unknown', error: expect.objectContaining({ reason: 'outcome-unknown' }) },
    ]);
  });

  test('a preview needs no printer', async () => {
    const svg = file('preview.svg');
    expect(await said(`print receipt --test-page --preview ${svg}`)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
  });

  test.each([
    ['{"lines": [', 'it is not JSON'],
    ['{"lines": [{"kind": "text"}]}', 'lines.0.text'],
    ['{"lines": [{"kind": "text", "text": "a", "colour": "red"}]}', 'lines.0'],
    ['{"lines": [{"kind": "image", "image": {"width": 9, "height": 1, "data": "AA=="}}]}', 'lines.0.image'],
    ['{"lines": []}', 'lines'],
  ])('a document that is none is named with the place: %s', async (text, message) => {
    const document = file('wrong.json');
    writeFileSync(document, text);
    const { exitCode, stderr } = await said(`print receipt --port COM1 --file ${document}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('test', () => {
  test('runs the suite on the simulator', async () => {
    const { exitCode, stdout } = await said(
      'test receipt-printer --simulated --only is-ready,tells-paper-out',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ok +it says that it is ready/m);
    expect(stdout).toContain('It conforms: 2 passed, 0 failed, 0 skipped.');
  });

  test.each([
    'id-card --only answers-status,cancels',
    'certificate-printer --only prints-a-page',
    'code-scanner --only reads-a-code',
    'camera --only comes-online,one-camera',
    'ic-card',
    'keypad --only comes-online,headset',
    'lights --only goes-on',
    'presence-sensor --only comes-online',
  ])('without hardware: %s', async (suite) => {
    const { exitCode, stdout } = await said(`test ${suite} --simulated`);
    expect(stdout).toMatch(/It conforms: \d+ passed, 0 failed, 0 skipped\.\n$/);
    expect(exitCode).toBe(0);
  });

  test('names a check that there is not', async () => {
    const { exitCode, stderr } = await said('test receipt-printer --simulated --only is-redy');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('did you mean is-ready?');
  });

  test('without a terminal, what needs hands is skipped with the reason', async () => {
    const at = await reader();
    const { exitCode, at: out } = await said(
      `test id-card --port ${at.port} --only answers-status,reads-a-card --json`,
    );
    expect(exitCode).toBe(0);
    expect(out.json).toEqual([
      expect.objectContaining({
        ok: true,
        checks: [
          expect.objectContaining({ id: 'answers-status', outcome: 'passed' }),
          expect.objectContaining({ id: 'reads-a-card', outcome: 'skipped', detail: expect.any(String) }),
        ],
      }),
    ]);
  });

  test('a person is asked, and may skip', async () => {
    const at = await reader();
    const argv = ['test', 'id-card', '--port', at.port, '--only', 'reads-a-card,latest-address'];
    const running = terminal(argv, { isTTY: true });
    const prompts = (): number => running.stderr.split('then press Enter').length - 1;
    await expect.poll(prompts).toBe(1);
    expect(running.stderr).toContain('Lay a card on the reader, then press Enter (s = skip):');
    at.place(card);
    running.type('');
    await expect.poll(prompts).toBe(2);
    expect(running.stderr).toContain('Lift the card, then press Enter');
    at.place(null);
    running.type('');
    await expect.poll(prompts).toBe(3);
    running.type('s');
    expect(await running.exitCode).toBe(0);
    expect(running.stdout).toContain('1 passed, 0 failed, 1 skipped');
    expect(running.stdout).not.toContain(card.number);
  });

  test('who looks and says no has found a fault', async () => {
    const printer = await startSimulatedReceiptPrinter({ clock: systemClock, speedMmPerSecond: 0 });
    onTestFinished(printer.close);
    const port = `tcp:${printer.host}:${printer.port}`;
    const argv = ['test', 'receipt-printer', '--port', port, '--only', 'prints-text'];
    const running = terminal(argv, { isTTY: true });
    await expect.poll(() => running.stderr, { timeout: 5000 }).toContain('n = no');
    running.type('n');
    expect(await running.exitCode).toBe(1);
    expect(running.stdout).toContain('FAILED');
  });

  test('interrupted at a prompt: 130', async () => {
    const at = await reader();
    const argv = ['test', 'id-card', '--port', at.port, '--only', 'reads-a-card'];
    const running = terminal(argv, { isTTY: true });
    await expect.poll(() => running.stderr).toContain('Lay a card');
    running.interrupt();
    expect(await running.exitCode).toBe(130);
  });
});

describe('record', () => {
  test('a card is recorded as somebody else', async () => {
    const at = await reader();
    at.place(card);
    const out = file('card.recording');
    const { exitCode } = await said(`record id-card --port ${at.port} --out ${out}`);
    expect(exitCode).toBe(0);
    const text = readFileSync(out, 'utf8');
    const recording = parseRecording(text);
    expect(recording.ok && recording.value.header.device).toBe('id-card-reader');
    for (const secret of [card.name, card.number, card.address]) {
      expect(text).not.toContain(Buffer.from(secret, 'utf16le').toString('hex'));
    }
  });

  test('never writes over a file that is there', async () => {
    const out = file('precious');
    writeFileSync(out, 'mine');
    expect(await said(`record id-card --port COM1 --out ${out}`)).toMatchObject({ exitCode: 2 });
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });

  test('leaves no file behind for a device that is not there', async () => {
    const out = file('nothing');
    expect(await said(`record id-card --port ${await deadPort()} --out ${out}`)).toMatchObject({
      exitCode: 3,
    });
    expect(existsSync(out)).toBe(false);
  });
});

describe('print certificate', () => {
  let printer: Awaited<ReturnType<typeof startSimulatedCertificatePrinter>>;
  beforeAll(async () => {
    printer = await startSimulatedCertificatePrinter({ clock: systemClock, pagesPerMinute: 600 });
  });
  afterAll(() => printer.close());

  test('is delivered once; the document has to be there', async () => {
    const pdf = file('page.pdf');
    writeFileSync(pdf, '%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n%%EOF\n');
    const pages: unknown[] = [];
    const stop = printer.onPage((page) => pages.push(page));
    const { exitCode, at } = await said(`print certificate --uri ${printer.uri} --pdf ${pdf} --json`);
    stop();
    expect(exitCode).toBe(0);
    expect(at.json).toEqual([expect.objectContaining({ ok: true, outcome: 'delivered' })]);
    expect(pages).toHaveLength(1);
    expect(await said(`print certificate --uri ${printer.uri} --pdf ${pdf}.no`)).toMatchObject({
      exitCode: 2,
    });
  });
});
