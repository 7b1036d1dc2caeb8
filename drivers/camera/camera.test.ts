import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatReport, runChecks } from '../conformance/index.ts';
import { memoryPort } from '../conformance/testing/pluggable-port.ts';
import { systemClock } from '../device.ts';
import { openLights, type SimulatedLights, simulateLights } from '../lights/index.ts';
import { manualClock } from '../transport/index.ts';
import {
  type CameraConfig,
  cameraChecks,
  cameraConfigSchema,
  chooseCamera,
  labelOf,
  matches,
  openCamera,
  partsOf,
  simulateCameras,
} from './index.ts';

const RGB = { name: 'HD Camera RGB', usb: '1bcf:2b8a' };
const INFRARED = { name: 'HD Camera IR', usb: '1bcf:2b8a' };
const DOCUMENT = { name: 'Document Camera', usb: '0ac8:3420' };
const labels = [RGB, INFRARED, DOCUMENT].map(({ name, usb }) => labelOf(name, usb));

describe('which camera is meant', () => {
  test('by label, by ids, by both; never by its place', () => {
    const choice = (label?: string, usb?: string) => chooseCamera(labels, { label, usb });
    expect(choice('Document Camera')).toEqual({ kind: 'found', label: 'Document Camera (0ac8:3420)' });
    expect(choice('Document Camera (0ac8:3420)')).toMatchObject({ kind: 'found' });
    expect(choice(undefined, '0AC8:3420')).toEqual({ kind: 'found', label: 'Document Camera (0ac8:3420)' });
    expect(choice('document')).toMatchObject({ kind: 'found' });
    expect(choice(undefined, '1bcf:2b8a')).toEqual({ kind: 'ambiguous', labels: labels.slice(0, 2) });
    expect(choice('RGB', '1bcf:2b8a')).toEqual({ kind: 'found', label: labels[0] });
    expect(choice('IR', '0ac8:3420')).toEqual({ kind: 'none' });
    expect(choice('Camera')).toMatchObject({ kind: 'ambiguous' });
  });

  test('a whole name is meant before a part of another', () => {
    const two = ['Camera (0001:0001)', 'Camera IR (0001:0001)'];
    expect(chooseCamera(two, { label: 'Camera' })).toEqual({ kind: 'found', label: two[0] });
    expect(chooseCamera(['Camera (0001:0001)', 'Camera (0001:0001)'], { label: 'Camera' })).toMatchObject({
      kind: 'ambiguous',
    });
  });

  test('any name and ids make a label that is taken apart again, and that they mean', () => {
    const id = fc.stringMatching(/^[0-9a-f]{4}:[0-9a-f]{4}$/);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), id, (name, usb) => {
        const label = labelOf(name, usb);
        const [told, whole] = [partsOf(label), partsOf(label).name];
        expect(told).toEqual({ name: whole, usb });
        expect(name.replace(/ $/, '')).toBe(whole.replace(/ $/, ''));
        expect(matches(label, { label: whole, usb }, true)).toBe(true);
        expect(matches(label, { usb: 'ffff:fffx' })).toBe(false);
      }),
    );
  });

  test('the order in which cameras come changes nothing', () => {
    const selection = fc.record({
      label: fc.constantFrom('RGB', 'HD Camera IR', 'Camera', 'x'),
      usb: fc.constantFrom(undefined, '1bcf:2b8a'),
    });
    fc.assert(
      fc.property(fc.shuffledSubarray(labels), selection, (some, select) => {
        const sorted = chooseCamera([...some].sort(), select);
        const given = chooseCamera(some, select);
        expect(given.kind).toBe(sorted.kind);
        if (given.kind === 'found') expect(given).toEqual(sorted);
      }),
    );
  });
});

describe('a camera that the kernel has', () => {
  function bench(select: CameraConfig['select']) {
    const cameras = simulateCameras();
    const clock = manualClock();
    const camera = openCamera({ select, source: 'kernel', videoClass: cameras.videoClass, clock });
    onTestFinished(async () => {
      await camera.close();
      cameras.remove();
    });
    const statuses: unknown[] = [];
    const events: string[] = [];
    camera.onStatus((status) => statuses.push(status));
    camera.onEvent(({ name }) => events.push(name));
    return { cameras, clock, camera, statuses, events };
  }
  const online = (label: string) => ({ device: 'online', label, ambiguous: [] });
  const absent = { device: 'noDevice', label: null, ambiguous: [] };

  test('is noticed within two seconds, as is its loss, and only changes are told', async () => {
    const { cameras, clock, statuses, events } = bench({ usb: '0ac8:3420' });
    await clock.advance(5000);
    expect(statuses).toEqual([absent]);
    cameras.plugInHalf();
    cameras.plugIn(RGB);
    await clock.advance(2000);
    expect(statuses).toEqual([absent]);
    cameras.plugIn(DOCUMENT);
    await clock.advance(2000);
    cameras.unplugAll();
    await clock.advance(2000);
    cameras.plugIn(DOCUMENT);
    await clock.advance(60_000);
    const there = online('Document Camera (0ac8:3420)');
    expect(statuses).toEqual([absent, there, absent, there]);
    expect(events).toEqual(['CameraConnected', 'CameraDisconnected', 'CameraConnected']);
  });

  test('and its twin: told as what it is, until one of them is gone', async () => {
    const { cameras, clock, camera } = bench({ usb: '1bcf:2b8a' });
    cameras.plugIn(RGB);
    await clock.advance(2000);
    expect(camera.status).toEqual(online('HD Camera RGB (1bcf:2b8a)'));
    cameras.plugIn(INFRARED);
    await clock.advance(2000);
    expect(camera.status).toEqual({ device: 'userError', label: null, ambiguous: labels.slice(0, 2) });
  });

  test('and is not on USB has a name only', async () => {
    const { cameras, clock, camera } = bench({ label: 'Platform Camera' });
    cameras.plugIn({ name: 'Platform Camera', usb: null });
    await clock.advance(2000);
    expect(camera.status).toEqual(online('Platform Camera'));
  });
});

test('a camera that the page sees', async () => {
  const camera = openCamera({ select: { label: 'RGB' }, source: 'page' });
  expect(camera.status.device).toBe('starting');
  camera.reportDevices(['']);
  expect(camera.status.device).toBe('noDevice');
  camera.reportDevices(labels);
  expect(camera.status).toEqual({ device: 'online', label: labels[0], ambiguous: [] });
  expect(await camera.setLight(1)).toMatchObject({ ok: false, error: { reason: 'no-light' } });
  await camera.close();
  camera.reportDevices([]);
  expect(camera.status.device).toBe('online');
});

function litBoard() {
  let board: SimulatedLights | null = null;
  const port = memoryPort((link) => {
    board = simulateLights({ link, clock: systemClock });
  });
  const config = {
    protocol: 'serial',
    transport: port.transport,
    lights: { camera: { channel: 1 } },
  } as const;
  return { port, config, isLit: () => (board ?? expect.unreachable()).lit.has(1) };
}

test('conforms, with a light of its own', async () => {
  const cameras = simulateCameras();
  cameras.plugIn(RGB);
  const { port, config, isLit } = litBoard();
  const report = await runChecks({
    subject: 'a simulated camera',
    checks: cameraChecks,
    context: {
      open: () =>
        openCamera({
          select: { usb: RGB.usb },
          source: 'kernel',
          videoClass: cameras.videoClass,
          light: { name: 'camera', lights: config },
        }),
      hands: async (task) => {
        if (task === 'unplug') cameras.unplugAll();
        else cameras.plugIn(RGB);
        return true;
      },
      eyes: async () => (isLit() ? 'lit' : 'dark'),
    },
    now: () => performance.now(),
  });
  await port.close();
  cameras.remove();
  expect(
    report.checks.every(({ outcome }) => outcome === 'passed'),
    formatReport(report),
  ).toBe(true);
});

test('a light among others that are open already is set, and left open', async () => {
  const { port, config, isLit } = litBoard();
  const lights = openLights(config);
  onTestFinished(async () => {
    await lights.close();
    await port.close();
  });
  await expect.poll(() => lights.status.device).toBe('online');
  const camera = openCamera({ select: { label: 'x' }, source: 'page', light: { name: 'camera', lights } });
  expect(camera.capabilities).toEqual({ source: 'page', light: true, dimmable: false });
  expect(await camera.setLight(1)).toEqual({ ok: true, value: undefined });
  await expect.poll(isLit).toBe(true);
  expect(await camera.setLight(0.5)).toMatchObject({ ok: false, error: { reason: 'not-dimmable' } });
  await camera.close();
  expect(lights.status.device).toBe('online');
  expect(isLit()).toBe(true);
});

test('a wrong configuration is told field by field', () => {
  const open = (config: unknown) => () => openCamera(config as CameraConfig);
  expect(open({ select: {} })).toThrow(/select.*name a label, a usb id, or both/);
  expect(open({ select: { usb: 'x' } })).toThrow(/select.usb/);
  expect(open({ select: { label: 'x' }, light: { name: 'a', lights: { protocol: 'x' } } })).toThrow(/light/);
});

test('a configuration that was checked passes again, unchanged', () => {
  const lights = { protocol: 'gpio', chip: 'gpiochip0', lights: { camera: { channel: 1 } } };
  const checked = cameraConfigSchema.parse({
    select: { usb: '1BCF:2B8A' },
    light: { name: 'camera', lights },
  });
  expect(checked.select.usb).toBe('1bcf:2b8a');
  expect(cameraConfigSchema.parse(checked)).toEqual(checked);
});
