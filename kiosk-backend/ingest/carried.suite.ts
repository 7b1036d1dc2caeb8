import { randomBytes, sign, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, openAuthority, openSealingKey } from '../authority/index.ts';
import {
  type CarriedEventsHead,
  carriedContent,
  eventsResponseSchema,
  fromBase64url,
  type SealingSuite,
  sealingKeyText,
  toBase64url,
} from '../contract/index.ts';
import {
  newSealingKeyPair,
  open,
  ParcelWriter,
  parcelDisk,
  parsedJson,
  readParcel,
  type SealingKeyPair,
  seal,
} from '../contract/sealing/index.ts';
import { type Bench, help, TestKiosk } from '../testing/index.ts';
import { takeCarriedFile } from './index.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

/** Files that kiosks' events were carried in. */
export function carriedSuite(bench: Bench): void {
  const folder = mkdtempSync(join(tmpdir(), 'huimin-stick-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const now = () => new Date('2026-11-22T10:00:00.000Z');
  let answerTo: SealingKeyPair;
  let authority: Authority;
  beforeAll(async () => {
    answerTo = await newSealingKeyPair('aes', random);
    authority = await openAuthority(bench.db, '', now);
  });
  const by = { operator: 'tester' };
  const take = async (path: string, disk = parcelDisk) =>
    takeCarriedFile({ db: bench.db, authority, now, by, disk }, path);
  const stored = async (kiosk: TestKiosk) =>
    (
      await bench.db
        .selectFrom('events')
        .select('sequence')
        .where('kiosk', '=', kiosk.id)
        .orderBy('sequence')
        .execute()
    ).map(({ sequence }) => sequence);

  /** As a kiosk writes it; `change` spoils it. */
  async function carried(
    kiosk: TestKiosk,
    pieces: readonly (readonly unknown[])[],
    change: { head?: Partial<CarriedEventsHead>; suite?: SealingSuite; by?: TestKiosk } = {},
  ): Promise<string> {
    const recipient = await openSealingKey(bench.db, authority, change.suite ?? 'aes', now);
    const { privateKey: _, ...publicHalf } = answerTo;
    const head: CarriedEventsHead = {
      kind: 'events',
      kiosk: kiosk.id,
      export: toBase64url(random(16)),
      time: '2026-11-22T08:30:00.000Z',
      suite: recipient.suite,
      keyId: recipient.keyId,
      identityKey: String(kiosk.identity.publicKey.export({ format: 'jwk' }).x),
      answerTo: publicHalf,
      ...change.head,
    };
    const chunks: Uint8Array[] = [];
    const parcel = await ParcelWriter.begin(head, async (bytes) => void chunks.push(bytes));
    for (const events of pieces) {
      const body = Buffer.from(JSON.stringify({ events }));
      await parcel.piece(await seal(body, recipient, { contentType: carriedContent.events, random }));
    }
    const { privateKey } = (change.by ?? kiosk).identity;
    await parcel.end({ count: pieces.flat().length, first: 1, last: 9 }, async (text) =>
      toBase64url(sign(null, Buffer.from(text), privateKey)),
    );
    const path = join(folder, `huimin-${kiosk.id}-${head.export}.hmx`);
    writeFileSync(path, Buffer.concat(chunks));
    return path;
  }

  describe('exactly once', () => {
    test.each(['aes', 'sm'] as const)(
      'a file sealed with %s, before and after the network',
      async (suite) => {
        const kiosk = await TestKiosk.enrolled(bench.url, `carried-${suite}`);
        const events = Array.from({ length: 7 }, () => kiosk.event(help));
        await kiosk.sendEvents(events.slice(0, 2));
        const path = await carried(kiosk, [events.slice(0, 4), events.slice(4)], { suite });
        expect(await take(path)).toMatchObject({ kiosk: kiosk.id, accepted: 5, duplicate: 2, rejected: 0 });
        expect(await take(path)).toMatchObject({ accepted: 0, duplicate: 7, rejected: 0 });
        const { json } = await kiosk.sendEvents(events);
        expect(json.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
          Array(7).fill('duplicate'),
        );
        expect(await stored(kiosk)).toEqual([1, 2, 3, 4, 5, 6, 7]);
        const acts = await bench.db
          .selectFrom('audit')
          .select(['actor', 'detail'])
          .where('action', '=', 'carried-file.taken')
          .where('detail', 'like', `%"${kiosk.id}"%`)
          .execute();
        expect(acts.map(({ actor }) => actor)).toEqual(['operator:tester', 'operator:tester']);
        expect(JSON.parse(acts[0]?.detail ?? '')).toMatchObject({ accepted: 5, duplicate: 2 });
      },
    );

    test('also when the file and the network come at the same time', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'carried-race');
      const events = Array.from({ length: 30 }, () => kiosk.event(help));
      const path = await carried(kiosk, [events.slice(0, 10), events.slice(10, 20), events.slice(20)]);
      const [taken, ...answers] = await Promise.all([
        take(path),
        ...[events.slice(0, 15), events.slice(15)].map((some) => kiosk.sendEvents(some)),
      ]);
      const bySending = answers
        .flatMap(({ json }) => eventsResponseSchema.parse(json).results)
        .filter(({ outcome }) => outcome === 'accepted').length;
      expect('accepted' in taken && taken.accepted + bySending).toBe(30);
      expect(await stored(kiosk)).toHaveLength(30);
    });

    test('a bad event is rejected alone, and the answers say so to the kiosk and to nobody else', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'carried-answers');
      const good = kiosk.event(help);
      const bad = { ...kiosk.event(help), hash: '0'.repeat(64) };
      const path = await carried(kiosk, [[good, bad]]);
      const taken = await take(path);
      expect(taken).toMatchObject({ accepted: 1, duplicate: 0, rejected: 1 });
      const bytes = readFileSync(path.replace(/\.hmx$/, '.ack.hmx'));
      expect(bytes.includes(good.id)).toBe(false);
      const answers = readParcel((length, at) => bytes.subarray(at, at + length));
      if (!answers.ok) throw new Error(answers.error);
      const { head, tail, text, piece } = answers.value;
      expect(head).toMatchObject({ kind: 'answers', kiosk: kiosk.id, keyId: answerTo.keyId });
      const root = new X509Certificate(kiosk.endorsement?.certificates.at(-1) ?? '').publicKey;
      const key = { key: root, dsaEncoding: 'ieee-p1363' } as const;
      expect(verify('sha256', Buffer.from(text), key, fromBase64url(tail.signature))).toBe(true);
      const opened = await open(piece(0) ?? Buffer.of(), answerTo, { contentType: carriedContent.answers });
      expect(opened.ok && eventsResponseSchema.parse(parsedJson(opened.value)).results).toEqual([
        { id: good.id, outcome: 'accepted' },
        { id: bad.id, outcome: 'rejected', reason: 'hash-mismatch' },
      ]);
    });

    test('a stick that may not be written gives its events all the same', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'carried-locked');
      const path = await carried(kiosk, [[kiosk.event(help)], [kiosk.event(help)]]);
      const readOnly = {
        ...parcelDisk,
        create: () => {
          throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
        },
      };
      expect(await take(path, readOnly)).toMatchObject({
        accepted: 2,
        answers: { absent: expect.stringContaining('write-protected') },
      });
      const full = (after: number): typeof parcelDisk => ({
        ...parcelDisk,
        create: (name) => {
          const file = parcelDisk.create(name);
          let writes = 0;
          const write = (bytes: Uint8Array): void => {
            writes += 1;
            if (writes > after) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
            file.write(bytes);
          };
          return { ...file, write };
        },
      });
      for (const after of [0, 1, 2, 3])
        expect(await take(path, full(after))).toMatchObject({
          duplicate: 2,
          answers: { absent: expect.stringContaining('not enough room') },
        });
      expect(readdirSync(folder).filter((name) => name.includes(kiosk.id))).toHaveLength(1);
    });
  });

  test('what came before a piece that does not open is taken, and on record', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'carried-half');
    const path = await carried(kiosk, [[kiosk.event(help)], []]);
    expect(await take(path)).toMatchObject({ refused: expect.stringContaining('piece 2 of 2') });
    expect(await stored(kiosk)).toEqual([1]);
    const acts = await bench.db
      .selectFrom('audit')
      .select('detail')
      .where('action', '=', 'carried-file.taken')
      .where('detail', 'like', '%"carried-half"%')
      .execute();
    expect(acts.map(({ detail }) => JSON.parse(detail))).toMatchObject([{ accepted: 1, whole: false }]);
  });

  test('answers that can be sealed for nobody stop nothing, and a link on the stick leads nowhere', async () => {
    const kiosk = await TestKiosk.enrolled(bench.url, 'carried-odd');
    const noPoint = { ...answerTo, publicKey: toBase64url(new Uint8Array(65).fill(4)) };
    const { privateKey: _, ...odd } = noPoint;
    const exported = toBase64url(random(16));
    const path = await carried(kiosk, [[kiosk.event(help)]], { head: { answerTo: odd, export: exported } });
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, join(folder, `${exported}.unfinished`));
    const answers = { absent: 'what the kiosk wants them sealed for is no key' };
    expect(await take(path)).toMatchObject({ accepted: 1, answers });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  describe('what is not right is refused as a whole, in words', () => {
    const refusal = async (path: string) => {
      const taken = await take(path);
      return 'refused' in taken ? taken.refused.replace(`${path} cannot be taken in: `, '') : 'taken';
    };

    test('forged, damaged, unfinished, of a stranger', async () => {
      const kiosk = await TestKiosk.enrolled(bench.url, 'carried-forged');
      const other = await TestKiosk.enrolled(bench.url, 'carried-other');
      const stranger = await TestKiosk.make(bench.url, 'carried-stranger');
      const events = [[kiosk.event(help)]];
      expect(await refusal(await carried(kiosk, events, { by: other }))).toMatch(
        /^its signature does not fit/,
      );
      const foreignKey = String(other.identity.publicKey.export({ format: 'jwk' }).x);
      expect(
        await refusal(await carried(kiosk, events, { by: other, head: { identityKey: foreignKey } })),
      ).toBe('it is signed with a key that the kiosk carried-forged never had here.');
      expect(await refusal(await carried(stranger, events))).toBe(
        'no kiosk carried-stranger is enrolled here.',
      );
      expect(await refusal(await carried(kiosk, events, { head: { keyId: '0123456789abcdef' } }))).toBe(
        'it is sealed for the key 0123456789abcdef, which this backend does not have.',
      );
      const path = await carried(kiosk, events);
      const whole = readFileSync(path);
      for (let length = 0; length < whole.length; length += 31) {
        writeFileSync(path, whole.subarray(0, length));
        expect(await refusal(path)).toMatch(/^it (was not finished|is not a file of a kiosk)/);
      }
      for (let at = 0; at < whole.length; at += 37) {
        writeFileSync(path, Buffer.from(whole.map((byte, i) => (i === at ? byte ^ 1 : byte))));
        expect(await refusal(path)).toMatch(/^(it is|it was|its signature)/);
      }
      writeFileSync(path, Buffer.concat([whole, Buffer.of(0)]));
      expect(await refusal(path)).toBe('something was added to it.');
      expect(await stored(kiosk)).toEqual([]);
      writeFileSync(path, whole);
      expect(await take(path)).toMatchObject({ accepted: 1 });
      expect(await refusal(path.replace(/\.hmx$/, '.ack.hmx'))).toMatch(/it holds answers for the kiosk/);
    });

    test('of an earlier enrolment, and of a kiosk that was revoked', async () => {
      const first = await TestKiosk.enrolled(bench.url, 'carried-again');
      const path = await carried(first, [[first.event(help)]]);
      await first.enrol('demo');
      const samePath = await carried(first, [[first.event(help)]]);
      expect(await take(samePath)).toMatchObject({ accepted: 1 });
      await TestKiosk.enrolled(bench.url, 'carried-again');
      expect(await refusal(path)).toMatch(
        /^it is of an earlier enrolment of the kiosk carried-again, which got new/,
      );
      const second = await TestKiosk.enrolled(bench.url, 'carried-stolen');
      const stolen = await carried(second, [[second.event(help)]]);
      await bench.db
        .updateTable('kiosks')
        .set({ revoked_at: '2026-11-22T09:30:00.000Z' })
        .where('id', '=', second.id)
        .execute();
      expect(await refusal(stolen)).toBe(
        'the kiosk carried-stolen is not trusted any more since 2026-11-22T09:30:00.000Z.',
      );
      expect(await stored(second)).toEqual([]);
    });
  });

  describe('the sealing key', () => {
    test('is made once, however many processes start at once, and handed out with the authority’s word', async () => {
      const made = await Promise.all(
        (['sm', 'aes', 'sm', 'sm'] as const).map(async (suite) =>
          openSealingKey(bench.db, authority, suite, now),
        ),
      );
      expect(new Set(made.map(({ keyId }) => keyId)).size).toBe(2);
      const kiosk = await TestKiosk.enrolled(bench.url, 'carried-key');
      const { sealing, certificates } = kiosk.endorsement ?? {};
      expect(sealing?.keyId).toBe(made[1]?.keyId);
      const root = new X509Certificate(certificates?.at(-1) ?? '').publicKey;
      for (const key of made) {
        const signature = fromBase64url(key.signature);
        const by = { key: root, dsaEncoding: 'ieee-p1363' } as const;
        expect(verify('sha256', Buffer.from(sealingKeyText(key)), by, signature)).toBe(true);
        const other = { ...key, keyId: '0123456789abcdef' };
        expect(verify('sha256', Buffer.from(sealingKeyText(other)), by, signature)).toBe(false);
      }
    });
  });
}
