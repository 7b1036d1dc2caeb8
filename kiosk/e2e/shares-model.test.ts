// Kiosks' share books before the backend's own code and a database, under everything that can go wrong between them.
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cellOf,
  type EventBody,
  eventHashText,
  isShareEvent,
  type KioskEvent,
  type SharedResource,
  type SharesResponse,
  sharedResourceSchema,
} from '../../kiosk-backend/contract/index.ts';
import { takeEvents } from '../../kiosk-backend/ingest/take.ts';
import {
  addResource,
  answerShares,
  checkShares,
  holderOf,
  turnout,
} from '../../kiosk-backend/shares/index.ts';
import { openStorage, type Storage } from '../../kiosk-backend/storage/index.ts';
import { due, isBehind, lastWords, requestOf } from '../core/shares/book.ts';
import { decideClaim, potFor } from '../core/shares/claim.ts';
import { overBook, type ShareBook, type ShareRecord, withEvent, withRecord } from '../core/shares/index.ts';

const COMMUNITY = '荷花社区';
const NOW = Date.parse('2026-11-22T09:00:00.000Z');
const AFTER = Date.parse('2027-02-01T00:00:00.000Z');
const YEAR_MS = 365 * 86_400_000;
const common = {
  community: COMMUNITY,
  name: { 'zh-CN': '共享', en: 'Shared' },
  opensAt: '2020-01-01T00:00:00+08:00',
  closesAt: '2027-01-01T00:00:00+08:00',
};
const define = (more: object): SharedResource => sharedResourceSchema.parse({ ...common, ...more });
const resources = (capacity: number): SharedResource[] => [
  define({ id: 'meals', kind: 'quota', capacity, perPerson: null }),
  define({
    id: 'rooms',
    kind: 'slots',
    perPerson: null,
    slots: [0, 1, 2, 3].map((slot) => ({
      id: `slot-${slot}`,
      startsAt: '2026-12-24T09:00:00+08:00',
      endsAt: '2026-12-24T10:00:00+08:00',
    })),
  }),
  define({
    id: 'poll',
    kind: 'vote',
    offlineShare: 1,
    options: ['lift', 'garden'].map((id) => ({ id, name: common.name })),
  }),
];

interface Sold {
  readonly resource: string;
  readonly pot: string;
  readonly holder: string;
  readonly claim: string;
  readonly amount: number;
  cancelled: boolean;
  /** False when the kiosk that gave it out lost its journal before it was reported. */
  reportable: boolean;
}

/** A kiosk's journal and nothing else: what a power cut leaves. */
class Kiosk {
  readonly id: string;
  book: ShareBook | null = null;
  outbox: KioskEvent[] = [];
  sequence = 0;
  previous = '';
  /** How wrong its clock is. */
  drift = 0;

  constructor(id: string) {
    this.id = id;
  }

  get now(): number {
    return NOW + this.drift;
  }

  commit(events: readonly EventBody[], records: readonly ShareRecord[] = []): void {
    for (const body of events) {
      const draft = {
        id: randomUUID(),
        kiosk: this.id,
        sequence: ++this.sequence,
        deviceTime: '2026-11-22T09:00:00.000Z',
        monotonicMs: 1,
        previous: this.previous,
        body,
      };
      this.previous = createHash('sha256').update(eventHashText(draft)).digest('hex');
      this.outbox.push({ ...draft, hash: this.previous });
      if (isShareEvent(body)) this.book = withEvent(this.book, body);
    }
    for (const record of records) this.book = withRecord(this.book, record);
  }

  begin(): ShareBook {
    const before = this.book;
    this.commit(before === null ? [] : lastWords(before), [{ kind: 'share-book', book: randomUUID() }]);
    if (this.book === null) throw new Error('a book was begun');
    return this.book;
  }
}

const sometimes = fc.nat({ max: 3 }).map((roll) => roll === 0);

/** Anything that can happen; `kiosks` and `people` are how many there are, and `what` is all that they want. */
const stepAmong = (kiosks: number, people: number, what: readonly string[]) => {
  const someKiosk = fc.nat({ max: kiosks - 1 });
  const someone = fc.nat({ max: people - 1 });
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('ask' as const), at: someKiosk, answerLost: sometimes }),
    },
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('claim' as const),
        at: someKiosk,
        who: someone,
        what: fc.constantFrom(...what),
        slot: fc.nat({ max: 3 }),
        amount: fc.integer({ min: 1, max: 3 }),
        wants: sometimes,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('cancel' as const), at: someKiosk, which: fc.nat() }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('upload' as const),
        at: someKiosk,
        most: fc.integer({ min: 1, max: 8 }),
        times: fc.integer({ min: 1, max: 2 }),
        answerLost: sometimes,
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('give' as const), at: someKiosk }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('clock' as const),
        at: someKiosk,
        years: fc.constantFrom(-5, -0.001, 0, 0, 0.01, 3),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('amnesia' as const), at: someKiosk }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), at: someKiosk }) },
  );
};
const anything = stepAmong(4, 12, ['meals', 'rooms', 'poll']);
/** Neighbours in one cell before two kiosks: who votes twice is found here, if anybody can. */
const votesOnly = stepAmong(2, 3, ['poll']);
type Step = typeof anything extends fc.Arbitrary<infer T> ? T : never;

/** So many people are in a cell of a vote, one cell after the other. */
const NEIGHBOURS = 6;

/** The name of a person: of a vote chosen so that the first few are in one cell, and the next few in another. */
function nameOf(key: string, resource: string, who: number): string {
  if (resource !== 'poll') return `person-${who}`;
  const wanted = Math.floor(who / NEIGHBOURS);
  const cell = cellOf(holderOf(key, resource, `house-${wanted}`));
  let found = 0;
  for (let each = 0; ; each++) {
    const name = `house-${wanted}-${each}`;
    if (cellOf(holderOf(key, resource, name)) === cell && found++ === who % NEIGHBOURS) return name;
  }
}

/** A backend on a database of its own, its kiosks, and everything they told residents. */
class World {
  readonly db: Storage;
  readonly kiosks: readonly Kiosk[];
  readonly defined: readonly SharedResource[];
  readonly sold: Sold[] = [];
  readonly refused: string[] = [];
  clock = NOW;

  private constructor(db: Storage, kiosks: readonly Kiosk[], defined: readonly SharedResource[]) {
    this.db = db;
    this.kiosks = kiosks;
    this.defined = defined;
  }

  static async make(db: Storage, capacity: number): Promise<World> {
    const kiosks = [0, 1, 2, 3].map((each) => new Kiosk(`kiosk-${randomUUID().slice(0, 8)}-${each}`));
    for (const table of [
      'share_boxes',
      'share_ballots',
      'share_voters',
      'share_claims',
      'share_leases',
      'share_books',
      'share_pots',
      'share_resources',
      'events',
      'forks',
      'chain_gaps',
      'kiosks',
    ] as const)
      await db.deleteFrom(table).execute();
    const defined = resources(capacity);
    for (const { id } of kiosks)
      await db
        .insertInto('kiosks')
        .values({
          id,
          number: id,
          community: COMMUNITY,
          identity_key: '',
          enrolment: 1,
          enrolled_at: '',
          last_contact: '',
          last_kiosk_time: null,
          kiosk_time_floor: '',
        })
        .execute();
    for (const each of defined)
      await db.transaction().execute((trx) => addResource(trx, each, new Date(NOW)));
    return new World(db, kiosks, defined);
  }

  async ask(
    kiosk: Kiosk,
    answerLost: boolean,
    wants: { resource: string; pot: string; units: number }[] = [],
  ) {
    const book = kiosk.book === null || kiosk.book.over ? kiosk.begin() : kiosk.book;
    const caller = { id: kiosk.id, community: COMMUNITY };
    const answer = await answerShares(this.db, caller, requestOf(book, { wants }), new Date(this.clock));
    if (!answerLost) this.hear(kiosk, answer);
  }

  hear(kiosk: Kiosk, { key, resources, leases, pots, cancelled, ...answer }: SharesResponse): void {
    const book = kiosk.book;
    if (book === null) throw new Error('a kiosk that asked has a book');
    if (answer.book === 'written-off' || isBehind(book, { leases }))
      throw new Error('nothing was written off');
    kiosk.commit([], [{ kind: 'share-delivery', book: book.id, key, resources, leases, pots, cancelled }]);
  }

  async claim(
    kiosk: Kiosk,
    { who, what, slot, amount, wants }: Extract<Step, { do: 'claim' }>,
  ): Promise<void> {
    if (kiosk.book?.key == null || kiosk.book.over) return;
    const wish = {
      claim: randomUUID(),
      resource: what,
      pot: what === 'rooms' ? `slot-${slot}` : null,
      holder: holderOf(kiosk.book.key, what, nameOf(kiosk.book.key, what, who)),
      amount: what === 'meals' ? amount : 1,
      choice: what === 'poll' ? 'lift' : null,
      offline: !wants,
    };
    const resource = this.defined.find(({ id }) => id === what);
    const pot = resource && potFor(resource, wish, NOW);
    if (wants && pot) await this.ask(kiosk, false, [{ resource: what, pot: pot.pot, units: wish.amount }]);
    const decided = decideClaim(kiosk.book, wish, [], kiosk.now);
    if (!decided.ok) return;
    kiosk.commit(decided.value.events, decided.value.records);
    for (const event of decided.value.events)
      if (event.kind === 'claim.made') this.sold.push({ ...event, cancelled: false, reportable: true });
  }

  async upload(kiosk: Kiosk, most: number, times: number, answerLost: boolean): Promise<void> {
    const batch = kiosk.outbox.slice(0, most);
    if (batch.length === 0) return;
    const caller = { id: kiosk.id, number: kiosk.id, community: COMMUNITY };
    for (let time = 0; time < times; time++) {
      const results = await takeEvents(this.db, caller, batch, new Date(this.clock));
      this.refused.push(
        ...results.flatMap(({ outcome, reason }) => (outcome === 'rejected' ? [reason ?? ''] : [])),
      );
    }
    if (!answerLost) kiosk.outbox = kiosk.outbox.slice(batch.length);
  }

  /** The disk is new: nobody knows what was given out and not reported. */
  async amnesia(kiosk: Kiosk): Promise<void> {
    const lost = new Set(
      kiosk.outbox.flatMap(({ body }) => (body.kind === 'claim.made' ? [body.claim] : [])),
    );
    for (const each of this.sold) if (lost.has(each.claim)) each.reportable = false;
    Object.assign(kiosk, { book: null, outbox: [], sequence: 0, previous: '' });
    await this.db
      .updateTable('kiosks')
      .set((column) => ({ enrolment: column('enrolment', '+', 1) }))
      .where('id', '=', kiosk.id)
      .execute();
  }

  async run(step: Step): Promise<void> {
    const kiosk = this.kiosks[step.at];
    if (kiosk === undefined) throw new Error('no such kiosk');
    switch (step.do) {
      case 'ask':
        return this.ask(kiosk, step.answerLost);
      case 'claim':
        return this.claim(kiosk, step);
      case 'cancel': {
        const made = this.sold.filter(({ resource }) => resource !== 'poll');
        const one = made[step.which % Math.max(1, made.length)];
        if (one === undefined) return;
        const { claim, resource, holder } = one;
        kiosk.commit([{ kind: 'claim.cancelled', claim, resource, holder }]);
        one.cancelled = true;
        return;
      }
      case 'upload':
        return this.upload(kiosk, step.most, step.times, step.answerLost);
      case 'give':
        if (kiosk.book !== null) kiosk.commit(due(kiosk.book, kiosk.now));
        return;
      case 'clock':
        kiosk.drift = step.years * YEAR_MS;
        return;
      case 'amnesia':
        return this.amnesia(kiosk);
      case 'withdraw':
        kiosk.book = overBook(kiosk.book);
        return;
    }
  }

  /** What residents hold in their hands is never more than there is, and nobody was let to vote twice. */
  nothingOversold(capacity: number): void {
    const standing = new Map<string, number>();
    for (const { resource, pot, holder, amount, cancelled } of this.sold) {
      const what = resource === 'poll' ? `voter ${holder}` : `${resource} ${pot}`;
      if (!cancelled) standing.set(what, (standing.get(what) ?? 0) + amount);
    }
    for (const [what, amount] of standing)
      expect(amount, what).toBeLessThanOrEqual(what.startsWith('meals') ? capacity : 1);
  }
}

const at = { answerLost: false, slot: 0, amount: 1, most: 8, times: 1 };
const upload = (kiosk: number): Step => ({ do: 'upload', ...at, at: kiosk });
const ask = (kiosk: number): Step => ({ do: 'ask', ...at, at: kiosk });
const give = (kiosk: number): Step => ({ do: 'give', at: kiosk });
const vote = (kiosk: number, who: number, wants: boolean): Step => ({
  do: 'claim',
  ...at,
  at: kiosk,
  who,
  what: 'poll',
  wants,
});
const handOver = (kiosk: number): Step[] => [ask(kiosk), give(kiosk), upload(kiosk)];
/** The cell goes from kiosk to kiosk, and whoever voted at the first one is offline before the second one. */
const votesTwice: Step[] = [
  vote(0, 0, true),
  ...[1, 2, 3].flatMap(handOver),
  vote(0, 0, true),
  upload(0),
  vote(1, 1, true),
  ...handOver(0),
  vote(1, 1, true),
  vote(1, 0, false),
];
/** A ballot is in the box of a kiosk that is revoked. */
const votesAndIsRevoked: Step[] = [
  vote(0, 0, true),
  ...[1, 2, 3].flatMap(handOver),
  vote(0, 0, true),
  { do: 'withdraw', at: 0 },
  ask(0),
];

test.each([
  { name: 'anything', step: anything, numRuns: 15, least: 30 },
  { name: 'votes of neighbours', step: votesOnly, numRuns: 15, least: 10 },
])(
  'never oversold, never lost, never two votes: partitions, lost answers, repeats, wrong clocks, lost journals ($name)',
  async ({ step, numRuns, least }) => {
    const data = mkdtempSync(join(tmpdir(), 'huimin-shares-'));
    const db = await openStorage({ data });
    let given = 0;
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 30 }),
          fc.array(step, { minLength: 30, maxLength: 60 }),
          async (capacity, steps) => {
            const world = await World.make(db, capacity);
            for (const kiosk of world.kiosks) await world.ask(kiosk, false);
            for (const one of steps) {
              await world.run(one);
              world.nothingOversold(capacity);
            }
            expect(await checkShares(db)).toEqual([]);

            // The network is back, the polls are closed, and everything is told.
            world.clock = AFTER;
            for (const kiosk of world.kiosks) {
              if (kiosk.book !== null) kiosk.commit(due(kiosk.book, AFTER));
              await world.upload(kiosk, 1000, 1, false);
            }
            expect(world.refused).toEqual([]);
            expect(await checkShares(db)).toEqual([]);
            const claims = await db
              .selectFrom('share_claims')
              .select('claim')
              .where('made_at', 'is not', null)
              .execute();
            const voters = await db.selectFrom('share_voters').select('claim').execute();
            const taken = new Set([...claims, ...voters].map(({ claim }) => claim));
            for (const { claim, reportable } of world.sold) if (reportable) expect(taken).toContain(claim);
            const sold = new Set(world.sold.map(({ claim }) => claim));
            for (const claim of taken) expect(sold).toContain(claim);
            const { ballots } = await turnout(db, 'poll');
            const hadAmnesia = steps.some((one) => one.do === 'amnesia');
            if (!hadAmnesia) expect(ballots).toBe(voters.length);
            given += world.sold.length;
          },
        ),
        {
          numRuns,
          examples: [
            [30, votesTwice],
            [30, votesAndIsRevoked],
          ],
        },
      );
      // The property is about something.
      expect(given).toBeGreaterThan(least);
    } finally {
      await db.destroy();
      rmSync(data, { recursive: true, force: true });
    }
  },
  300_000,
);
