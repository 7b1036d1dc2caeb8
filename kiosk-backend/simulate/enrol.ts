import { registerKiosk } from '../fleet/index.ts';
import type { Storage } from '../storage/index.ts';
import type { SimulatedKiosk } from './kiosk.ts';

/** Kiosks that share a transaction while they are enrolled. */
const ENROLLED_AT_ONCE = 200;

/**
 * Straight into the database, by the fleet's own rules: a certificate for each would take longer than the storm, and
 * kiosks that come back have theirs already.
 */
export async function enrolAll(db: Storage, kiosks: readonly SimulatedKiosk[]): Promise<void> {
  for (let from = 0; from < kiosks.length; from += ENROLLED_AT_ONCE) {
    const some = kiosks.slice(from, from + ENROLLED_AT_ONCE);
    await db.transaction().execute(async (trx) => {
      for (const kiosk of some) {
        const now = new Date();
        const { id, identityKey, documentKey } = kiosk;
        const registered = await registerKiosk(
          trx,
          {
            request: { kiosk: id, identityKey, documentKey },
            claim: { nonce: `enrolment-${id}`, time: now.toISOString() },
            community: '荷花社区',
          },
          now,
        );
        kiosk.number = registered.kiosk.number;
      }
    });
  }
}
