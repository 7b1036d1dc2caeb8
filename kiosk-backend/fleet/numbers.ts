import { SERIAL_DIGITS, serialIn } from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import type { Storage } from '../storage/index.ts';

/** Serials a kiosk may use, inclusive. */
export interface Block {
  readonly first: number;
  readonly last: number;
}

const BLOCK_SIZE = 500;
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
