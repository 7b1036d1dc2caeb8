import { type Staff, staffSchema } from '../contract/index.ts';
import type { Storage } from '../storage/index.ts';

/** The staff as kiosks take them, and how many rows do not fit the contract and are left out. */
export async function fitStaff(
  db: Storage,
): Promise<{ readonly staff: readonly Staff[]; readonly unfit: number }> {
  const rows = await db.selectFrom('staff').selectAll().orderBy('id').execute();
  const staff = rows.flatMap(({ id, name, role, badge, pin_salt, pin_hash }) => {
    const parsed = staffSchema.safeParse({ id, name, role, badge, pinSalt: pin_salt, pinHash: pin_hash });
    return parsed.success ? [parsed.data] : [];
  });
  return { staff, unfit: rows.length - staff.length };
}
