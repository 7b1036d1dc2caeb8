import {
  COLUMNS_80_MM,
  type IdCardReader,
  openCertificatePrinter,
  openCodeScanner,
  openIdCardReader,
  openReceiptPrinter,
  systemClock,
} from '@huimin/drivers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type BenchServer, pdfPage, startBench } from './testing.ts';
import type { BenchError, BenchSnapshot, BenchState, PersonEntry, TrayItem } from './wire.ts';

const random = () => 0.5;
let server: BenchServer;
const read = async <T>(path: string): Promise<T> =>
  (await server.get(`/bench/api/${path}`)).json() as Promise<T>;
const refusal = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as BenchError).error,
});

beforeAll(async () => {
  server = await startBench();
});
afterAll(() => server.close());
afterEach(async () => {
  await server.post('card', { person: null });
  for (const name of Object.keys((await read<BenchState>('state')).devices)) {
    await server.post(`device/${name}`, { fault: null });
  }
});

function device<T>(name: keyof BenchServer['bench']['devices'] & string, part: T | undefined): T {
  if (!part) throw new Error(`${name} does not stand on the bench`);
  return part;
}

const online = (opened: IdCardReader) =>
  new Promise<void>((resolve) => {
    if (opened.status.device === 'online') resolve();
    opened.onStatus(({ device: state }) => {
      if (state === 'online') resolve();
    });
  });

describe('people', () => {
  test('are listed with what a newcomer needs, and without a number of any card or badge', async () => {
    const text = await (await server.get('/bench/api/people')).text();
    const people = JSON.parse(text) as PersonEntry[];
    expect(people.find(({ id }) => id === 'wang-guilan')).toMatchObject({
      name: '王桂兰',
      role: 'resident',
      cardType: 'citizen',
    });
    expect(people.find(({ id }) => id === 'staff-zhou')).toMatchObject({
      role: 'staff',
      cardType: null,
      pin: '2580',
    });
    expect(text).not.toMatch(/\d{15}|B-\d/);
  });

  test('have a portrait each, no two alike', async () => {
    const people = await read<PersonEntry[]>('people');
    const portraits = await Promise.all(
      people.map(async ({ portrait }) => (await server.get(portrait)).text()),
    );
    expect(new Set(portraits).size).toBe(people.length);
    expect((await server.get('/bench/api/people/nobody/portrait')).status).toBe(404);
  });
});

describe('card', () => {
  test('laid on the bench is read by the real driver, replaced and lifted', async () => {
    const { transport } = device('idCardReader', server.bench.devices.idCardReader);
    const reader = openIdCardReader({ transport, clock: systemClock, random });
    try {
      await online(reader);
      expect(await (await server.post('card', { person: 'wang-guilan' })).json()).toMatchObject({
        ok: true,
        card: 'wang-guilan',
      });
      const first = await reader.readCard({ timeoutMs: 8000 });
      expect(first).toMatchObject({ ok: true, value: { card: { name: '王桂兰', nation: { name: '汉' } } } });

      await server.post('card', { person: 'lam-siuming' });
      expect(await reader.waitForRemoval({ timeoutMs: 8000 })).toMatchObject({ ok: true });
      const second = await reader.readCard({ timeoutMs: 8000 });
      expect(second).toMatchObject({
        ok: true,
        value: { card: { name: '林小明', type: 'hk-macao-taiwan' } },
      });

      await server.post('card', { person: null });
      expect((await read<BenchState>('state')).card).toBeNull();
      expect(await reader.waitForRemoval({ timeoutMs: 8000 })).toMatchObject({ ok: true });
    } finally {
      await reader.close();
    }
  });

  test.each([
    [{ person: 'nobody' }, 404, 'unknown-person', /nobody/],
    [{ person: 'staff-zhou' }, 400, 'no-card', /badge/],
    [{ person: 7 }, 400, 'invalid-body', /"person".*Right is/],
    [{}, 400, 'invalid-body', /Right is \{"person"/],
    [{ person: null, extra: 1 }, 400, 'invalid-body', /extra/],
    ['wang-guilan', 400, 'invalid-body', /Right is/],
  ])('%j is refused: %i %s', async (body, status, code, message) => {
    const answer = await refusal(await server.post('card', body));
    expect(answer).toMatchObject({ status, code });
    expect(answer.message).toMatch(message);
  });

  test('comes only from our own page or a program, as JSON', async () => {
    const origin = (value: string) => server.post('card', { person: null }, { origin: value });
    expect(await refusal(await origin('https://elsewhere.invalid'))).toMatchObject({
      status: 403,
      code: 'cross-origin',
    });
    expect(await refusal(await origin('null'))).toMatchObject({ status: 403, code: 'cross-origin' });
    expect((await origin(server.url)).status).toBe(200);
    const text = await server.post('card', {}, { 'content-type': 'text/plain' });
    expect(await refusal(text)).toMatchObject({ status: 415, code: 'not-json' });
    const broken = await fetch(`${server.url}/bench/api/card`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"person":',
    });
    expect(await refusal(broken)).toMatchObject({ status: 400, code: 'invalid-body' });
  });
});

describe('badge', () => {
  const listen = () => {
    const scanner = openCodeScanner({ protocol: 'keyboard-wedge' });
    const codes: string[] = [];
    scanner.onCode((code) => codes.push(code));
    const stop = device('codeScanner', server.bench.devices.codeScanner).onBurst((keys) => {
      for (const { key, atMs } of keys) scanner.feed(key, atMs);
    });
    return { codes, stop };
  };

  test('arrives as a burst of keys that the real driver takes for a code', async () => {
    const { codes, stop } = listen();
    await server.post('badge', { person: 'staff-zhou' });
    stop();
    expect(codes).toEqual(['B-1001-7']);
    expect((await read<BenchState>('state')).badge).toBe('staff-zhou');
    await server.post('badge', { person: null });
    expect((await read<BenchState>('state')).badge).toBeNull();
  });

  test('is not heard while the cable is out', async () => {
    const { codes, stop } = listen();
    await server.post('device/codeScanner', { fault: 'disconnected' });
    expect((await server.post('badge', { person: 'staff-zhou' })).status).toBe(200);
    stop();
    expect(codes).toEqual([]);
    expect(await refusal(await server.post('badge', { person: 'aisha' }))).toMatchObject({
      status: 400,
      code: 'no-badge',
    });
  });
});

describe('faults', () => {
  test.each([
    ['receiptPrinter', 'out-of-paper', 'paper-out'],
    ['receiptPrinter', 'cutter', 'cutter'],
    ['certificatePrinter', 'media-jam', 'jam'],
    ['certificatePrinter', 'door-open', 'cover-open'],
    ['idCardReader', 'offline', 'unplugged'],
  ] as const)('%s: "%s" means %s, and stays until it is mended', async (name, word, fault) => {
    await server.post(`device/${name}`, { fault: word });
    expect((await read<BenchState>('state')).devices[name]?.fault).toBe(fault);
    await server.post(`device/${name}`, { fault: null });
    expect((await read<BenchState>('state')).devices[name]?.fault).toBeNull();
  });

  test('a word that means nothing is answered with those that do', async () => {
    const answer = await refusal(await server.post('device/receiptPrinter', { fault: 'on-fire' }));
    expect(answer).toMatchObject({ status: 400, code: 'unknown-fault' });
    expect(answer.message).toMatch(/paper-out.*null/);
    expect(await refusal(await server.post('device/receiptPrinter', { fault: 'constructor' }))).toMatchObject(
      { status: 400 },
    );
    expect(await refusal(await server.post('device/toaster', { fault: null }))).toMatchObject({
      status: 404,
    });
  });

  test('reach the driver: the receipt printer says that it has no paper', async () => {
    const { transport } = device('receiptPrinter', server.bench.devices.receiptPrinter);
    const printer = openReceiptPrinter({ transport, clock: systemClock, random, columns: COLUMNS_80_MM });
    try {
      const out = new Promise<void>((resolve) => {
        printer.onStatus(({ paper }) => {
          if (paper === 'out') resolve();
        });
      });
      await server.post('device/receiptPrinter', { fault: 'paper-out' });
      await out;
      expect(printer.status.paper).toBe('out');
    } finally {
      await printer.close();
    }
  });
});

describe('trays', () => {
  test('hold the very PDF that was printed, until it is taken', async () => {
    const { uri } = device('certificatePrinter', server.bench.devices.certificatePrinter);
    const printer = openCertificatePrinter({ uri, clock: systemClock, random });
    const pdf = await pdfPage('兹证明以上属实。');
    try {
      const printed = await printer.print({ pdf, jobName: 'bench-test', copies: 1 });
      expect(printed).toMatchObject({ ok: true });
    } finally {
      await printer.close();
    }
    const item = (await read<TrayItem[]>('trays')).find(({ kind }) => kind === 'certificate');
    const page = await server.get(item?.href ?? '');
    expect(page.headers.get('content-type')).toBe('application/pdf');
    expect(Buffer.from(await page.arrayBuffer()).equals(pdf)).toBe(true);

    expect((await server.post(`trays/${item?.id}/take`, {})).status).toBe(200);
    expect((await server.get(item?.href ?? '')).status).toBe(404);
    expect(await refusal(await server.post(`trays/${item?.id}/take`, {}))).toMatchObject({
      code: 'unknown-paper',
    });
  });

  test('hold the receipt as it was drawn from its bytes, QR code included', async () => {
    const { transport } = device('receiptPrinter', server.bench.devices.receiptPrinter);
    const printer = openReceiptPrinter({ transport, clock: systemClock, random, columns: COLUMNS_80_MM });
    try {
      const printed = await printer.print({
        lines: [{ kind: 'text', text: '居住证明' }, { kind: 'qr', data: 'HM1:abc' }, { kind: 'cut' }],
      });
      expect(printed).toMatchObject({ ok: true });
    } finally {
      await printer.close();
    }
    const item = (await read<TrayItem[]>('trays')).find(({ kind }) => kind === 'receipt');
    const drawing = await server.get(item?.href ?? '');
    expect(drawing.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
    expect(drawing.headers.get('content-security-policy')).toContain('sandbox');
    const svg = await drawing.text();
    expect(svg).toContain('居住证明');
    // The finder pattern's first row: seven dark modules.
    expect(svg).toContain('M0 0h7v1h-7z');
  });
});

describe('camera', () => {
  const still = () => server.get('/bench/camera');

  test('shows who stands there, in the light there is', async () => {
    const empty = await (await still()).text();
    await server.post('camera', { person: 'aisha', light: 1 });
    const bright = await still();
    expect(bright.headers.get('cache-control')).toBe('no-store');
    const seen = await bright.text();
    expect(seen).toMatch(/^<svg [^>]*width="640" height="480"/);
    expect(seen).not.toBe(empty);
    await server.post('camera', { person: 'aisha', light: 0.1 });
    expect(await (await still()).text()).not.toBe(seen);
    expect((await read<BenchState>('state')).camera).toEqual({ person: 'aisha', light: 0.1 });
    await server.post('camera', { person: null });
    expect((await read<BenchState>('state')).camera).toEqual({ person: null, light: 0.1 });
    expect(await refusal(await server.post('camera', { person: null, light: 2 }))).toMatchObject({
      status: 400,
    });
  });

  test('shows nothing while it is unplugged', async () => {
    await server.post('device/faceCamera', { fault: 'unplugged' });
    expect((await still()).status).toBe(503);
    await server.post('device/faceCamera', { fault: null });
    expect((await still()).status).toBe(200);
  });
});

test('the plug of the network tells its listeners once for each change', async () => {
  const seen: boolean[] = [];
  const stop = server.bench.network.onChange((online) => seen.push(online));
  for (const online of [false, false, true]) await server.post('network', { online });
  await server.post('card', { person: 'aisha' });
  stop();
  expect(seen).toEqual([false, true]);
  expect(server.bench.network.online).toBe(true);
  expect(await refusal(await server.post('network', { online: 'no' }))).toMatchObject({ status: 400 });
});

test('events tell the whole snapshot at once and after each change', async () => {
  const stop = new AbortController();
  const response = await fetch(`${server.url}/bench/api/events`, { signal: stop.signal });
  const decoder = new TextDecoder();
  const chunks = response.body?.getReader();
  let text = '';
  const next = async (): Promise<BenchSnapshot> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const data = text.slice(0, end).replace(/^event: snapshot\ndata: /, '');
        text = text.slice(end + 2);
        return JSON.parse(data) as BenchSnapshot;
      }
      text += decoder.decode((await chunks?.read())?.value, { stream: true });
    }
  };
  expect((await next()).state.card).toBeNull();
  await server.post('card', { person: 'aisha' });
  const after = await next();
  expect(after.state.card).toBe('aisha');
  expect(after.log.at(-1)).toMatchObject({ what: 'card-laid', person: 'aisha' });
  stop.abort();
});

test('what the bench does not have is said in a sentence', async () => {
  expect(await refusal(await server.get('/bench/api/kettle'))).toMatchObject({
    status: 404,
    code: 'not-found',
  });
  expect(await refusal(await server.get('/bench'))).toMatchObject({ status: 503, code: 'not-built' });
});

test('only simulated devices are served', async () => {
  const other = await startBench({ without: ['idCardReader', 'certificatePrinter', 'faceCamera'] });
  try {
    expect(Object.keys(other.bench.devices).toSorted()).toEqual(['codeScanner', 'receiptPrinter']);
    const answers = await Promise.all([
      other.post('card', { person: 'aisha' }),
      other.post('device/certificatePrinter', { fault: 'jam' }),
      other.get('/bench/camera'),
    ]);
    for (const answer of answers) {
      expect(await refusal(answer)).toMatchObject({ status: 404, code: 'not-simulated' });
    }
  } finally {
    await other.close();
  }
});
