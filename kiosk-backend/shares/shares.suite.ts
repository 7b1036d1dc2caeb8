import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  cellOf,
  type EventBody,
  eventsResponseSchema,
  kioskPaths,
  type SharesRequest,
  type SharesResponse,
  sharedResourceSchema,
  sharesResponseSchema,
} from '../contract/index.ts';
import { newEnrolmentCode } from '../fleet/index.ts';
import { type Bench, TestKiosk } from '../testing/index.ts';
import {
  addResource,
  answerShares,
  awaitAll,
  awaited,
  checkShares,
  holderOf,
  NotPossible,
  readNotes,
  readPots,
  turnout,
  writeOff,
} from './index.ts';

const NOW = '2026-11-22T09:00:00.000Z';
const common = {
  name: { 'zh-CN': '助餐', en: 'Meals' },
  opensAt: '2026-11-01T00:00:00+08:00',
  closesAt: '2026-12-31T00:00:00+08:00',
};
const meals = (id: string, community: string, capacity: number, more: object = {}) =>
  sharedResourceSchema.parse({ ...common, kind: 'quota', id, community, capacity, ...more });
const rooms = (id: string, community: string, slots: number, more: object = {}) =>
  sharedResourceSchema.parse({
    ...common,
    kind: 'slots',
    id,
    community,
    slots: Array.from({ length: slots }, (_, index) => ({
      id: `slot-${index}`,
      startsAt: '2026-12-01T09:00:00+08:00',
      endsAt: '2026-12-01T10:00:00+08:00',
    })),
    ...more,
  });
const poll = (id: string, community: string, more: object = {}) =>
  sharedResourceSchema.parse({
    ...common,
    kind: 'vote',
    id,
    community,
    options: ['lift', 'garden'].map((each) => ({ id: each, name: common.name })),
    ...more,
  });

/** A kiosk of a community of its own test, and its share as it knows it. */
class Sharer {
  readonly kiosk: TestKiosk;
  book: string = randomUUID();
  readonly #used = new Map<string, number>();
  #leases: SharesResponse['leases'] = [];
  key = '';

  private constructor(kiosk: TestKiosk) {
    this.kiosk = kiosk;
  }

  static async of(bench: Bench, id: string, community: string): Promise<Sharer> {
    const kiosk = await TestKiosk.make(bench.url, id);
    const enrolled = await kiosk.enrol(await newEnrolmentCode(bench.db, id, community, new Date(NOW)));
    if (enrolled.status !== 200) throw new Error(JSON.stringify(enrolled));
    return new Sharer(kiosk);
  }

  request(more: Partial<SharesRequest> = {}): SharesRequest {
    const balances = this.#leases.map(({ id, resource, pot, granted }) => ({
      lease: id,
      resource,
      pot,
      granted,
      left: Math.max(0, granted - (this.#used.get(id) ?? 0)),
      returned: 0,
    }));
    return { book: this.book, balances, wants: [], asks: [], ...more };
  }

  hear(answer: SharesResponse): SharesResponse {
    this.#leases = answer.leases;
    this.key = answer.key;
    return answer;
  }

  async ask(more: Partial<SharesRequest> = {}): Promise<SharesResponse> {
    const { status, json } = await this.kiosk.send(kioskPaths.shares, this.request(more));
    if (status !== 200) throw new Error(JSON.stringify(json));
    return this.hear(sharesResponseSchema.parse(json));
  }

  holds(resource: string, pot: string): boolean {
    return this.#leases.some((each) => each.resource === resource && each.pot === pot);
  }

  lease(resource: string, pot: string) {
    const found = this.#leases.find((each) => each.resource === resource && each.pot === pot);
    if (found === undefined) throw new Error(`no lease of ${resource}, ${pot}`);
    return found;
  }

  claim(
    resource: string,
    pot: string,
    person: string,
    more: Partial<Extract<EventBody, { kind: 'claim.made' }>> = {},
  ): Extract<EventBody, { kind: 'claim.made' }> {
    const { id } = this.lease(resource, pot);
    const amount = more.amount ?? 1;
    // A vote's cell is a right, which is not used up.
    if (!pot.startsWith('cell-')) this.#used.set(id, (this.#used.get(id) ?? 0) + amount);
    return {
      kind: 'claim.made',
      claim: randomUUID(),
      resource,
      pot,
      holder: holderOf(this.key, resource, person),
      amount,
      under: id,
      offline: true,
      ...more,
    };
  }

  async send(...bodies: readonly EventBody[]): Promise<string[]> {
    const { json } = await this.kiosk.sendEvents(bodies.map((body) => this.kiosk.event(body)));
    return eventsResponseSchema.parse(json).results.map(({ outcome, reason }) => reason ?? outcome);
  }
}

const cancelling = (claim: Extract<EventBody, { kind: 'claim.made' }>): EventBody => ({
  kind: 'claim.cancelled',
  claim: claim.claim,
  resource: claim.resource,
  holder: claim.holder,
});

/** Quotas, slots and votes that several kiosks share. */
export function sharesSuite(bench: Bench): void {
  const define = (resource: ReturnType<typeof meals>, now = NOW) =>
    bench.db.transaction().execute((trx) => addResource(trx, resource, new Date(now)));
  const pot = async (resource: string, name: string) => {
    const found = (await readPots(bench.db, resource)).find((each) => each.pot === name);
    if (found === undefined) throw new Error(`no pot ${name}`);
    const { pool, held, claimed } = found;
    return { pool, held, claimed };
  };
  const whole = async () => expect(await checkShares(bench.db)).toEqual([]);

  test('a share is granted once, however many answers are lost', async () => {
    await define(meals('lost', 'lost', 40));
    const one = await Sharer.of(bench, 'lost-1', 'lost');
    await Sharer.of(bench, 'lost-2', 'lost');
    const asked = one.request();
    const answers = [];
    for (let time = 0; time < 3; time++)
      answers.push((await one.kiosk.send(kioskPaths.shares, asked)).json.leases);
    expect(answers[0]).toEqual([expect.objectContaining({ resource: 'lost', pot: 'all', granted: 10 })]);
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
    expect(await pot('lost', 'all')).toEqual({ pool: 30, held: 10, claimed: 0 });

    const heard = await one.ask();
    expect(heard.pots).toEqual([{ resource: 'lost', pot: 'all', capacity: 40, free: 30, taken: 0 }]);
    // Nearly used up, offline: more is granted once, though what was used is not reported yet.
    const claims = Array.from({ length: 8 }, (_, index) => one.claim('lost', 'all', `p-${index}`));
    const again = one.request();
    await one.kiosk.send(kioskPaths.shares, again);
    const after = await pot('lost', 'all');
    expect(after.pool).toBeLessThan(30);
    await one.kiosk.send(kioskPaths.shares, again);
    expect(await pot('lost', 'all')).toEqual(after);
    expect(await one.send(...claims)).toEqual(Array(8).fill('accepted'));
    expect((await pot('lost', 'all')).claimed).toBe(8);
    await whole();
  });

  test('what is more than a lease, of no lease, of another kiosk or of nothing is refused', async () => {
    await define(meals('refuse', 'refuse', 8, { perPerson: null }));
    const [one, two] = [
      await Sharer.of(bench, 'refuse-1', 'refuse'),
      await Sharer.of(bench, 'refuse-2', 'refuse'),
    ];
    await one.ask();
    await two.ask();
    const { granted } = one.lease('refuse', 'all');
    const good = one.claim('refuse', 'all', 'a', { amount: granted });
    expect(
      await one.send(
        good,
        one.claim('refuse', 'all', 'b'),
        one.claim('refuse', 'all', 'c', { under: randomUUID() }),
        one.claim('refuse', 'all', 'd', { under: two.lease('refuse', 'all').id }),
        one.claim('refuse', 'all', 'e', { resource: 'never' }),
        { kind: 'share.returned', under: one.lease('refuse', 'all').id, units: 1 },
      ),
    ).toEqual([
      'accepted',
      'share-overdrawn',
      'share-not-held',
      'share-not-held',
      'share-unknown',
      'share-overdrawn',
    ]);
    expect(await two.send(two.claim('refuse', 'all', 'f', { claim: good.claim }))).toEqual(['claim-taken']);
    await whole();
  });

  test('a book belongs to one kiosk', async () => {
    await define(meals('book', 'book', 8));
    const [one, two] = [await Sharer.of(bench, 'book-1', 'book'), await Sharer.of(bench, 'book-2', 'book')];
    await one.ask();
    const { status, json } = await two.kiosk.send(kioskPaths.shares, one.request());
    expect([status, json.error.code]).toEqual([409, 'book-taken']);
  });

  test('a claim counts however late it comes; a person who had more than one may is noted', async () => {
    await define(meals('late', 'late', 20));
    const [one, two] = [await Sharer.of(bench, 'late-1', 'late'), await Sharer.of(bench, 'late-2', 'late')];
    await one.ask();
    await two.ask();
    bench.setNow('2028-01-01T00:00:00.000Z');
    expect(await one.send(one.claim('late', 'all', 'eve'))).toEqual(['accepted']);
    expect(await two.send(two.claim('late', 'all', 'eve'))).toEqual(['accepted']);
    const notes = (await readNotes(bench.db, 100)).filter(({ resource }) => resource === 'late');
    expect(notes).toMatchObject([{ kiosk: 'late-2', note: 'over-limit' }]);
    // It is over: what is left is wanted back.
    const { recall, id, granted } = (await one.ask()).leases[0] ?? {};
    expect(recall).toBe('all');
    expect(await one.send({ kind: 'share.returned', under: id ?? '', units: (granted ?? 0) - 1 })).toEqual([
      'accepted',
    ]);
    expect((await one.ask()).leases).toEqual([]);
    bench.setNow(NOW);
    await whole();
  });

  test('a cancelled claim goes back to the pool once, whoever says so, and before it is told too', async () => {
    await define(rooms('cancel', 'cancel', 8, { perPerson: null }));
    const [one, two] = [
      await Sharer.of(bench, 'cancel-1', 'cancel'),
      await Sharer.of(bench, 'cancel-2', 'cancel'),
    ];
    const [first, second] = (await one.ask()).leases.map((lease) => lease.pot);
    await two.ask();
    const booked = one.claim('cancel', first ?? '', 'ann');
    expect(await one.send(booked)).toEqual(['accepted']);
    const shown = await two.ask({ asks: [{ resource: 'cancel', holder: booked.holder }] });
    const { claim, resource, pot: place, holder, amount } = booked;
    expect(shown.claims).toEqual([{ claim, resource, pot: place, holder, amount }]);
    expect(shown.pots.find((each) => each.pot === first)).toMatchObject({ capacity: 1, free: 0, taken: 1 });
    expect(
      await two.send({ ...cancelling(booked), holder: holderOf(one.key, 'cancel', 'bob') } as EventBody),
    ).toEqual(['claim-of-another']);
    expect(await two.send(cancelling(booked))).toEqual(['accepted']);
    expect(await one.send(cancelling(booked))).toEqual(['accepted']);
    const heard = await one.ask({ asks: [{ resource: 'cancel', holder: booked.holder }] });
    expect([heard.claims, heard.cancelled]).toEqual([[], [booked.claim]]);
    expect(await pot('cancel', first ?? '')).toEqual({ pool: 1, held: 0, claimed: 0 });

    const early = one.claim('cancel', second ?? '', 'ann');
    expect(await two.send(cancelling(early))).toEqual(['accepted']);
    expect(await pot('cancel', second ?? '')).toEqual({ pool: 0, held: 1, claimed: 0 });
    expect(await one.send(early)).toEqual(['accepted']);
    expect(await pot('cancel', second ?? '')).toEqual({ pool: 1, held: 0, claimed: 0 });
    await whole();
  });

  test('slots lie at one kiosk each; one that is wanted elsewhere comes when its holder has given it back', async () => {
    await define(rooms('slots', 'slots', 12));
    const [one, two] = [
      await Sharer.of(bench, 'slots-1', 'slots'),
      await Sharer.of(bench, 'slots-2', 'slots'),
    ];
    const held = (await one.ask()).leases.map((lease) => lease.pot);
    const others = (await two.ask()).leases.map((lease) => lease.pot).sort();
    expect(held.length).toBeGreaterThan(0);
    expect(held.filter((each) => others.includes(each))).toEqual([]);
    const [wanted = ''] = held;
    const wants = [{ resource: 'slots', pot: wanted, units: 1 }];
    expect((await two.ask({ wants })).leases.map((lease) => lease.pot).sort()).toEqual(others);
    const { id, recall } = (await one.ask()).leases.find((lease) => lease.pot === wanted) ?? {};
    expect(recall).toBe('half');
    expect(await one.send({ kind: 'share.returned', under: id ?? '', units: 1 })).toEqual(['accepted']);
    expect((await two.ask({ wants })).leases.map((lease) => lease.pot)).toContain(wanted);
    await whole();
  });

  test('one resident, one vote; who chose what is written nowhere', async () => {
    await define(poll('poll', 'poll', { offlineShare: 1 }));
    const one = await Sharer.of(bench, 'poll-1', 'poll');
    await one.ask();
    const vote = (person: string) => one.claim('poll', cellOf(holderOf(one.key, 'poll', person)), person);
    expect(await one.send(vote('ann'), vote('bob'), vote('ann'))).toEqual([
      'accepted',
      'accepted',
      'already-voted',
    ]);
    const wrong = {
      ...vote('cat'),
      pot: cellOf(holderOf(one.key, 'poll', 'cat')) === 'cell-00' ? 'cell-01' : 'cell-00',
    };
    expect(await one.send(wrong)).toEqual(['share-wrong-cell']);
    const box = { kind: 'ballots.counted' as const, book: one.book, resource: 'poll' };
    expect(
      await one.send(
        { ...box, counts: { lift: 1, garden: 1 } },
        { ...box, counts: { bridge: 1 } },
        { ...box, book: randomUUID(), counts: { lift: 1 } },
        cancelling(vote('bob')),
      ),
    ).toEqual(['accepted', 'option-unknown', 'share-not-held', 'vote-stands']);
    expect(await turnout(bench.db, 'poll')).toEqual({ ballots: 2, voters: 2 });
    const asked = await one.ask({ asks: [{ resource: 'poll', holder: holderOf(one.key, 'poll', 'ann') }] });
    expect(asked.claims).toHaveLength(1);
    expect(asked.pots).toEqual([]);
    await whole();
  });

  /** Neighbours in a cell that the kiosk holds: they are all in the same one. */
  const neighbours = (sharer: Sharer, resource: string, many: number): string[] => {
    const all = Array.from({ length: 10_000 }, (_, each) => `p-${each}`);
    const cell = (person: string) => cellOf(holderOf(sharer.key, resource, person));
    const first = all.find((person) => sharer.holds(resource, cell(person))) ?? '';
    return all.filter((person) => cell(person) === cell(first)).slice(0, many);
  };
  const voteOf = (sharer: Sharer, resource: string, person: string) =>
    sharer.claim(resource, cellOf(holderOf(sharer.key, resource, person)), person);

  test('a cell that goes to another kiosk goes with those who have voted in it', async () => {
    await define(poll('moved', 'moved', { offlineShare: 1 }));
    const [one, two] = [
      await Sharer.of(bench, 'moved-1', 'moved'),
      await Sharer.of(bench, 'moved-2', 'moved'),
    ];
    await one.ask();
    await two.ask();
    const [ann = ''] = neighbours(one, 'moved', 1);
    const voted = voteOf(one, 'moved', ann);
    const wants = [{ resource: 'moved', pot: voted.pot, units: 1 }];
    await two.ask({ wants });
    const { id, voters } = (await one.ask()).leases.find(({ pot }) => pot === voted.pot) ?? {};
    expect(voters).toBeUndefined();
    expect(await one.send(voted, { kind: 'share.returned', under: id ?? '', units: 1 })).toEqual([
      'accepted',
      'accepted',
    ]);
    await two.ask({ wants });
    expect(two.lease('moved', voted.pot).voters).toEqual([voted.holder]);
    await whole();
  });

  test('ballots are counted for voters only, of the same book, in its own community', async () => {
    await define(poll('bound', 'bound', { offlineShare: 1 }));
    const [one, two] = [
      await Sharer.of(bench, 'bound-1', 'bound'),
      await Sharer.of(bench, 'bound-2', 'bound'),
    ];
    const foreign = await Sharer.of(bench, 'bound-3', 'elsewhere-bound');
    for (const each of [one, two, foreign]) await each.ask();
    const [ann = '', bob = ''] = neighbours(one, 'bound', 2);
    expect(await one.send(voteOf(one, 'bound', ann), voteOf(one, 'bound', bob))).toEqual([
      'accepted',
      'accepted',
    ]);
    const box = (sharer: Sharer, lift: number): EventBody => ({
      kind: 'ballots.counted',
      book: sharer.book,
      resource: 'bound',
      counts: { lift },
    });
    expect(await one.send(box(one, 3), box(one, 1), box(one, 1), box(one, 1))).toEqual([
      'ballots-without-voters',
      'accepted',
      'accepted',
      'ballots-without-voters',
    ]);
    expect(await two.send(box(two, 1))).toEqual(['ballots-without-voters']);
    expect(await foreign.send(box(foreign, 1))).toEqual(['ballots-without-voters']);
    expect(await turnout(bench.db, 'bound')).toEqual({ ballots: 2, voters: 2 });
    await whole();
  });

  test('a book that is written off loses no ballot of an accepted voter; the present one can be spared', async () => {
    await define(poll('spare', 'spare', { offlineShare: 1 }));
    const one = await Sharer.of(bench, 'spare-1', 'spare');
    await one.ask();
    const [ann = '', bob = ''] = neighbours(one, 'spare', 2);
    expect(await one.send(voteOf(one, 'spare', ann))).toEqual(['accepted']);
    const unheard = voteOf(one, 'spare', bob);
    const former = one.book;
    bench.setNow('2026-11-22T10:00:00.000Z');
    one.book = randomUUID();
    await one.ask();
    await bench.db
      .transaction()
      .execute((trx) => writeOff(trx, 'spare-1', 'a new disk', new Date(NOW), 'former'));
    const box = { kind: 'ballots.counted' as const, book: former, resource: 'spare', counts: { lift: 1 } };
    expect(await one.send(unheard, box, box)).toEqual([
      'share-written-off',
      'accepted',
      'ballots-without-voters',
    ]);
    expect((await one.ask()).book).toBe('good');
    expect(
      (await one.send({ kind: 'share.returned', under: one.lease('spare', unheard.pot).id, units: 1 }))[0],
    ).toBe('accepted');
    bench.setNow(NOW);
    await whole();
  });

  test('a database from a backup grants nothing that kiosks hold already, and waits for all of them', async () => {
    await define(meals('back', 'back', 20, { perPerson: null }));
    const [one, two] = [await Sharer.of(bench, 'back-1', 'back'), await Sharer.of(bench, 'back-2', 'back')];
    await one.ask();
    const { pool, held } = await pot('back', 'all');
    const { granted } = one.lease('back', 'all');
    await one.ask({ wants: [{ resource: 'back', pot: 'all', units: 12 }] });
    await two.ask();
    expect([one.lease('back', 'all').granted, two.lease('back', 'all').granted > 0]).toEqual([12, true]);
    const lost = two.lease('back', 'all');
    // As it was before the second kiosk had anything, and the first one less.
    await bench.db.deleteFrom('share_leases').where('id', '=', lost.id).execute();
    await bench.db.updateTable('share_leases').set({ granted }).where('resource', '=', 'back').execute();
    await bench.db.updateTable('share_pots').set({ pool }).where('resource', '=', 'back').execute();
    expect((await pot('back', 'all')).held).toBe(held);
    bench.setNow('2026-11-22T11:00:00.000Z');
    await awaitAll(bench.db, new Date('2026-11-22T11:00:00.000Z'));
    expect(await awaited(bench.db, 'back')).toEqual(['back-1', 'back-2']);

    const wants = [{ resource: 'back', pot: 'all', units: 20 }];
    await one.ask({ wants: [{ resource: 'back', pot: 'all', units: 13 }] });
    expect(one.lease('back', 'all').granted).toBe(12);
    expect(await awaited(bench.db, 'back')).toEqual(['back-2']);
    await two.ask({ wants });
    expect(two.lease('back', 'all')).toMatchObject({ id: lost.id, granted: lost.granted });
    expect(await pot('back', 'all')).toEqual({
      pool: 8 - lost.granted,
      held: 12 + lost.granted,
      claimed: 0,
    });
    expect(await two.send(two.claim('back', 'all', 'ann'))).toEqual(['accepted']);
    await one.ask({ wants: [{ resource: 'back', pot: 'all', units: 13 }] });
    expect(one.lease('back', 'all').granted).toBe(13);
    bench.setNow(NOW);
    await whole();
  });

  test('a capacity is that of its time, whenever the definition changed', async () => {
    const capacities = async (id: string) =>
      Object.fromEntries((await readPots(bench.db, id)).map((each) => [each.pot, each.capacity]));
    const daily = (more: object) => define(meals('shift', 'shift', 30, { period: 'day', ...more }));
    await daily({ ahead: 3 });
    await daily({ ahead: 0 });
    expect(new Set(Object.values(await capacities('shift')))).toEqual(new Set([30]));
    await daily({ ahead: 3, closesAt: '2026-11-24T00:00:00+08:00' });
    expect(await capacities('shift')).toMatchObject({ '2026-11-23': 30, '2026-11-24': 0, '2026-11-25': 0 });
    await daily({ ahead: 0 });
    expect(await capacities('shift')).toMatchObject({ '2026-11-24': 30, '2026-11-25': 30 });

    await define(rooms('slot', 'slot', 3));
    await define(rooms('slot', 'slot', 1));
    expect(await capacities('slot')).toEqual({ 'slot-0': 1, 'slot-1': 0, 'slot-2': 0 });
    await define(rooms('slot', 'slot', 2));
    expect(await capacities('slot')).toEqual({ 'slot-0': 1, 'slot-1': 1, 'slot-2': 0 });
    await whole();
  });

  test('a quota has its periods by Beijing time, and each is its own', async () => {
    await define(meals('daily', 'daily', 10, { period: 'day', ahead: 1 }));
    const one = await Sharer.of(bench, 'daily-1', 'daily');
    expect((await one.ask()).leases.map((lease) => [lease.pot, lease.granted])).toEqual(
      expect.arrayContaining([
        ['2026-11-22', 5],
        ['2026-11-23', 5],
      ]),
    );
    bench.setNow('2026-11-22T16:00:00.000Z');
    const next = await one.ask();
    expect(next.pots.map((each) => each.pot)).toEqual(['2026-11-23', '2026-11-24']);
    expect(next.leases.find((lease) => lease.pot === '2026-11-22')?.recall).toBe('all');
    bench.setNow(NOW);
    await whole();
  });

  test('what is written off is free again, and counts no more', async () => {
    await define(meals('gone', 'gone', 10));
    const one = await Sharer.of(bench, 'gone-1', 'gone');
    await one.ask();
    const [told, untold] = [one.claim('gone', 'all', 'a'), one.claim('gone', 'all', 'b')];
    await one.send(told);
    const units = await bench.db
      .transaction()
      .execute((trx) => writeOff(trx, 'gone-1', 'burnt', new Date(NOW)));
    expect(units).toBe(4);
    expect(await pot('gone', 'all')).toEqual({ pool: 9, held: 0, claimed: 1 });
    expect(await one.send(untold)).toEqual(['share-written-off']);
    const answer = await one.ask();
    expect([answer.book, answer.leases]).toEqual(['written-off', []]);
    await whole();
  });

  test('capacities change as far as units are free', async () => {
    await define(meals('amend', 'amend', 10));
    const one = await Sharer.of(bench, 'amend-1', 'amend');
    await one.ask();
    await define(meals('amend', 'amend', 30));
    expect(await pot('amend', 'all')).toEqual({ pool: 25, held: 5, claimed: 0 });
    await define(meals('amend', 'amend', 5));
    expect(await pot('amend', 'all')).toEqual({ pool: 0, held: 5, claimed: 0 });
    await expect(define(meals('amend', 'amend', 4))).rejects.toThrow(NotPossible);
    await expect(define(meals('amend', 'elsewhere', 5))).rejects.toThrow('belongs to amend');
    await expect(define(rooms('amend', 'amend', 5))).rejects.toThrow(NotPossible);
    await whole();
  });

  test('units that are nowhere, or in two places, are found', async () => {
    await define(meals('check', 'check', 10));
    const set = (pool: number) =>
      bench.db.updateTable('share_pots').set({ pool }).where('resource', '=', 'check').execute();
    await set(9);
    expect(await checkShares(bench.db)).toEqual([
      'check, all: 9 free, 0 with kiosks and 0 claimed do not make 10.',
    ]);
    await set(10);
    await whole();
  });

  describe('at once', () => {
    test('two backends before one database never give out more than there is', async () => {
      await define(meals('crowd', 'crowd', 25, { perPerson: null, offlineShare: 1 }));
      const sharers = await Promise.all(
        Array.from({ length: 8 }, (_, index) => Sharer.of(bench, `crowd-${index}`, 'crowd')),
      );
      const wants = [{ resource: 'crowd', pot: 'all', units: 5 }];
      await Promise.all(
        sharers.flatMap((sharer) => [
          sharer.ask({ wants }),
          // The other backend: the same database over connections of its own.
          answerShares(
            bench.db,
            { id: sharer.kiosk.id, community: 'crowd' },
            sharer.request({ wants }),
            new Date(NOW),
          ),
        ]),
      );
      for (const sharer of sharers) await sharer.ask();
      await whole();
      const { pool, held } = await pot('crowd', 'all');
      expect(pool + held).toBe(25);
      expect(held).toBeGreaterThan(20);
      const outcomes = await Promise.all(
        sharers.map((sharer, index) => {
          const left = sharer.request().balances[0]?.left ?? 0;
          return left === 0
            ? []
            : sharer.send(
                ...Array.from({ length: left }, (_, each) =>
                  sharer.claim('crowd', 'all', `${index}-${each}`),
                ),
              );
        }),
      );
      expect(new Set(outcomes.flat())).toEqual(new Set(['accepted']));
      expect(await pot('crowd', 'all')).toEqual({ pool, held: 0, claimed: held });
      await whole();
    });
  });
}
