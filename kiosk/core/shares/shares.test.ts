import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cellOf,
  MOST_BALANCES,
  type SharesRequest,
  type SharesResponse,
  sharedResourceSchema,
  sharesRequestSchema,
  toBase64url,
} from '@huimin/backend/contract';
import { type Clock, err, ok, systemClock } from '@huimin/drivers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { open } from '../store/fixtures/store.ts';
import type { Store } from '../store/index.ts';
import { BALLOTS_TOLD_TOGETHER, leftIn } from './book.ts';
import { type ClaimWish, type Shares, startShares } from './index.ts';

const NOW = Date.parse('2026-11-22T09:00:00.000Z');
const common = {
  community: '荷花社区',
  name: { 'zh-CN': '共享', en: 'Shared' },
  opensAt: '2026-11-01T00:00:00+08:00',
  closesAt: '2026-12-31T00:00:00+08:00',
};
const meals = sharedResourceSchema.parse({
  ...common,
  id: 'meals',
  kind: 'quota',
  capacity: 100,
  perPerson: 2,
});
const rooms = sharedResourceSchema.parse({
  ...common,
  id: 'rooms',
  kind: 'slots',
  slots: [1, 2].map((day) => ({
    id: `day-${day}`,
    startsAt: `2026-12-0${day}T09:00:00+08:00`,
    endsAt: `2026-12-0${day}T10:00:00+08:00`,
  })),
});
const poll = sharedResourceSchema.parse({
  ...common,
  id: 'poll',
  kind: 'vote',
  options: ['lift', 'garden'].map((id) => ({ id, name: common.name })),
});
const later = sharedResourceSchema.parse({
  ...common,
  id: 'later',
  kind: 'quota',
  capacity: 5,
  opensAt: '2026-12-01T00:00:00+08:00',
});

const lease = (resource: string, pot: string, granted: number): SharesResponse['leases'][number] => ({
  id: randomUUID(),
  resource,
  pot,
  granted,
  used: 0,
  recall: 'none',
});
const granted = (more: Partial<SharesResponse> = {}): SharesResponse => ({
  book: 'good',
  key: toBase64url(new Uint8Array(32).fill(7)),
  resources: [meals, rooms, poll, later],
  leases: [
    lease('meals', 'all', 5),
    lease('rooms', 'day-1', 1),
    ...Array.from({ length: 64 }, (_, cell) => lease('poll', `cell-${String(cell).padStart(2, '0')}`, 1)),
  ],
  pots: [
    { resource: 'rooms', pot: 'day-1', capacity: 1, free: 0, taken: 0 },
    { resource: 'rooms', pot: 'day-2', capacity: 1, free: 1, taken: 0 },
  ],
  claims: [],
  cancelled: [],
  serverTime: '2026-11-22T09:00:00.000Z',
  ...more,
});

let folder: string;
let store: Store;
let shares: Shares;
let online: boolean;
let isBroken: boolean;
let answer: SharesResponse | null;
let now: number;
let asked: SharesRequest[];
let said: string[];
let rings: (() => void)[];
const clock: Clock = {
  ...systemClock,
  after: (_, run) => {
    rings.push(run);
    return () => undefined;
  },
};

async function start(): Promise<void> {
  store = await open(folder);
  shares = startShares({
    store,
    ask: async (request) => {
      asked.push(request);
      if (isBroken) throw new Error('nobody thought of this');
      return answer === null ? err('the answer was lost') : ok(answer);
    },
    online: () => online,
    wake: () => undefined,
    clock,
    now: () => now,
    newId: () => randomUUID(),
    log: (sentence) => said.push(sentence),
  });
}
async function restart(): Promise<void> {
  await shares.close();
  await store.close();
  await start();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shares-'));
  [rings, online, isBroken, answer, now, asked, said] = [[], true, false, granted(), NOW, [], []];
  await start();
});
afterEach(async () => {
  await shares.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const wish = (resource: string, person: string, more: Partial<ClaimWish> = {}): ClaimWish => ({
  resource,
  idNumber: person,
  pot: null,
  amount: 1,
  choice: null,
  ...more,
});
/** As a disk rots: in the last record, which says that the stop was orderly. */
function flipByteOfLastFrame(path: string): void {
  const content = readFileSync(path);
  const end = content.findLastIndex((byte) => byte !== 0);
  content[end - 40] = (content[end - 40] ?? 0) ^ 1;
  writeFileSync(path, content);
}
const leftOf = (resource: string): number =>
  (store.shares?.leases ?? [])
    .filter((each) => each.resource === resource)
    .reduce((sum, each) => sum + leftIn(each), 0);
const bodies = async () => (await store.unsent(200)).map(({ body }) => body);

test('what is claimed offline is taken from the share in the same commit, through restarts and compaction', async () => {
  expect((await shares.claim(wish('meals', 'nobody'))).ok).toBe(true);
  online = false;
  for (const person of ['ann', 'bob'])
    expect((await shares.claim(wish('meals', person, { amount: 1 }))).ok).toBe(true);
  expect([leftOf('meals'), await store.unsent(9)]).toEqual([2, expect.objectContaining({ length: 3 })]);
  const before = store.shares;
  await restart();
  expect(store.shares).toEqual(before);
  await store.compact();
  await restart();
  expect(store.shares).toEqual(before);
  expect((await bodies()).map((body) => 'offline' in body && body.offline)).toEqual([false, true, true]);
  expect(JSON.stringify(await bodies())).not.toContain('ann');

  // Answered events leave the journal; the share does not forget them.
  await store.answered((await store.unsent(9)).map(({ id }) => ({ id, outcome: 'accepted' })));
  await store.compact();
  await restart();
  expect([store.counts().waiting, leftOf('meals')]).toEqual([0, 2]);
  expect(await shares.claim(wish('meals', 'ann', { amount: 2 }))).toEqual(err('already'));
  expect((await shares.claim(wish('meals', 'cat', { amount: 2 }))).ok).toBe(true);
  expect(await shares.claim(wish('meals', 'dan'))).toEqual(err('sold-out-here'));
  expect(shares.available('meals')).toEqual({ state: 'later', reason: 'sold-out-here', left: 0 });
});

test('what two want at once is given to one', async () => {
  await shares.refresh();
  online = false;
  const both = await Promise.all(
    ['ann', 'bob'].map((person) => shares.claim(wish('rooms', person, { pot: 'day-1' }))),
  );
  expect(both.filter((each) => each.ok)).toHaveLength(1);
  expect(both.filter((each) => !each.ok)).toEqual([err('sold-out-here')]);
  expect(await bodies()).toHaveLength(1);
});

test('each refusal has its name', async () => {
  online = false;
  expect(await shares.claim(wish('meals', 'ann'))).toEqual(err('not-here'));
  expect(shares.available('meals').state).toBe('not-here');
  online = true;
  await shares.refresh();
  expect(await shares.claim(wish('nothing', 'ann'))).toEqual(err('not-here'));
  expect(await shares.claim(wish('rooms', 'ann', { pot: 'day-9' }))).toEqual(err('not-here'));
  expect(await shares.claim(wish('later', 'ann'))).toEqual(err('not-open-yet'));
  expect(shares.available('later')).toMatchObject({ state: 'later', reason: 'not-open-yet' });
  expect(await shares.claim(wish('rooms', 'ann', { pot: 'day-2' }))).toEqual(err('later'));
  expect(asked.at(-1)?.wants).toEqual([{ resource: 'rooms', pot: 'day-2', units: 1 }]);
  expect(shares.bookings('rooms')).toEqual([
    { pot: 'day-1', capacity: 1, taken: 0, here: 1 },
    { pot: 'day-2', capacity: 1, taken: 0, here: 1 },
  ]);
  now = Date.parse('2026-12-01T02:00:00.000Z');
  expect(await shares.claim(wish('rooms', 'ann', { pot: 'day-1' }))).toEqual(err('closed'));
  now = Date.parse('2027-01-01T00:00:00.000Z');
  expect(await shares.claim(wish('meals', 'ann'))).toEqual(err('closed'));
  await store.close();
  now = NOW;
  expect(await shares.claim(wish('meals', 'ann'))).toEqual(err('storage'));
});

test('who claimed at another kiosk is known while the network is there', async () => {
  await shares.refresh();
  const first = await shares.claim(wish('rooms', 'ann', { pot: 'day-1' }));
  const [made] = await bodies();
  if (made?.kind !== 'claim.made' || !first.ok) throw new Error('claimed');
  const { resource, pot, holder, amount } = made;
  const elsewhere = { claim: randomUUID(), resource: 'meals', pot: 'all', amount: 2 };
  await shares.claimsOf('meals', 'eve');
  const eve = asked.at(-1)?.asks[0]?.holder ?? '';
  answer = granted({ leases: answer?.leases ?? [], claims: [{ ...elsewhere, holder: eve }] });
  expect(await shares.claim(wish('meals', 'eve'))).toEqual(err('already'));
  expect(await shares.claimsOf('meals', 'eve')).toEqual([{ ...elsewhere, holder: eve }]);
  const own = { claim: first.value, resource, pot, holder, amount };
  expect(await shares.claimsOf('rooms', 'ann')).toEqual([own]);
  expect(await shares.cancel(own)).toEqual(ok(undefined));
  expect(await shares.claimsOf('rooms', 'ann')).toEqual([]);
  // The slot comes back through the backend, so that it is given once.
  expect(leftOf('rooms')).toBe(0);
});

test('a ballot says nothing of who or when; a box is told of a crowd, or when the vote is over', async () => {
  await shares.refresh();
  online = false;
  const vote = (person: string, choice: string) => shares.claim(wish('poll', person, { choice }));
  expect((await vote('ann', 'lift')).ok).toBe(true);
  expect(await vote('ann', 'garden')).toEqual(err('already'));
  expect(JSON.stringify(await bodies())).not.toMatch(/lift|garden/);
  for (let each = 1; each < BALLOTS_TOLD_TOGETHER - 1; each++) await vote(`person-${each}`, 'garden');
  online = true;
  await shares.refresh();
  expect((await bodies()).every(({ kind }) => kind === 'claim.made')).toBe(true);
  await restart();
  online = false;
  await vote('zoe', 'lift');
  online = true;
  await shares.refresh();
  expect((await bodies()).at(-1)).toMatchObject({
    kind: 'ballots.counted',
    counts: { lift: 2, garden: BALLOTS_TOLD_TOGETHER - 2 },
  });
  await vote('yan', 'lift');
  now = Date.parse('2027-01-01T00:00:00.000Z');
  await shares.refresh();
  expect((await bodies()).at(-1)).toMatchObject({ kind: 'ballots.counted', counts: { lift: 1 } });
  const count = (await bodies()).length;
  await shares.refresh();
  expect(await bodies()).toHaveLength(count);
});

test('what is wanted back is given back once, and is gone from here first', async () => {
  await shares.refresh();
  const leases = (answer?.leases ?? []).map((each) =>
    each.resource === 'meals' ? { ...each, recall: 'half' as const } : each,
  );
  answer = granted({ leases });
  await shares.refresh();
  answer = null;
  await shares.refresh();
  await shares.refresh();
  expect(leftOf('meals')).toBe(2);
  expect((await bodies()).filter(({ kind }) => kind === 'share.returned')).toMatchObject([{ units: 3 }]);
  const meal = asked.at(-1)?.balances.find((each) => each.granted === 5);
  expect(meal).toMatchObject({ left: 2, returned: 3 });
});

test('lost answers leave the share as it is; the next one makes up for them, and grants nothing twice', async () => {
  answer = null;
  await shares.refresh();
  const book = store.shares?.id;
  await restart();
  answer = granted();
  await shares.refresh();
  await shares.refresh();
  expect(asked.map((request) => request.book)).toEqual([book, book, book]);
  expect(leftOf('meals')).toBe(5);
});

test('a journal that went back in time, or was written off, holds nothing any more; ballots are still told', async () => {
  await shares.refresh();
  await shares.claim(wish('poll', 'ann', { choice: 'lift' }));
  const before = store.shares?.id;
  const leases = (answer?.leases ?? []).map((each) =>
    each.resource === 'meals' ? { ...each, used: 1 } : each,
  );
  answer = granted({ leases });
  await shares.refresh();
  expect(store.shares?.id).not.toBe(before);
  expect(store.shares?.leases).toEqual([]);
  expect((await bodies()).at(-1)).toMatchObject({
    kind: 'ballots.counted',
    book: before,
    counts: { lift: 1 },
  });
  expect(said).toEqual([
    'the shares of this kiosk begin anew: the backend knows of more claims than the journal',
  ]);
  answer = granted({ book: 'written-off', leases: [] });
  const second = store.shares?.id;
  await shares.refresh();
  expect(store.shares?.id).not.toBe(second);
});

test('ballots outlive the share they were taken under: at a revocation, and where the journal was damaged', async () => {
  await shares.refresh();
  online = false;
  await shares.claim(wish('poll', 'ann', { choice: 'lift' }));
  await shares.claim(wish('meals', 'ann'));
  const before = store.shares?.id;
  await store.withdraw();
  expect(await shares.claim(wish('meals', 'bob'))).toEqual(err('not-here'));
  await store.compact();
  await restart();
  expect(leftOf('meals')).toBe(0);
  online = true;
  await shares.refresh();
  expect((await bodies()).filter(({ kind }) => kind === 'ballots.counted')).toEqual([
    { kind: 'ballots.counted', book: before, resource: 'poll', counts: { lift: 1 } },
  ]);
  expect(store.shares).toMatchObject({ over: false, boxes: [] });
  expect(store.shares?.id).not.toBe(before);

  online = false;
  await shares.claim(wish('poll', 'bob', { choice: 'garden' }));
  const second = store.shares?.id;
  await shares.close();
  await store.close();
  const [newest = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^journal-\d+\.hmj$/.test(name))
    .sort()
    .reverse();
  expect(newest).not.toBe('');
  flipByteOfLastFrame(join(folder, newest));
  await start();
  expect(store.shares).toMatchObject({ id: second, over: true, leases: [] });
  online = true;
  await shares.refresh();
  expect((await bodies()).filter(({ kind }) => kind === 'ballots.counted').at(-1)).toMatchObject({
    book: second,
    counts: { garden: 1 },
  });
});

test('who has voted under the cell elsewhere cannot vote here, though the network is away', async () => {
  await shares.claimsOf('poll', 'nobody yet');
  await shares.refresh();
  await shares.claimsOf('poll', 'ann');
  const ann = asked.at(-1)?.asks[0]?.holder ?? '';
  const leases = (answer?.leases ?? []).map((each) =>
    each.pot === cellOf(ann) ? { ...each, voters: [ann] } : each,
  );
  answer = granted({ leases });
  await shares.refresh();
  await restart();
  online = false;
  expect(await shares.claim(wish('poll', 'ann', { choice: 'garden' }))).toEqual(err('already'));
});

test('a claim that was cancelled at another kiosk stands here no more', async () => {
  await shares.refresh();
  const made = await shares.claim(wish('rooms', 'ann', { pot: 'day-1' }));
  if (!made.ok) throw new Error('claimed');
  answer = granted({ leases: answer?.leases ?? [], cancelled: [made.value] });
  expect(await shares.claimsOf('rooms', 'ann')).toEqual([]);
});

test('a share that was over and is opened again goes on where it was', async () => {
  await shares.refresh();
  online = false;
  await shares.claim(wish('meals', 'ann', { amount: 2 }));
  const before = store.shares?.id;
  online = true;
  const leases = answer?.leases ?? [];
  answer = granted({ resources: [rooms], leases: leases.filter(({ resource }) => resource === 'rooms') });
  await shares.refresh();
  await restart();
  expect(leftOf('meals')).toBe(0);
  answer = granted({
    leases: leases.map((each) => (each.resource === 'meals' ? { ...each, used: 2 } : each)),
  });
  await shares.refresh();
  expect([store.shares?.id, leftOf('meals'), said]).toEqual([before, 3, []]);
});

test('an answer that says nothing new is not written', async () => {
  await shares.refresh();
  const written = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString('base64')]);
  const before = written();
  await shares.refresh();
  expect(written()).toEqual(before);
  expect(asked).toHaveLength(2);
  answer = granted({ leases: answer?.leases ?? [], pots: [] });
  await shares.refresh();
  expect(written()).not.toEqual(before);
});

test('a turn that fails in a way that nobody thought of is not the last one', async () => {
  isBroken = true;
  rings.at(-1)?.();
  await vi.waitFor(() => expect(said).toHaveLength(1));
  isBroken = false;
  await vi.waitFor(() => expect(rings).toHaveLength(2));
  rings.at(-1)?.();
  await vi.waitFor(() => expect(leftOf('meals')).toBe(5));
});

test('more balances than a request may have are left out', async () => {
  const leases = Array.from({ length: MOST_BALANCES + 1 }, (_, each) => lease('meals', `pot-${each}`, 1));
  answer = granted({ leases });
  await shares.refresh();
  await shares.refresh();
  expect(asked.at(-1)?.balances).toHaveLength(MOST_BALANCES);
  expect(sharesRequestSchema.safeParse(asked.at(-1)).success).toBe(true);
});
