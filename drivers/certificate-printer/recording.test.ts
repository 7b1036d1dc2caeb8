import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { formatReport, runChecks } from '../conformance/index.ts';
import { systemClock } from '../device.ts';
import { certificatePrinterChecks } from './conformance.ts';
import { openCertificatePrinter } from './driver.ts';
import { createIppClient, type IppClient } from './ipp/client.ts';
import { parseIppRecording } from './ipp/recording.ts';
import { type IppReplay, replayIpp } from './ipp/replay.ts';
import { samplePage } from './sample-page.ts';
import { startSimulatedCertificatePrinter } from './simulator/simulator.ts';

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

const replayOf = (text: string): IppReplay => {
  const recording = parseIppRecording(text);
  if (!recording.ok) throw new Error(recording.error);
  return replayIpp(recording.value);
};
const replaying = (replay: IppReplay) => () =>
  openCertificatePrinter({ uri: 'ipp://recording/', pollIntervalMs: 10, replay });
const recorded = readFileSync(join(import.meta.dirname, 'recordings', 'ippeveprinter.jsonl'), 'utf8');

test('the recorded ippeveprinter still conforms, and its jam is seen and outwaited', async () => {
  const replay = replayOf(recorded);
  const report = await runChecks({
    subject: 'recording',
    checks: certificatePrinterChecks,
    context: {
      open: replaying(replay),
      clock: systemClock,
      hands: async () => false,
      run: 'recorded',
      patienceMs: 5_000,
    },
    now: () => performance.now(),
  });
  expect(replay.divergence).toBeNull();
  expect(report.conforms, formatReport(report)).toBe(true);
  expect(report.checks.filter(({ outcome }) => outcome === 'passed')).toHaveLength(6);

  const printer = replaying(replay)();
  ended.push(printer.close);
  const papers: string[] = [];
  printer.onStatus(({ paper }) => papers.push(paper));
  const printed = await printer.print({ pdf: samplePage(), jobName: 'recorded-jam', copies: 1 });
  expect(printed).toMatchObject({ ok: true, value: { outcome: 'delivered' } });
  expect(papers).toContain('jammed');
  expect(replay.divergence).toBeNull();
  expect(replay.left).toBe(0);
});

test('no host, owner or document stands in the recording', () => {
  expect(recorded).not.toMatch(
    /127\.0\.0\.1|localhost|http|ipp:\/|requesting-user-name|PDF-|uuid|\/tmp|\/home|\/root/,
  );
});

test('a driver that asks for something else is told so', async () => {
  const replay = replayOf(recorded);
  const printer = replaying(replay)();
  ended.push(printer.close);
  const printed = await printer.print({
    pdf: samplePage(),
    jobName: 'never recorded',
    copies: 1,
    timeoutMs: 300,
  });
  expect(printed).toMatchObject({ ok: false, error: { outcome: 'failed' } });
  expect(replay.divergence).toMatch(/operation 0x0005 was not recorded like this/);
});

test('what is recorded of a live session can be read again; other people’s jobs are not in it', async () => {
  const simulator = await startSimulatedCertificatePrinter({ clock: systemClock, pagesPerMinute: 1200 });
  ended.push(simulator.close);
  const stranger = openCertificatePrinter({ uri: simulator.uri, user: 'somebody else', pollIntervalMs: 10 });
  ended.push(stranger.close);
  expect((await stranger.print({ pdf: samplePage(), jobName: 'a stranger’s', copies: 1 })).ok).toBe(true);
  let text = '';
  const printer = openCertificatePrinter({
    uri: simulator.uri,
    pollIntervalMs: 10,
    record: (line) => {
      text += line;
    },
  });
  ended.push(printer.close);
  expect((await printer.print({ pdf: samplePage(), jobName: 'mine', copies: 1 })).ok).toBe(true);
  expect((await printer.lookup('mine')).ok).toBe(true);
  expect(text).not.toContain('stranger');
  const replay = replayOf(text);
  const again = replaying(replay)();
  ended.push(again.close);
  expect(await again.print({ pdf: samplePage(), jobName: 'mine', copies: 1 })).toMatchObject({
    ok: true,
    value: { outcome: 'delivered' },
  });
  expect(replay.divergence).toBeNull();
});

test('of a printer that tells no owners only jobs are recorded whose names were sent', async () => {
  const simulator = await startSimulatedCertificatePrinter({ clock: systemClock, pagesPerMinute: 1200 });
  ended.push(simulator.close);
  const stranger = openCertificatePrinter({ uri: simulator.uri, user: 'somebody else', pollIntervalMs: 10 });
  ended.push(stranger.close);
  expect((await stranger.print({ pdf: samplePage(), jobName: 'a stranger’s', copies: 1 })).ok).toBe(true);
  const telling = createIppClient({
    uri: simulator.uri,
    clock: systemClock,
    user: 'kiosk',
    timeoutMs: 3_000,
  });
  const client: IppClient = {
    ...telling,
    async call(call) {
      const answer = await telling.call(call);
      if (!answer.ok) return answer;
      const groups = answer.value.groups.map((group) => ({
        ...group,
        attributes: group.attributes.filter(({ name }) => name !== 'job-originating-user-name'),
      }));
      return { ok: true, value: { ...answer.value, groups } };
    },
  };
  let text = '';
  const printer = openCertificatePrinter({
    uri: simulator.uri,
    pollIntervalMs: 10,
    replay: { client },
    record: (line) => {
      text += line;
    },
  });
  ended.push(printer.close);
  expect((await printer.print({ pdf: samplePage(), jobName: 'mine', copies: 1 })).ok).toBe(true);
  expect(await printer.lookup('a stranger’s')).toEqual({ ok: true, value: 'delivered' });
  expect(text).not.toContain('stranger');
  const again = replaying(replayOf(text))();
  ended.push(again.close);
  expect(await again.print({ pdf: samplePage(), jobName: 'mine', copies: 1 })).toMatchObject({ ok: true });
  expect(await again.lookup('mine')).toEqual({ ok: true, value: 'delivered' });
});

test.each([
  ['', 'line 1: not the header of a device recording'],
  [
    '{"format":"device-recording","version":1,"device":"id-card-reader"}\n',
    'line 1: this is a recording of another device: id-card-reader',
  ],
])('what is no recording is refused: %j', (text, error) => {
  expect(parseIppRecording(text)).toEqual({ ok: false, error });
});

test('a recording that went on over several openings is one recording', () => {
  const [header = ''] = recorded.split('\n');
  const once = parseIppRecording(recorded);
  const twice = parseIppRecording(`${recorded}${header}\n`);
  expect(twice).toEqual(once);
  expect(once.ok && once.value.exchanges.length).toBeGreaterThan(10);
});

test('a damaged line is named', () => {
  const lines = recorded.split('\n');
  lines[2] = '{"kind":"ipp"}';
  expect(parseIppRecording(lines.join('\n'))).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^line 3: /),
  });
});
