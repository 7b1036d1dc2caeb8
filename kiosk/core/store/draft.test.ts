import { hash } from 'node:crypto';
import { type EventBody, eventBodySchema, eventHashText, eventSchema } from '@huimin/backend/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draftOf, eventDraft, Unfit, wallTime } from './draft.ts';
import { decodeFrame, encodeFrame, recordSchema } from './record.ts';

const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength });
const time = fc
  .date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const body: fc.Arbitrary<EventBody> = fc.oneof(
  fc.record({
    kind: fc.constant('help.requested' as const),
    visit: fc.option(fc.uuid()),
    screen: text(64),
  }),
  fc.record({
    kind: fc.constant('device.changed' as const),
    device: text(40),
    state: text(40),
    detail: text(200),
  }),
  fc.record({
    kind: fc.constant('certificate.issued' as const),
    visit: fc.uuid(),
    number: text(40),
    type: text(64),
    holder: fc.record({
      name: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      idNumber: fc.constant('999901194803120243'),
    }),
    facts: fc.dictionary(text(20), text(50), { maxKeys: 5 }),
    issuedAt: time,
    validUntil: time,
    statement: text(100),
    verification: fc.constantFrom(
      { by: 'none' as const },
      { by: 'face' as const, verifier: 'a', score: -0.25 },
    ),
    offline: fc.boolean(),
  }),
);
const clock = fc.oneof(
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.constantFrom(0, -1, 8.64e15, -8.64e15, Date.parse('9999-12-31T23:59:59.999Z') + 1),
);

test('whatever body fits, at whatever time, is written so that it can be read, and hashed as it is on the wire', () => {
  fc.assert(
    fc.property(body, clock, fc.nat(), (given_, now, sequence) => {
      const checked = eventBodySchema.safeParse(given_);
      fc.pre(checked.success);
      const made = {
        id: '01890a5d-ac96-474b-bcce-b302099a8057',
        kiosk: 'kiosk-test',
        sequence: sequence + 1,
        deviceTime: wallTime(now),
        monotonicMs: 5,
        previous: sequence === 0 ? '' : 'a'.repeat(64),
        body: checked.data,
      };
      const { record, json } = eventDraft(made);
      const read = decodeFrame(encodeFrame([json, json]));
      expect(read).toEqual([record, record]);
      expect(recordSchema.safeParse(read?.[0]).success).toBe(true);
      if (record.kind !== 'event') throw new Error(record.kind);
      // As the backend does it.
      const { hash: told, ...rest } = eventSchema.parse(JSON.parse(JSON.stringify(record.event)));
      expect(told).toBe(hash('sha256', eventHashText(rest)));
    }),
    { numRuns: 500 },
  );
});

test('an endorsement of a time when the wire had no bounds can be written again', () => {
  const endorsement = {
    kiosk: 'k'.repeat(100),
    kioskNumber: '0001',
    certificates: ['one', 'root'.repeat(5000)],
    notBefore: '2026-11-22T09:00:00.000Z',
    notAfter: '2026-11-29T09:00:00.000Z',
    numbers: null,
    verifyAddress: `https://backend.example.org/${'v'.repeat(300)}`,
    serverTime: '2026-11-22T09:00:00.000Z',
  };
  const record = { kind: 'endorsed', endorsement } as const;
  expect(decodeFrame(encodeFrame([draftOf(record).json]))).toEqual([record]);
});

test('any other record is checked whole, and what does not fit names places and no content', () => {
  const record = {
    kind: 'print' as const,
    document: 'receipt' as const,
    number: null,
    state: 'sent' as const,
  };
  const ids = {
    entry: '00000000-0000-4000-8000-000000000002',
    visit: '00000000-0000-4000-8000-000000000003',
  };
  const { json } = draftOf({ ...record, ...ids, detail: '名' });
  expect(decodeFrame(encodeFrame([json]))).toEqual([{ ...record, ...ids, detail: '名' }]);
  const wrong = () => draftOf({ ...record, ...ids, detail: '王'.repeat(201) });
  expect(wrong).toThrow(Unfit);
  expect(wrong).toThrow(/^not fit for the journal: detail$/);
});
