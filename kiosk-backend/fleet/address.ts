import type { Storage } from '../storage/index.ts';

/** Where kiosks find this backend. */
export interface BackendAddress {
  readonly url: string;
  /** Who vouches for it; null where that is not known here, as behind a proxy. */
  readonly pin: string | null;
}

const URL_SETTING = 'kiosk-url';
const PIN_SETTING = 'kiosk-authority';

/** Kept for the commands, which run beside the backend: the last one that started is right. */
export async function noteAddress(db: Storage, { url, pin }: BackendAddress): Promise<void> {
  await db
    .insertInto('settings')
    .values([
      { name: URL_SETTING, value: url },
      { name: PIN_SETTING, value: pin ?? '' },
    ])
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((set) => ({ value: set.ref('excluded.value') })),
    )
    .execute();
}

/** Null before the backend's first start. */
export async function notedAddress(db: Storage): Promise<BackendAddress | null> {
  const rows = await db
    .selectFrom('settings')
    .selectAll()
    .where('name', 'in', [URL_SETTING, PIN_SETTING])
    .execute();
  const value = (wanted: string): string => rows.find(({ name }) => name === wanted)?.value ?? '';
  return value(URL_SETTING) === '' ? null : { url: value(URL_SETTING), pin: value(PIN_SETTING) || null };
}
