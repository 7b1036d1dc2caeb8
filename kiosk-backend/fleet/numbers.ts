import { Refusal } from '../errors.ts';
import type { Storage } from '../storage/index.ts';

/** Serials a kiosk may use, inclusive. */
export interface Block {
  readonly first: number;
  readonly last: number;
}

const BLOCK_SIZE = 500;
const SERIAL_DIGITS = 6;

/** How certificate numbers are compared: what people type differently (case, spaces, dashes, full width) left out. */
export const normaliseNumber = (number: string): string =>
  number
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/**
 * The serial in a certificate number, which reads `<type>-<kiosk number>-<serial>`, e.g. 123 in `JZ-0007-000123` for
 * kiosk number `0007`; null when the number is not one of that kiosk's.
 */
export function serialIn(number: string, kioskNumber: string): number | null {
  const [, kiosk, serial] = /^[A-Z]+-(\d{4})-(\d{6})$/.exec(number) ?? [];
  return kiosk === kioskNumber ? Number(serial) : null;
}

/** True when the number lies in a block that was given to this kiosk. */
export function isInBlocks(number: string, kioskNumber: string, blocks: readonly Block[]): boolean {
  const serial = serialIn(number, kioskNumber);
  return serial !== null && blocks.some(({ first, last }) => serial >= first && serial <= last);
}

/**
 * Gives the kiosk its next block. To be called in the transaction that holds the kiosk's row. Throws {@link Refusal}
 * when its numbers are used up.
 */
export async function giveBlock(
  db: Storage,
  kiosk: { readonly id: string; readonly number: string },
  now: Date,
): Promise<Block> {
  const { highest } = await db
    .selectFrom('number_blocks')
    .select((select) => select.fn.max('last').as('highest'))
    .where('kiosk_number', '=', kiosk.number)
    .executeTakeFirstOrThrow();
  const first = (highest ?? 0) + 1;
  const block = { first, last: first + BLOCK_SIZE - 1 };
  if (block.last >= 10 ** SERIAL_DIGITS) {
    throw new Refusal(409, 'rejected', 'no-numbers', 'This kiosk has used up its certificate numbers.');
  }
  await db
    .insertInto('number_blocks')
    .values({ kiosk: kiosk.id, kiosk_number: kiosk.number, ...block, given_at: now.toISOString() })
    .execute();
  return block;
}

export const blocksOf = (db: Storage, kiosk: string): Promise<Block[]> =>
  db.selectFrom('number_blocks').select(['first', 'last']).where('kiosk', '=', kiosk).execute();
