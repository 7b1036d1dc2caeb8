import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../device.ts';
import { imageInfo } from './image-info.ts';
import { decodePhoto } from './photo-decoder.ts';
import { opaqueBytes } from './simulated-bytes.ts';
import { bench } from './testing/bench.ts';
import { inventedCitizen } from './testing/invented-cards.ts';

const PHOTO = opaqueBytes('photo', 1024);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'photo-decoder-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A 24-bit bitmap: 102 x 126 has 38,862 bytes. */
function bitmap(width: number, height: number): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4;
  const bytes = Buffer.alloc(54 + row * height, 0x7f);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(0, 6);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  bytes.fill(0, 30, 54);
  return bytes;
}

/** Runs a decoder written as a Node.js program. */
const decodeWith = async (source: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}) => {
  const file = path.join(folder, `decoder-${readdirSync(folder).length}.cjs`);
  writeFileSync(file, source);
  const { timeoutMs = 5000, signal } = options;
  const config = { program: process.execPath, args: [file], timeoutMs };
  return decodePhoto(PHOTO, config, { clock: systemClock, ...(signal && { signal }) });
};

/** Reads everything, as a decoder does, then does `then` with `input`. */
const reading = (then: string) => `
  const chunks = [];
  process.stdin.on('data', (chunk) => chunks.push(chunk));
  process.stdin.on('end', () => { const input = Buffer.concat(chunks); ${then} });
`;

describe('a photo decoder', () => {
  test('is given the photo and believed when it answers with an image', async () => {
    const file = path.join(folder, 'photo.bmp');
    writeFileSync(file, bitmap(102, 126));
    const decoded = await decodeWith(
      reading(`
        const expected = '${Buffer.from(PHOTO).toString('hex')}';
        if (input.toString('hex') !== expected) process.exit(3);
        process.stdout.write(require('node:fs').readFileSync(${JSON.stringify(file)}));
      `),
    );
    expect(decoded).toMatchObject({ ok: true, value: { format: 'bmp', width: 102, height: 126 } });
    expect(decoded.ok && decoded.value.bytes).toHaveLength(38862);
  });

  test('sees nothing of our environment', async () => {
    process.env.PHOTO_DECODER_SECRET = 'x';
    const decoded = await decodeWith(
      reading(`process.exit(Object.keys(process.env).filter((name) => name !== 'SystemRoot').length);`),
    );
    delete process.env.PHOTO_DECODER_SECRET;
    // Ending well without an image is another complaint than ending badly.
    expect(decoded).toMatchObject({ error: { reason: 'not-an-image' } });
  });

  test.each([
    ['garbage', `process.stdout.write(Buffer.alloc(38862, 7))`, 'not-an-image', 'invalidData'],
    ['nothing', ``, 'not-an-image', 'invalidData'],
    ['a failure', `process.exit(1)`, 'crashed', 'internalError'],
    ['its death', `process.kill(process.pid, 'SIGKILL')`, 'crashed', 'internalError'],
  ])('that answers with %s', async (_, then, reason, code) => {
    expect(await decodeWith(reading(then))).toMatchObject({ ok: false, error: { code, reason } });
  });

  test('that answers with an image of another size, or half an image', async () => {
    const file = path.join(folder, 'other.bmp');
    writeFileSync(file, bitmap(640, 480));
    const other = await decodeWith(
      reading(`process.stdout.write(require('node:fs').readFileSync(${JSON.stringify(file)}))`),
    );
    expect(other).toMatchObject({
      error: { reason: 'not-an-image', detail: expect.stringContaining('640 x 480') },
    });
    writeFileSync(file, bitmap(102, 126).subarray(0, 20_000));
    const half = await decodeWith(
      reading(`process.stdout.write(require('node:fs').readFileSync(${JSON.stringify(file)}))`),
    );
    expect(half).toMatchObject({ error: { reason: 'not-an-image' } });
  });

  test('that hangs, and one that is no longer wanted, are ended', async () => {
    const from = performance.now();
    const hung = await decodeWith(`setInterval(() => {}, 1000)`, { timeoutMs: 700 });
    expect(hung).toMatchObject({ error: { code: 'timeOut', reason: 'timed-out' } });
    const stop = new AbortController();
    const unwanted = decodeWith(`setInterval(() => {}, 1000)`, { signal: stop.signal });
    stop.abort();
    expect(await unwanted).toMatchObject({ error: { code: 'canceled' } });
    expect(performance.now() - from).toBeLessThan(5000);
  });

  test('that writes a gigabyte is ended long before', async () => {
    const flood = `
      let left = 1024;
      const more = () => { while (left-- > 0) if (!process.stdout.write(Buffer.alloc(1 << 20))) return process.stdout.once('drain', more); };
      more();
    `;
    const before = process.memoryUsage().rss;
    expect(await decodeWith(flood)).toMatchObject({ error: { reason: 'too-large' } });
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  test('that does not read what it is given, though it is more than a pipe holds', async () => {
    const config = { program: process.execPath, args: ['-e', 'process.stdin.destroy()'], timeoutMs: 5000 };
    const decoded = await decodePhoto(new Uint8Array(1 << 20), config, { clock: systemClock });
    expect(decoded).toMatchObject({ error: { reason: 'not-an-image' } });
  });

  test('that is not there', async () => {
    const config = { program: path.join(folder, 'no such program'), args: [], timeoutMs: 5000 };
    expect(await decodePhoto(PHOTO, config, { clock: systemClock })).toMatchObject({
      error: { code: 'unsupportedCommand', reason: 'not-installed' },
    });
  });

  test('is not asked about a card without a photo', async () => {
    const config = { program: 'never started', args: [], timeoutMs: 5000 };
    expect(await decodePhoto(new Uint8Array(0), config, { clock: systemClock })).toMatchObject({
      error: { reason: 'no-photo' },
    });
  });

  test('is ended when the reader is closed, and does not run afterwards', async () => {
    const file = path.join(folder, 'endless.cjs');
    writeFileSync(file, 'setInterval(() => {}, 1000);');
    const { reader } = await bench({ photoDecoder: { program: process.execPath, args: [file] } });
    const decoding = reader.decodePhoto(PHOTO);
    await reader.close();
    const canceled = { ok: false, error: { code: 'canceled' } };
    expect(await decoding).toMatchObject(canceled);
    expect(await reader.decodePhoto(PHOTO)).toMatchObject(canceled);
  });

  test('decodes what the reader has read', async () => {
    const file = path.join(folder, 'photo.bmp');
    writeFileSync(file, bitmap(102, 126));
    const script = `process.stdout.write(require('node:fs').readFileSync(${JSON.stringify(file)}))`;
    const { reader, simulator, settled } = await bench({
      photoDecoder: { program: process.execPath, args: ['-e', script] },
    });
    expect(reader.capabilities.photo).toBe(true);
    simulator.place(inventedCitizen(1));
    const read = await settled(reader.readCard());
    if (!read.ok) throw new Error(read.error.detail);
    expect(await reader.decodePhoto(read.value.photo)).toMatchObject({ ok: true, value: { format: 'bmp' } });
  });
});

describe('images are recognised by their bytes', () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  );
  /** Start of image, an application segment, start of a progressive frame of 126 rows by 102 columns, end of image. */
  const jpeg = Buffer.from('ffd8ffe000040000ffc2000b08007e0066010111 00ffd9'.replaceAll(' ', ''), 'hex');

  test('bitmaps, PNG and JPEG', () => {
    expect(imageInfo(bitmap(102, 126))).toEqual({ format: 'bmp', width: 102, height: 126 });
    expect(imageInfo(png)).toEqual({ format: 'png', width: 1, height: 1 });
    expect(imageInfo(jpeg)).toEqual({ format: 'jpeg', width: 102, height: 126 });
  });

  test('not when they break off', () => {
    for (const image of [bitmap(102, 126), png, jpeg])
      for (let size = 0; size < Math.min(200, image.length); size++)
        expect(imageInfo(image.subarray(0, size))).toBeNull();
  });
});
