import { describe, expect, test } from 'vitest';
import { errorResponseSchema, kioskPaths } from './contract/index.ts';
import { type Bench, post, TestKiosk } from './testing/index.ts';

/** The edges every route shares. */
export function httpSuite(bench: Bench): void {
  test('says that it lives and is ready', async () => {
    for (const path of ['healthz', 'readyz']) {
      const response = await fetch(bench.url + path);
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    }
  });

  test('describes every route', async () => {
    const description = (await (await fetch(`${bench.url}docs/json`)).json()) as { paths: object };
    expect(Object.keys(description.paths).sort()).toEqual(
      [...Object.values(kioskPaths), '/api/console/summary', '/api/verify', '/healthz', '/readyz'].sort(),
    );
    expect((await fetch(`${bench.url}docs/`)).status).toBe(200);
  });

  test('serves its pages without anything inline', async () => {
    for (const path of ['', 'verify', 'verify/', 'console']) {
      const response = await fetch(bench.url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      const policy = response.headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      const html = await response.text();
      expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son[a-z]+=/);
      for (const [, asset] of html.matchAll(/(?:src|href)="(\/[a-z]+\/[^"]+)"/g)) {
        expect((await fetch(new URL(asset ?? '', bench.url))).status).toBe(200);
      }
    }
  });

  describe('answers errors as JSON that says what to do, and nothing else', () => {
    const cases: readonly (readonly [what: string, body: unknown, status: number, code: string])[] = [
      ['malformed JSON', '{"number": ', 400, 'malformed'],
      ['an empty body', '', 400, 'malformed'],
      ['not as described', { number: 5 }, 400, 'invalid'],
      ['poisoned', '{"__proto__": {"a": 1}}', 400, 'malformed'],
      ['too large', JSON.stringify({ statement: 'x'.repeat(70_000) }), 413, 'too-large'],
    ];
    test.each(cases)('%s', async (_what, body, status, code) => {
      const answer = await post(bench.url, '/api/verify', body);
      expect(answer.status).toBe(status);
      expect(errorResponseSchema.parse(answer.json).error).toMatchObject({ kind: 'rejected', code });
      expect(JSON.stringify(answer.json)).not.toMatch(/ at (file:|async )|node_modules|\.ts/);
    });

    test('too many events at once, too much in them', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'large-1');
      const tooMany = await kiosk.sendEvents(Array(201).fill({}));
      expect([tooMany.status, tooMany.json.error.code]).toEqual([400, 'invalid']);
      const tooMuch = await kiosk.sendEvents(['x'.repeat(2 * 1024 * 1024)]);
      expect([tooMuch.status, tooMuch.json.error.code]).toEqual([413, 'too-large']);
      const malformed = await kiosk.send(kioskPaths.events, '{"events": [');
      expect([malformed.status, malformed.json.error.code]).toEqual([400, 'malformed']);
    });

    test('an unknown address, an unknown method, another format', async () => {
      const nowhere = await post(bench.url, '/api/nothing', {});
      expect(nowhere.status).toBe(404);
      expect(errorResponseSchema.parse(nowhere.json).error.code).toBe('no-such-address');
      const got = await fetch(`${bench.url}api/verify`);
      expect([got.status, errorResponseSchema.parse(await got.json()).error.kind]).toEqual([404, 'rejected']);
      const xml = await fetch(`${bench.url}api/verify`, {
        method: 'POST',
        body: '<a/>',
        headers: { 'content-type': 'text/xml' },
      });
      expect([xml.status, errorResponseSchema.parse(await xml.json()).error.code]).toEqual([
        415,
        'media-type',
      ]);
    });

    test('more than sixty questions a minute from one address', async () => {
      const ask = () => post(bench.url, '/api/verify', { statement: 'x' });
      let answer = await ask();
      // Twice as many, and one: wherever the minute ends among them, one part of them is too many.
      for (let asked = 1; asked < 121 && answer.status !== 429; asked++) answer = await ask();
      expect(answer.status).toBe(429);
      expect(errorResponseSchema.parse(answer.json).error).toMatchObject({
        kind: 'retryable',
        code: 'too-many',
      });
    });
  });
}
