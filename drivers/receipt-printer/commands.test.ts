import { expect, test } from 'vitest';
import { ConfigError } from '../config.ts';
import { memoryTransport } from '../transport/index.ts';
import { openReceiptPrinter } from './driver.ts';
import { inProcess, slip } from './testing/bench.ts';

const printed = { ok: true, value: { kind: 'printed' } };
const error = (code: string, reason: string) => ({
  ok: false,
  error: expect.objectContaining({ code, reason }),
});

test('what it can do is known as far as it has been told', async () => {
  const { clock, printer, fault } = inProcess();
  expect(printer.capabilities).toEqual({
    columns: 48,
    dots: 576,
    codes: ['qr', 'code128'],
    cuts: ['partial', 'full'],
    asksStatus: true,
    confirms: null,
    nearEndSensor: null,
    model: null,
  });
  await clock.advance(1_000);
  expect(printer.capabilities).toMatchObject({ confirms: true, model: 'SIM-80', nearEndSensor: null });
  fault('paper-low');
  await clock.advance(2_000);
  expect(printer.capabilities.nearEndSensor).toBe(true);
});

test('a printer that does not know GS I prints nothing for it', async () => {
  const { clock, printer, slips, settle } = inProcess({ simulator: { model: null } });
  await clock.advance(2_000);
  expect(printer.capabilities).toMatchObject({ confirms: true, model: null });
  expect(await settle(printer.print(slip('clean')))).toEqual(printed);
  expect(slips).toEqual(['clean']);
});

test('paper and receipts are told as events', async () => {
  const { clock, printer, events, fault, settle } = inProcess();
  await clock.advance(1_000);
  fault('paper-low');
  await clock.advance(2_000);
  fault('paper-out');
  await clock.advance(2_000);
  fault(null);
  await clock.advance(2_000);
  await settle(printer.print(slip('a')));
  await settle(printer.print(slip('b')));
  expect(events).toEqual([
    { name: 'PaperThreshold', state: 'low' },
    { name: 'PaperThreshold', state: 'out' },
    { name: 'PaperThreshold', state: 'full' },
    { name: 'MediaPresented', jobs: 1 },
    { name: 'MediaPresented', jobs: 2 },
  ]);
});

test('an unplugged cable is no news about the paper', async () => {
  const { clock, printer, events, fault } = inProcess();
  await clock.advance(1_000);
  fault('unplugged');
  await clock.advance(5_000);
  expect(printer.status).toMatchObject({ device: 'noDevice', paper: 'unknown' });
  fault(null);
  await clock.advance(3_000);
  expect(printer.status).toMatchObject({ device: 'online', paper: 'full' });
  expect(events).toEqual([]);
});

test('a command ends in time: nothing was sent, or it is unknown', async () => {
  const { clock, printer, slips, fault, settle } = inProcess({ simulator: { speedMmPerSecond: 20 } });
  await clock.advance(1_000);
  fault('paper-out');
  await clock.advance(1_000);
  expect(await settle(printer.print(slip('never'), { timeoutMs: 3_000 }))).toEqual(
    error('timeOut', 'not-sent'),
  );
  fault(null);
  await clock.advance(2_000);
  const sent = printer.print(slip('x\n'.repeat(30)), { timeoutMs: 1_000 });
  expect(await settle(sent)).toEqual(error('timeOut', 'outcome-unknown'));
  expect(await settle(printer.print(slip('after')))).toEqual(printed);
  expect(slips.at(-1)).toBe('after');
  expect(slips.join()).not.toContain('never');
});

test('aborted in mid print: unknown; the next receipt is confirmed by its own barrier', async () => {
  const { clock, printer, slips, fault, settle } = inProcess({ simulator: { speedMmPerSecond: 20 } });
  const abort = new AbortController();
  const printing = printer.print(slip('x\n'.repeat(30)), { signal: abort.signal });
  await clock.advance(2_000);
  fault('paper-out');
  await clock.advance(1_000);
  abort.abort();
  expect(await settle(printing)).toEqual(error('canceled', 'outcome-unknown'));
  const next = printer.print(slip('next'));
  await clock.advance(1_000);
  expect(slips).toEqual([]);
  fault(null);
  expect(await settle(next)).toEqual(printed);
  expect(slips).toHaveLength(2);
  expect(slips[1]).toBe('next');
});

test('cut separates, reset brings back from an error and throws the buffer away', async () => {
  const { clock, printer, slips, fault, settle } = inProcess();
  expect(await settle(printer.print({ lines: [{ kind: 'text', text: 'uncut' }] }))).toEqual(printed);
  expect(slips).toEqual([]);
  expect(await settle(printer.cut())).toEqual({ ok: true, value: { kind: 'cut' } });
  expect(slips).toEqual(['uncut']);

  fault('jam');
  await clock.advance(1_000);
  const resetting = printer.reset({ timeoutMs: 60_000 });
  expect(await printer.cut()).toEqual(error('sequenceError', 'busy'));
  await clock.advance(1_000);
  fault(null);
  expect(await settle(resetting)).toEqual({ ok: true, value: { kind: 'reset' } });
  expect(printer.status.device).toBe('online');
  expect(await settle(printer.print(slip('again')))).toEqual(printed);
  expect(slips).toEqual(['uncut', 'again']);
  fault('unplugged');
  await clock.advance(1_000);
  expect(await settle(printer.reset({ timeoutMs: 500 }))).toEqual(error('timeOut', 'not-sent'));
});

/** A printer that answers only what it is told to answer. */
const withoutAnswers = (isAnswered: (byte: number) => boolean) => ({
  wrap: (transport: ReturnType<typeof memoryTransport>['transport']) => ({
    name: transport.name,
    async open() {
      const opened = await transport.open();
      if (!opened.ok) return opened;
      const link = opened.value;
      return {
        ok: true as const,
        value: {
          ...link,
          onData: (listener: (chunk: Uint8Array) => void) =>
            link.onData((chunk) => listener(chunk.filter(isAnswered))),
        },
      };
    },
  }),
});

test('a printer that never answers DLE EOT is ready when its port is, and its barrier is believed', async () => {
  const onlyBarriers = withoutAnswers((byte) => (byte & 0x90) === 0);
  const { clock, printer, slips, settle } = inProcess({
    ...onlyBarriers,
    asksStatus: false,
    automaticStatus: false,
    model: 'silent',
  });
  await clock.advance(0);
  expect(printer.status).toEqual({
    device: 'online',
    paper: 'unknown',
    cover: 'unknown',
    cutter: 'unknown',
    head: 'unknown',
  });
  expect(await settle(printer.print(slip('a')))).toEqual(printed);
  expect(slips).toEqual(['a']);
  expect(printer.capabilities).toMatchObject({ asksStatus: false, confirms: true });
});

test('a printer that reports changes but cannot be asked', async () => {
  const { clock, printer, fault } = inProcess({
    ...withoutAnswers((byte) => (byte & 0x93) !== 0x12),
    asksStatus: false,
    model: 'reports',
  });
  await clock.advance(1_000);
  expect(printer.status).toMatchObject({ device: 'online', paper: 'full', cover: 'closed' });
  fault('cover-open');
  await clock.advance(1);
  expect(printer.status).toMatchObject({ device: 'userError', cover: 'open' });
  fault(null);
  await clock.advance(1);
  expect(printer.status).toMatchObject({ device: 'online', cover: 'closed' });
});

test('a printer that answers nothing prints, and nobody claims to know', async () => {
  const { clock, printer, slips, fault, settle } = inProcess({
    ...withoutAnswers(() => false),
    asksStatus: false,
    confirms: false,
  });
  await clock.advance(0);
  expect(printer.capabilities.confirms).toBe(false);
  expect(await settle(printer.print(slip('blind')))).toEqual(error('unsupportedCommand', 'outcome-unknown'));
  expect(await settle(printer.print(slip('again')))).toEqual(error('unsupportedCommand', 'outcome-unknown'));
  fault('unplugged');
  await clock.advance(500);
  fault(null);
  expect(await settle(printer.print(slip('back')))).toEqual(error('unsupportedCommand', 'outcome-unknown'));
  await clock.advance(1_000);
  expect(slips).toEqual(['blind', 'again', 'back']);
});

test('a printer believed to confirm that does not: nothing is sent', async () => {
  const { printer, slips, settle } = inProcess({ ...withoutAnswers((byte) => (byte & 0x93) === 0x12) });
  expect(await settle(printer.print(slip('x')))).toEqual(error('unsupportedCommand', 'barrier-unanswered'));
  expect(printer.capabilities.confirms).toBe(false);
  expect(slips).toEqual([]);
});

test('a wrong configuration is named field by field', () => {
  const { transport } = memoryTransport();
  const open = (config: object) => () => openReceiptPrinter({ transport, ...config });
  expect(open({ columns: 400 })).toThrow(ConfigError);
  expect(open({ columns: 400 })).toThrow(/columns.*a receipt has 16 to 96 columns/);
  expect(open({ protocol: 'zpl' })).toThrow(/protocol/);
  expect(open({ transport: { kind: 'tcp', host: '' } })).toThrow(/transport.host/);
  expect(open({ colour: 'red' })).toThrow(/colour/);
  expect(open({ columns: 48, dotsPerLine: 100 })).toThrow(/dotsPerLine.*at least 12 dots a column/);
});
