import {
  type Bundle,
  bundleSchema,
  fromBase64url,
  type InboxResponse,
  type Resident,
  residentSchema,
  toBase64url,
} from '@huimin/backend/contract';
import { err, ok, type Result } from '@huimin/drivers';
import { type KnownTime, trueAt } from './age.ts';
import type { Book } from './book.ts';
import type { Journal } from './journal.ts';
import { KEY_BYTES } from './key.ts';
import { isSignedBy } from './operator.ts';
import type { Position } from './segment.ts';
import type { Delivery } from './state.ts';
import {
  type CardWords,
  KDF,
  type KioskHalf,
  markOf,
  openingKey,
  SALT_BYTES,
  type SealedBundle,
  sealBundle,
} from './vault.ts';
import type { Writer } from './writer.ts';

/** A resident's record, and of when it is true. */
export interface KnownResident {
  readonly resident: Resident;
  readonly asOf: string;
}

export interface ResidentsParts {
  readonly book: Book;
  readonly journal: Journal;
  readonly writer: Writer;
  readonly known: KnownTime;
  readonly random: (bytes: number) => Uint8Array;
  readonly maxAgeHours: number;
  /** For technicians; nobody is named. */
  readonly tell: (sentence: string) => void;
}

type Whole = Extract<InboxResponse, { state: 'whole' }>;

const HOUR_MS = 3600_000;

/** The last delivery of residents' records for offline service: signed by the operator, each opened by its card. */
export class Residents {
  readonly #parts: ResidentsParts;
  /** Of a delivery that was turned away: it is told once. */
  #turnedAway = '';

  constructor(parts: ResidentsParts) {
    this.#parts = parts;
  }

  get #delivery(): Delivery | null {
    return this.#parts.book.state.delivery;
  }

  /** The operator's certificate that the kiosk was given when it was enrolled; null before. */
  get #root(): string | null {
    return this.#parts.book.state.endorsement?.certificates.at(-1) ?? null;
  }

  /** Names what is held, for the backend; null when the whole is needed. */
  get digest(): string | null {
    const delivery = this.#delivery;
    return delivery === null || delivery.digest === '' || (delivery.sealed?.salt ?? null) === null
      ? null
      : delivery.digest;
  }

  /**
   * Records that the operator did not sign, or signed too long ago, are told and not kept. Sealing may take minutes: what
   * was held stays until all is sealed, and `signal` ends it early.
   */
  async save(inbox: InboxResponse, signal?: AbortSignal): Promise<Result<void, string>> {
    const { asOf } = inbox;
    if (inbox.state === 'unchanged' || inbox.digest === this.digest) {
      if (this.digest === null) return ok(undefined);
      this.#parts.known.heard(trueAt(asOf, this.#delivery?.signedAt ?? null));
      return this.#parts.writer.write(() => [{ kind: 'inbox-current', asOf }]);
    }
    const good = await this.#vouchedFor(inbox);
    return good === null ? ok(undefined) : this.#keep(inbox, good, signal);
  }

  /** Null when none can be believed: what is held stays, since so may the staff be whom nobody vouched for. */
  async #vouchedFor({ residents, asOf, digest }: Whole): Promise<readonly Bundle[] | null> {
    const root = this.#root;
    const good: Bundle[] = [];
    for (const bundle of residents) {
      const age = Date.parse(asOf) - Date.parse(bundle.signedAt);
      if (age > this.#parts.maxAgeHours * HOUR_MS || root === null || !(await isSignedBy(root, bundle)))
        continue;
      good.push(bundle);
    }
    const bad = residents.length - good.length;
    const isWorthless = bad > 0 && good.length === 0;
    if (bad > 0 && this.#turnedAway !== digest)
      this.#parts.tell(
        `${bad} of ${residents.length} residents' records came without a good and recent signature of the operator and are not kept${isWorthless ? '; what was delivered before stays' : ''}`,
      );
    this.#turnedAway = bad > 0 ? digest : '';
    return isWorthless ? null : good;
  }

  async #keep(
    { staff, asOf, digest }: Whole,
    good: readonly Bundle[],
    signal?: AbortSignal,
  ): Promise<Result<void, string>> {
    const { random, writer, known } = this.#parts;
    const { half, sealed } = this.#sealedOf(good) ?? {
      half: { key: random(KEY_BYTES), salt: random(SALT_BYTES), kdf: KDF },
      sealed: new Map<Bundle, SealedBundle>(),
    };
    const bundles: SealedBundle[] = [];
    for (const bundle of good) {
      if (signal?.aborted) return err('the kiosk stops: the delivery is taken at the next start');
      bundles.push(sealed.get(bundle) ?? (await sealBundle(half, bundle, random)));
    }
    const signed = good.map(({ signedAt }) => signedAt).toSorted((a, b) => Date.parse(a) - Date.parse(b));
    const signedAt = signed.at(-1);
    known.heard(trueAt(asOf, signedAt ?? null));
    return writer.write(() => [
      {
        kind: 'delivery',
        key: toBase64url(half.key),
        kdf: half.kdf,
        salt: toBase64url(half.salt),
        bundles,
        asOf,
        ...(signedAt === undefined ? {} : { signedAt }),
        digest,
      },
      { kind: 'staff', staff },
    ]);
  }

  /** Those of the bundles that are held already, with what they are sealed with; null when none is. */
  #sealedOf(bundles: readonly Bundle[]): {
    readonly half: KioskHalf & { readonly salt: Uint8Array };
    readonly sealed: ReadonlyMap<Bundle, SealedBundle>;
  } | null {
    const { book, journal } = this.#parts;
    const delivery = this.#delivery;
    const half = delivery === null ? null : halfOf(delivery, null);
    if (delivery === null || half === null || half.salt === null) return null;
    const { key, kdf, salt } = half;
    const held = new Map(
      book
        .recordsAt(journal, delivery.position)
        ?.flatMap((record) => (record.kind === 'delivery' ? record.bundles : []))
        .map((bundle) => [bundle.mark, bundle]),
    );
    const sealed = new Map<Bundle, SealedBundle>();
    for (const bundle of bundles) {
      const found = held.get(markOf(key, bundle));
      if (found !== undefined) sealed.set(bundle, found);
    }
    return sealed.size === 0 ? null : { half: { key, kdf, salt }, sealed };
  }

  /** What is known of whoever has this card; null when nothing is, or nothing that is young enough. */
  async find(card: CardWords): Promise<KnownResident | null> {
    if (this.tooOld) {
      await this.drop();
      return null;
    }
    const { book, journal } = this.#parts;
    const delivery = this.#delivery;
    if (delivery === null || this.#isTooOldNow(trueAt(delivery.asOf, delivery.signedAt))) return null;
    const half = halfOf(delivery, journal.masterKey);
    if (half === null) return null;
    const opening = await openingKey(half, card);
    const position = book.state.view.bundle(opening.lookup);
    const bundle = position === null ? undefined : this.#bundleAt(position, opening.lookup);
    const record = bundle === undefined ? null : await opening.open(bundle);
    if (record === null) return null;
    return half.salt === null
      ? { resident: residentSchema.parse(record), asOf: delivery.asOf }
      : this.#judge(record, delivery);
  }

  /** Whether the delivery is surely too old, whatever the kiosk's own clock says. */
  get tooOld(): boolean {
    const { known, maxAgeHours } = this.#parts;
    const delivery = this.#delivery;
    if (delivery === null) return false;
    const asOf = trueAt(delivery.asOf, delivery.signedAt);
    return known.atLeast() - Date.parse(asOf) > maxAgeHours * HOUR_MS;
  }

  /** Forgets the delivery, on the disk too. */
  async drop(): Promise<Result<void, string>> {
    const { writer, book, random } = this.#parts;
    const delivery = this.#delivery;
    if (delivery === null) return ok(undefined);
    const { asOf, position } = delivery;
    const key = toBase64url(random(KEY_BYTES));
    const dropped = await writer.write(() =>
      book.state.delivery?.position === position
        ? [{ kind: 'delivery', key, kdf: KDF, bundles: [], asOf, digest: '' }]
        : [],
    );
    return dropped.ok ? writer.compact() : dropped;
  }

  /** Looked at once more before it is believed: the operator may be another one by now, and it has grown older. */
  async #judge(record: unknown, delivery: Delivery): Promise<KnownResident | null> {
    const bundle = bundleSchema.parse(record);
    const root = this.#root;
    if (root === null || !(await isSignedBy(root, bundle))) {
      this.#parts.tell("a resident's record does not bear the operator's signature and is not served");
      return null;
    }
    const asOf = trueAt(delivery.asOf, bundle.signedAt);
    return this.#isTooOldNow(asOf) ? null : { resident: bundle.resident, asOf };
  }

  #isTooOldNow(asOf: string): boolean {
    return this.#parts.known.now() - Date.parse(asOf) > this.#parts.maxAgeHours * HOUR_MS;
  }

  #bundleAt(position: Position, lookup: string): SealedBundle | undefined {
    for (const record of this.#parts.book.recordsAt(this.#parts.journal, position) ?? []) {
      if (record.kind !== 'bundles' && record.kind !== 'delivery') continue;
      const found = record.bundles.find((bundle) => bundle.lookup === lookup);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Null when the first form's master key is not at hand. */
function halfOf({ sealed }: Delivery, masterKey: Uint8Array | null): KioskHalf | null {
  if (sealed === null) return masterKey === null ? null : { key: masterKey, kdf: KDF, salt: null };
  const { key, kdf, salt } = sealed;
  return { key: fromBase64url(key), kdf, salt: salt === null ? null : fromBase64url(salt) };
}
