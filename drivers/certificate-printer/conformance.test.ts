import { afterEach, expect, test } from 'vitest';
import { formatReport, type Hands, runChecks } from '../conformance/index.ts';
import { systemClock } from '../device.ts';
import { type CertificatePrinterTask, certificatePrinterChecks } from './conformance.ts';
import { openCertificatePrinter } from './driver.ts';
import type { CertificatePrinterFault } from './simulator/engine.ts';
import { startSimulatedCertificatePrinter } from './simulator/simulator.ts';
import { ippEvePrinterUnavailable, startIppEvePrinter } from './testing/ippeveprinter.ts';

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

const run = (subject: string, uri: string, hands: Hands<CertificatePrinterTask>, patienceMs = 8_000) =>
  runChecks({
    subject,
    checks: certificatePrinterChecks,
    context: {
      open: () => openCertificatePrinter({ uri, pollIntervalMs: 20 }),
      clock: systemClock,
      hands,
      run: 'conformance',
      patienceMs,
    },
    now: () => performance.now(),
  });

test('the simulated printer conforms', async () => {
  const printer = await startSimulatedCertificatePrinter({ clock: systemClock, pagesPerMinute: 600 });
  ended.push(printer.close);
  const faults: Record<CertificatePrinterTask, CertificatePrinterFault | null> = {
    'empty-tray': 'paper-out',
    'fill-tray': null,
    'jam-paper': 'jam',
    'clear-jam': null,
    unplug: 'unplugged',
    'plug-in': null,
  };
  const report = await run('simulator', printer.uri, async (task) => {
    await printer.fault(faults[task]);
    return true;
  });
  expect(report.conforms, formatReport(report)).toBe(true);
  expect(report.checks.map(({ outcome }) => outcome)).not.toContain('skipped');
});

test('a printer that says nothing of an empty tray and a jam does not conform', async () => {
  const printer = await startSimulatedCertificatePrinter({ clock: systemClock, pagesPerMinute: 600 });
  ended.push(printer.close);
  const report = await run(
    'liar',
    printer.uri,
    async (task) => {
      if (task === 'jam-paper' || task === 'empty-tray') return true;
      await printer.fault(null);
      return task !== 'unplug';
    },
    1_000,
  );
  expect(report.conforms).toBe(false);
  const failures = report.checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
  expect(failures).toEqual(['waits-for-paper', 'waits-for-a-jam']);
});

const unavailable = ippEvePrinterUnavailable();
test.skipIf(unavailable !== null)(
  `ippeveprinter conforms${unavailable === null ? '' : ` (skipped: ${unavailable})`}`,
  async () => {
    const printer = await startIppEvePrinter();
    if ('unavailable' in printer) throw new Error(printer.unavailable);
    ended.push(printer.stop);
    const deeds: Record<CertificatePrinterTask, () => Promise<void> | void> = {
      'empty-tray': () => printer.setTray(0),
      'fill-tray': () => printer.setTray(250),
      'jam-paper': () => printer.jam(true),
      'clear-jam': () => printer.jam(false),
      unplug: printer.unplug,
      'plug-in': printer.plugIn,
    };
    const report = await run('ippeveprinter', printer.uri, async (task) => {
      await deeds[task]();
      return true;
    });
    expect(report.conforms, formatReport(report)).toBe(true);
    expect(report.checks.map(({ outcome }) => outcome)).not.toContain('skipped');
  },
);
