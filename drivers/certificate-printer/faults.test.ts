/** Damaged, cut, slow, chatty and lying: at most one sheet, and never a "delivered" that nobody has said. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { err, systemClock } from '../device.ts';
import { openCertificatePrinter } from './driver.ts';
import type { IppClient } from './ipp/client.ts';
import { decodeIpp } from './ipp/decode.ts';
import { encodeIpp } from './ipp/encode.ts';
import { GROUP, type IppMessage } from './ipp/message.ts';
import { groupOf, groupsOf, numbersOf, OPERATION, textAttribute, textsOf } from './ipp/terms.ts';
import { JOB_STATE } from './print-service.ts';
import { samplePage } from './sample-page.ts';
import { createPrinterEngine, type PrintedPage } from './simulator/engine.ts';
import { answerTo } from './simulator/operations.ts';
import { startSimulatedCertificatePrinter } from './simulator/simulator.ts';
import { mediaFault } from './state.ts';
import { type Cut, startCuttingProxy } from './testing/cutting-proxy.ts';

const ended: (() => Promise<void> | void)[] = [];
const endAll = async () => {
  for (const end of ended.splice(0).reverse()) await end();
};
afterEach(endAll);

const URI = 'ipp://127.0.0.1/ipp/print';
const PDF = samplePage();

/** What becomes of an answer's bytes on their way; null: the answer is lost. */
type Spoil = (bytes: Uint8Array, operation: number) => Uint8Array | null;

/** A simulated printer without a network, whose answers are spoilt; it remembers what the driver was told. */
const spoilt = (spoil: Spoil) => {
  const engine = createPrinterEngine(systemClock, 60_000);
  const pages: PrintedPage[] = [];
  engine.onPage((page) => pages.push(page));
  const told = { completed: false, faultless: false };
  let requestId = 0;

  const listen = (message: IppMessage): void => {
    const states = groupsOf(message, GROUP.job).flatMap((job) => numbersOf(job, 'job-state'));
    if (states.includes(JOB_STATE.completed)) told.completed = true;
    const isPrinter = message.groups.some(({ tag }) => tag === GROUP.printer);
    if (!isPrinter || !told.completed) return;
    const reasons = textsOf(groupOf(message, GROUP.printer), 'printer-state-reasons');
    if (mediaFault(reasons) !== 'stuck') told.faultless = true;
  };

  const client: IppClient = {
    async call({ operation, attributes = [], jobAttributes = [], data = new Uint8Array() }) {
      requestId += 1;
      const head = [textAttribute('charset', 'attributes-charset', 'utf-8')];
      const user = textAttribute('name', 'requesting-user-name', 'kiosk');
      const groups = [
        { tag: GROUP.operation, attributes: [...head, user, ...attributes] },
        { tag: GROUP.job, attributes: jobAttributes },
      ];
      const answer = answerTo(
        engine,
        { uri: URI, createJob: true },
        { version: [2, 0], code: operation, requestId, groups, data },
      );
      const bytes = spoil(encodeIpp(answer), operation);
      if (bytes === null) return err({ kind: 'lost', detail: 'spoilt' });
      const decoded = decodeIpp(bytes);
      if (!decoded.ok) return err({ kind: 'lost', detail: decoded.error });
      listen(decoded.value);
      return decoded;
    },
    close: engine.close,
  };
  const printer = openCertificatePrinter({
    uri: URI,
    replay: { client },
    pollIntervalMs: 5,
    random: () => 0,
  });
  ended.push(printer.close);
  return { printer, pages, told };
};

const print = (printer: ReturnType<typeof openCertificatePrinter>, timeoutMs: number) =>
  printer.print({ pdf: PDF, jobName: 'certificate', copies: 1, timeoutMs });

test('damaged answers: no crash, no hang, one sheet at most, nothing delivered that no answer has said', async () => {
  const damage = fc.record({
    changes: fc.array(fc.tuple(fc.nat(1_200), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    length: fc.oneof({ weight: 3, arbitrary: fc.constant(10_000) }, { weight: 1, arbitrary: fc.nat(400) }),
    every: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ changes, length, every }) => {
      let answers = 0;
      const { printer, pages, told } = spoilt((bytes) => {
        answers += 1;
        if (answers % every !== 0) return bytes;
        const damaged = bytes.slice(0, length);
        for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte;
        return damaged;
      });
      const printing = print(printer, 60_000);
      const enough = setTimeout(printer.close, 50);
      const result = await printing;
      clearTimeout(enough);
      expect(pages.length).toBeLessThanOrEqual(1);
      if (result.ok) expect(told).toEqual({ completed: true, faultless: true });
      await endAll();
    }),
    { numRuns: 60 },
  );
});

/** Server-error-busy, although it was done. */
const busy: Spoil = (bytes) =>
  Uint8Array.from(bytes, (byte, index) => (index === 2 ? 0x05 : index === 3 ? 0x07 : byte));

test('any one answer lost, cut short at any place or refused: one sheet, delivered', async () => {
  const kinds: readonly Spoil[] = [
    () => null,
    (bytes) => bytes.subarray(0, 7),
    (bytes) => bytes.subarray(0, bytes.length - 1),
    busy,
  ];
  const operations = Object.values(OPERATION).filter(
    (code) => code !== OPERATION.printJob && code !== OPERATION.validateJob && code !== OPERATION.cancelJob,
  );
  const cases = operations
    .flatMap((operation) => kinds.map((kind, index) => ({ operation, kind, index })))
    // A job that was made in spite of "busy" stands for an intent that somebody follows: its end is tried below.
    .filter(({ operation, kind }) => operation !== OPERATION.createJob || kind !== busy);
  await Promise.all(
    cases.map(async ({ operation, kind, index }) => {
      let isSpoilt = false;
      const { printer, pages } = spoilt((bytes, code) => {
        if (isSpoilt || code !== operation) return bytes;
        isSpoilt = true;
        return kind(bytes, code);
      });
      const result = await print(printer, 15_000);
      expect({ operation, index, result, pages: pages.length, isSpoilt }).toEqual({
        operation,
        index,
        result: expect.objectContaining({ ok: true }),
        pages: 1,
        isSpoilt: true,
      });
    }),
  );
});

test('chatty: attributes that nobody asked for, values by the thousand, groups of other jobs', async () => {
  const chatter = textAttribute(
    'keyword',
    'chatter',
    ...Array.from({ length: 5_000 }, (_, n) => `word-${n}`),
  );
  const { printer, pages } = spoilt((bytes, operation) => {
    const answer = decodeIpp(bytes);
    if (!answer.ok) return bytes;
    const other = { tag: GROUP.unsupported, attributes: [chatter] };
    const groups = answer.value.groups.map((group) => ({
      ...group,
      attributes: [...group.attributes, chatter, ...group.attributes],
    }));
    const stranger = {
      tag: GROUP.job,
      attributes: [textAttribute('name', 'job-name', 'certificate'), chatter],
    };
    const more = operation === OPERATION.getJobs ? [stranger] : [];
    return encodeIpp({ ...answer.value, groups: [other, ...groups, ...more] });
  });
  expect(await print(printer, 15_000)).toMatchObject({ ok: true });
  expect(pages).toHaveLength(1);
});

test('lying: busy, but the job was made: it never gets a document, and no sheet is claimed', async () => {
  const { printer, pages } = spoilt((bytes, operation) =>
    operation === OPERATION.createJob ? busy(bytes, operation) : bytes,
  );
  expect(await print(printer, 500)).toMatchObject({
    ok: false,
    error: { code: 'timeOut', outcome: 'failed', reason: 'job-canceled' },
  });
  expect(pages).toEqual([]);
});

test('lying: the answer about another job is not believed', async () => {
  const { printer } = spoilt((bytes, operation) => {
    const answer = decodeIpp(bytes);
    if (!answer.ok || operation !== OPERATION.getJobAttributes) return bytes;
    const groups = answer.value.groups.map((group) => ({
      ...group,
      attributes: group.attributes.map((attribute) =>
        attribute.name === 'job-name' ? textAttribute('name', 'job-name', 'somebody else’s') : attribute,
      ),
    }));
    return encodeIpp({ ...answer.value, groups });
  });
  expect(await print(printer, 15_000)).toMatchObject({
    ok: false,
    error: { outcome: 'unknown', reason: 'job-gone' },
  });
});

/** First bytes of an HTTP request that carry Create-Job. */
const createsJob = (head: Buffer): boolean => {
  const body = head.indexOf('\r\n\r\n');
  return body > 0 && head.readUInt16BE(body + 6) === OPERATION.createJob;
};

test('the cable cut all along a print, from Create-Job on: one sheet at most, and what is said is true', async () => {
  const cuts: Cut[] = [];
  for (let at = 0; at < 1_600; at += 53) cuts.push({ afterReceived: at });
  for (let at = 1; at < 3_300; at += 101) cuts.push({ afterSent: at });
  const outcomes = new Map<string, number>();

  const one = async (cut: Cut): Promise<void> => {
    const simulator = await startSimulatedCertificatePrinter({ clock: systemClock, pagesPerMinute: 6_000 });
    const cable = await startCuttingProxy(simulator.port);
    const pages: PrintedPage[] = [];
    simulator.onPage((page) => pages.push(page));
    const printer = openCertificatePrinter({
      uri: `ipp://127.0.0.1:${cable.port}/ipp/print`,
      pollIntervalMs: 20,
      random: () => 0,
    });
    cable.cutWhen(createsJob, cut);
    // A document cut in the middle leaves a job that waits for the rest; a person's patience ends it.
    const result = await print(printer, 1_500);
    const outcome = result.ok ? 'delivered' : result.error.outcome;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (outcome === 'delivered') expect(pages).toHaveLength(1);
    else expect(pages.length).toBeLessThanOrEqual(outcome === 'failed' ? 0 : 1);
    await printer.close();
    await cable.close();
    await simulator.close();
  };
  const next = cuts.values();
  const worker = async (): Promise<void> => {
    for (const cut of next) await one(cut);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(outcomes.get('delivered')).toBeGreaterThan(cuts.length / 2);
});
