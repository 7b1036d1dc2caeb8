import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Storage } from '../storage/index.ts';
import { hashPin } from './pin.ts';

const demoFile = new URL('../../assets/demo/people.yaml', import.meta.url);

const demoSchema = z.object({
  residents: z.array(
    z.object({
      id: z.string(),
      card: z.object({ name: z.string(), number: z.string() }),
      registry: z
        .object({
          residence: z.string(),
          community: z.string(),
          residentSince: z.iso.date(),
          status: z.enum(['registered', 'moved-away']),
        })
        .nullable(),
    }),
  ),
  staff: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      role: z.enum(['staff', 'volunteer', 'technician']),
      badge: z.string(),
      pin: z.string(),
    }),
  ),
});

/** Puts the invented people of the demo into the registry; answers the community in which the demo's kiosks stand. */
export async function seedDemo(db: Storage): Promise<string> {
  const { residents, staff } = demoSchema.parse(parse(await readFile(demoFile, 'utf8')));
  const [first] = residents.flatMap(({ registry }) => registry ?? []);
  if (!first) throw new Error('assets/demo/people.yaml has no registered resident');
  for (const { id, card, registry } of residents) {
    if (!registry) continue;
    const { residence, community, residentSince, status } = registry;
    const known = { residence, community, resident_since: residentSince, status };
    const row = { id, id_number: card.number, name: card.name, ...known };
    await db
      .insertInto('residents')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
  for (const { id, name, role, badge, pin } of staff) {
    const { pinSalt, pinHash } = await hashPin(pin);
    const row = { id, name, role, badge, pin_salt: pinSalt, pin_hash: pinHash };
    await db
      .insertInto('staff')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  }
  return first.community;
}
