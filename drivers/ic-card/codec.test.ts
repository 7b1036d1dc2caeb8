import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CardAnswer, type Dialogue, meaningOf, parseAnswer } from './apdu.ts';
import { readHolderDialogue } from './social-card.ts';
import { badge, holder, socialCard } from './testing/invented-cards.ts';
import { readUidDialogue } from './uid.ts';
import { type CardFault, type VirtualCard, virtualCard } from './virtual-card.ts';

/** Leads a dialogue with whatever answers. */
function lead<T>(dialogue: Dialogue<T>, answer: (command: Uint8Array) => Uint8Array, most = 200): T {
  let step = dialogue.next();
  for (let count = 0; !step.done; count++) {
    if (count > most) throw new Error('endless');
    step = dialogue.next(parseAnswer(answer(step.value)) ?? expect.unreachable());
  }
  return step.value;
}
const withCard = (card: VirtualCard, options = {}, fault: CardFault | null = null) => {
  const chip = virtualCard(card, options);
  chip.fault(fault);
  return (command: Uint8Array) => chip.transmit(command);
};

describe('a social-security card', () => {
  test.each([{}, { t0: true }, { byTag: true }, { t0: true, byTag: true }])('is read: %o', (options) => {
    expect(lead(readHolderDialogue(), withCard(socialCard, options))).toEqual({ ok: true, value: holder });
  });

  test('shows nothing where it is printed', () => {
    const read = lead(readHolderDialogue(), withCard(socialCard));
    if (!read.ok) throw new Error(read.error.reason);
    for (const shown of [inspect(read.value), `${read.value}`, inspect({ read }, { depth: 5 })]) {
      expect(shown).toMatch(/masked/);
      expect(shown).not.toContain(holder.number);
      expect(shown).not.toContain(holder.name);
    }
  });

  test.each([
    ['refuses', 'card-refused'],
    ['truncated', 'bad-record'],
    ['lying', 'bad-record'],
  ] as const)('that %s is told as %s', (fault, reason) => {
    expect(lead(readHolderDialogue(), withCard(socialCard, {}, fault))).toMatchObject({
      ok: false,
      error: { reason },
    });
  });

  test('a badge is told to be none, and the other way round', () => {
    expect(lead(readHolderDialogue(), withCard(badge))).toMatchObject({
      error: { reason: 'not-a-social-card' },
    });
    expect(lead(readUidDialogue(), withCard(socialCard))).toMatchObject({ error: { reason: 'no-uid' } });
  });

  test('items that make no sense are left out, the holder is not', () => {
    const odd = { ...socialCard, birth: '19901341', nation: 'ff', sex: '?' };
    expect(lead(readHolderDialogue(), withCard(odd))).toMatchObject({
      ok: true,
      value: {
        number: holder.number,
        name: holder.name,
        birth: null,
        nation: null,
        sex: null,
        birthplace: '110101',
      },
    });
  });
});

describe('a badge', () => {
  test('tells its number, four to ten bytes; one that changes is no identity', () => {
    expect(lead(readUidDialogue(), withCard(badge))).toEqual({ ok: true, value: { uid: '04A2241B2C5E80' } });
    const uid = (...bytes: number[]) =>
      lead(readUidDialogue(), withCard({ kind: 'badge', uid: Uint8Array.from(bytes) }));
    expect(uid(1, 2, 3, 4)).toEqual({ ok: true, value: { uid: '01020304' } });
    expect(uid(8, 2, 3, 4)).toMatchObject({ error: { reason: 'random-uid' } });
    expect(uid(1, 2, 3)).toMatchObject({ error: { reason: 'card-failed' } });
  });
});

test('every status word means something, and only 9000 and 6282 are success', () => {
  const successes: number[] = [];
  for (let status = 0; status <= 0xffff; status++) if (meaningOf(status) === 'ok') successes.push(status);
  expect(successes).toEqual([0x6282, 0x9000]);
  expect([0x6a82, 0x6d00, 0x6e00, 0x6a83, 0x6982, 0x6f00, 0x6110, 0x6c12, 0x6283].map(meaningOf)).toEqual([
    ...['not-supported', 'not-supported', 'not-supported', 'no-record', 'not-allowed'],
    ...['failed', 'more', 'wrong-length', 'not-allowed'],
  ]);
});

test('a card that answers anything is never believed by accident, never throws and never goes on forever', () => {
  const anyAnswer = fc.oneof(
    fc.uint8Array({ minLength: 2, maxLength: 40 }),
    fc.uint8Array({ maxLength: 38 }).map((data) => Uint8Array.of(...data, 0x90, 0x00)),
    fc.constantFrom(Uint8Array.of(0x61, 0x10), Uint8Array.of(0x6c, 0x10)),
  );
  fc.assert(
    fc.property(fc.infiniteStream(anyAnswer), (answers) => {
      const next = (): CardAnswer['data'] => answers.next().value ?? expect.unreachable();
      expect(lead(readHolderDialogue(), next).ok).toBe(false);
      const uid = lead(readUidDialogue(), next);
      if (uid.ok) expect(uid.value.uid).toMatch(/^([0-9A-F]{2}){4,10}$/);
    }),
    { numRuns: 300 },
  );
});
