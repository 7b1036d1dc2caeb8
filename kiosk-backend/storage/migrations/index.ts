import type { Migration } from 'kysely/migration';
import { first } from './0001-first.ts';
import { secondChances } from './0002-second-chances.ts';
import { signedBundles } from './0003-signed-bundles.ts';
import { telemetry } from './0004-telemetry.ts';
import { forks } from './0005-forks.ts';
import { keeping } from './0006-keeping.ts';
import { shares } from './0007-shares.ts';
import { trust } from './0008-trust.ts';
import { sealing } from './0009-sealing.ts';

/** Applied in the order of their names, each once, each in a transaction; a released one is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-second-chances': secondChances,
  '0003-signed-bundles': signedBundles,
  '0004-telemetry': telemetry,
  '0005-forks': forks,
  '0006-keeping': keeping,
  '0007-shares': shares,
  '0008-trust': trust,
  '0009-sealing': sealing,
};
