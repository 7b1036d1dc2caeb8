import { MOST_KIOSKS, SERIAL_DIGITS } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';

const DAY_MS = 86_400_000;
const MOST_SERIAL = 10 ** SERIAL_DIGITS - 1;
/** Serials skipped for each kiosk at least: ten blocks, for enrolments that were repeated and days just begun. */
const SPARE = 5000;
/** And so many for each day since: more than a kiosk can print. */
const SPARE_A_DAY = 500;
const ROWS_AT_ONCE = 500;

/** What a restored backend leaves out. */
export interface Ahead {
  /** Whole days between the last thing the backup knows of and the restore. */
  readonly days: number;
  readonly serialsEach: number;
  readonly kioskNumbers: number;
  /** Enrolment codes that are good no more: which were used since is not known. */
  readonly codes: number;
}

/**
 * Skips what may have been given out between backup and loss, so that nothing is given twice. The serials skipped are
 * written down as given to their kiosk, since it may hold them: certificates of these numbers are taken as genuine.
 */
export async function skipAhead(trx: Storage, newKiosks: number, now: Date): Promise<Ahead> {
  const kiosks = await trx.selectFrom('kiosks').select(['id', 'number', 'last_contact']).execute();
  const newest = kiosks.reduce(
    (latest, { last_contact }) => (last_contact > latest ? last_contact : latest),
    '',
  );
  const days = newest === '' ? 0 : Math.max(0, Math.ceil((now.getTime() - Date.parse(newest)) / DAY_MS));
  const serialsEach = SPARE + days * SPARE_A_DAY;
  await skipSerials(trx, kiosks, serialsEach, now);
  const { value } = await trx
    .selectFrom('counters')
    .select('value')
    .where('name', '=', 'kiosk-number')
    .executeTakeFirstOrThrow();
  const kioskNumbers = Math.min(newKiosks, Math.max(0, MOST_KIOSKS - value));
  await trx
    .updateTable('counters')
    .set({ value: value + kioskNumbers })
    .where('name', '=', 'kiosk-number')
    .execute();
  const codes = await trx
    .updateTable('enrolment_codes')
    .set({ expires_at: now.toISOString() })
    .where('expires_at', '>', now.toISOString())
    .executeTakeFirstOrThrow();
  return { days, serialsEach, kioskNumbers, codes: Number(codes.numUpdatedRows) };
}

async function skipSerials(
  trx: Storage,
  kiosks: readonly { readonly id: string; readonly number: string }[],
  count: number,
  now: Date,
): Promise<void> {
  const given = await trx
    .selectFrom('number_blocks')
    .select((select) => ['kiosk_number', select.fn.max('last').as('highest')])
    .groupBy('kiosk_number')
    .execute();
  const highest = new Map(given.map((row) => [row.kiosk_number, row.highest]));
  const blocks = kiosks.flatMap(({ id, number }) => {
    const first = (highest.get(number) ?? 0) + 1;
    if (first > MOST_SERIAL) return [];
    const last = Math.min(first + count - 1, MOST_SERIAL);
    return [{ kiosk: id, kiosk_number: number, first, last, given_at: now.toISOString() }];
  });
  for (let from = 0; from < blocks.length; from += ROWS_AT_ONCE) {
    await trx
      .insertInto('number_blocks')
      .values(blocks.slice(from, from + ROWS_AT_ONCE))
      .execute();
  }
}
