import { createPrivateKey, sign } from 'node:crypto';
import {
  type CarriedEventsHead,
  carriedContent,
  type KioskEvent,
  toBase64url,
} from '@huimin/backend/contract';
import {
  type ParcelDisk,
  ParcelWriter,
  parcelDisk,
  seal,
  writeParcelFile,
} from '@huimin/backend/contract/sealing';
import { type Clock, err, ok, type Result } from '@huimin/drivers';
import type { Store } from '../store/index.ts';
import { answerKey, backendKey } from './backend-keys.ts';

/** Events in one sealed piece: half of what the backend takes at once. */
const PIECE_EVENTS = 100;
/** Bytes in one sealed piece, unless a single event has more. */
const PIECE_BYTES = 1024 * 1024;

export interface ExportOptions {
  readonly store: Pick<Store, 'endorsement' | 'keys' | 'tip' | 'untaken'>;
  /** Where the stick is; it is not made. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: (bytes: number) => Uint8Array;
  readonly disk?: ParcelDisk;
}

export interface Exported {
  readonly path: string;
  readonly count: number;
  /** The lowest and the highest sequence in it. */
  readonly first: number;
  readonly last: number;
}

/**
 * Writes everything that the backend has not taken, refused events too, into one file: sealed for the backend, signed
 * by this kiosk. Nothing counts as sent by that, so that a stick which is lost loses nothing. Null when there is nothing
 * to carry; the error is one sentence for a technician.
 */
export async function exportUnsent(options: ExportOptions): Promise<Result<Exported | null, string>> {
  const { store, folder, clock, random, disk = parcelDisk } = options;
  const recipient = backendKey(store.endorsement);
  if (!recipient.ok) return recipient;
  const upTo = store.tip.sequence;
  const pages = untakenUpTo(store, upTo);
  const begin = await pages.next();
  if (begin.done) return ok(null);

  const { identity } = store.keys;
  const id = toBase64url(random(16));
  const { suite, keyId } = recipient.value;
  const { privateKey: _, ...answerTo } = await answerKey(identity.pkcs8, id, suite);
  const head: CarriedEventsHead = {
    kind: 'events',
    kiosk: begin.value[0].kiosk,
    export: id,
    time: new Date(clock.now()).toISOString(),
    suite,
    keyId,
    identityKey: identity.publicKey,
    answerTo,
  };
  const told = { count: 0, first: begin.value[0].sequence, last: 0 };
  const written = await writeParcelFile(disk, folder, `huimin-${head.kiosk}.unfinished`, async (write) => {
    const parcel = await ParcelWriter.begin(head, write);
    for (let page: readonly KioskEvent[] | null = begin.value; page !== null; page = await nextOf(pages)) {
      for (const { body, events } of piecesOf(page)) {
        await parcel.piece(await seal(body, recipient.value, { contentType: carriedContent.events, random }));
        body.fill(0);
        told.count += events.length;
      }
      told.last = page.at(-1)?.sequence ?? told.last;
    }
    await parcel.end(told, async (text) => signedBy(identity.pkcs8, text));
    return { name: `huimin-${head.kiosk}-${told.first}-${told.last}.hmx` };
  });
  return written.ok ? ok({ path: written.value.path, ...told }) : err(written.error);
}

type Page = readonly [KioskEvent, ...KioskEvent[]];

/** What has not been taken, a page at a time; events that are made meanwhile are left for the next time. */
async function* untakenUpTo(store: Pick<Store, 'untaken'>, upTo: number): AsyncGenerator<Page, undefined> {
  for (let after = 0; ; ) {
    const found = await store.untaken(after, PIECE_EVENTS);
    const [first, ...rest] = found.filter(({ sequence }) => sequence <= upTo);
    if (first === undefined) return undefined;
    yield [first, ...rest];
    after = rest.at(-1)?.sequence ?? first.sequence;
  }
}

async function nextOf(pages: AsyncGenerator<Page, undefined>): Promise<Page | null> {
  const next = await pages.next();
  return next.done ? null : next.value;
}

/** In the form of `eventsRequestSchema`, and no larger than it must be. */
function* piecesOf(page: readonly KioskEvent[]): Generator<{ body: Buffer; events: readonly KioskEvent[] }> {
  for (let rest = page; rest.length > 0; ) {
    let events = rest;
    let body = Buffer.from(JSON.stringify({ events }));
    while (body.length > PIECE_BYTES && events.length > 1) {
      body.fill(0);
      events = events.slice(0, Math.ceil(events.length / 2));
      body = Buffer.from(JSON.stringify({ events }));
    }
    yield { body, events };
    rest = rest.slice(events.length);
  }
}

function signedBy(pkcs8: string, text: string): string {
  const key = createPrivateKey({ key: Buffer.from(pkcs8, 'base64url'), format: 'der', type: 'pkcs8' });
  return toBase64url(sign(null, Buffer.from(text), key));
}
