import { type DeliveryRecord, encodeFrame, type JournalRecord } from './record.ts';
import type { Position } from './segment.ts';
import type { StoreState } from './state.ts';

/**
 * How many settled pages a technician can still look up. Counted, not dated, because a kiosk's clock can be wrong by
 * years: about three months of a busy kiosk. They name a certificate's number and what became of the sheet, nobody.
 */
export const SETTLED_PAGES_KEPT = 2000;
/** Damage takes a frame: few records are lost with one. */
const RECORDS_A_FRAME = 64;

/** A frame of a snapshot, with its records. */
export interface SnapshotFrame {
  readonly records: readonly JournalRecord[];
  readonly plaintext: Buffer;
}

/**
 * Everything the kiosk still needs, as the frames a segment begins with: keys, endorsement, numbers left, staff and the
 * events' last hash, twice, since nothing else can bring them back; the last delivery; events that wait or were set
 * aside; open pages and the last settled ones. Answered events are not among it: they live at the backend.
 */
export function* snapshotFrames(options: {
  readonly state: StoreState;
  readonly recordsAt: RecordsAt;
  /** False when its bundles are too old, or will open no more. */
  readonly withDelivery: boolean;
}): Generator<SnapshotFrame, void> {
  const { state } = options;
  const frame = (records: readonly JournalRecord[]): SnapshotFrame => {
    const written = records.map((record) => Buffer.from(JSON.stringify(record)));
    const plaintext = encodeFrame(written);
    for (const json of written) json.fill(0);
    return { records, plaintext };
  };
  const recordsAt = lastOnly(options.recordsAt);
  yield frame([state.record()]);
  const delivery = options.withDelivery ? deliveryOf(state, recordsAt) : null;
  if (delivery !== null) yield frame([delivery]);
  for (const records of inPortions(outboxRecords(state, recordsAt))) yield frame(records);
  for (const records of inPortions(ledgerRecords(state, recordsAt))) yield frame(records);
  yield frame([state.record()]);
}

/** Null for a frame that can no longer be read, which was reported. */
type RecordsAt = (position: Position) => readonly JournalRecord[] | null;

function deliveryOf(state: StoreState, recordsAt: RecordsAt): DeliveryRecord | null {
  if (state.delivery === null) return null;
  const { position, asOf } = state.delivery;
  const records = recordsAt(position);
  if (records === null) return null;
  const found = records.findLast((record) => record.kind === 'delivery' || record.kind === 'bundles');
  if (found === undefined) throw new Error(`no delivery stands at ${position}`);
  return { ...found, asOf };
}

function* outboxRecords(state: StoreState, recordsAt: RecordsAt): Generator<JournalRecord, void> {
  for (const { id, position, refused } of state.view.outbox('all')) {
    const records = recordsAt(position);
    if (records === null) continue;
    const event = records.find((record) => record.kind === 'event' && record.event.id === id);
    if (event === undefined) throw new Error(`an event that waits does not stand at ${position}`);
    yield event;
    if (refused !== null) yield { kind: 'answered', results: [{ id, outcome: 'rejected', reason: refused }] };
  }
}

function* ledgerRecords(state: StoreState, recordsAt: RecordsAt): Generator<JournalRecord, void> {
  const pages = state.view.ledger();
  const open = new Set(state.view.openPrints().map(({ entry }) => entry));
  let superfluous = pages.length - open.size - SETTLED_PAGES_KEPT;
  for (const { position, at, ...page } of pages) {
    const now: JournalRecord = { kind: 'print', ...page, ...(at === null ? {} : { at }) };
    if (!open.has(page.entry)) {
      if (superfluous-- <= 0) yield now;
      continue;
    }
    // The intent knows which event the sheet stands for.
    const records = recordsAt(position);
    if (records !== null) {
      const intent = records.find((record) => record.kind === 'print' && record.entry === page.entry);
      if (intent === undefined) throw new Error(`an open page does not stand at ${position}`);
      yield intent;
    }
    yield now;
  }
}

function* inPortions(records: Iterable<JournalRecord>): Generator<readonly JournalRecord[], void> {
  let portion: JournalRecord[] = [];
  for (const record of records) {
    portion.push(record);
    if (portion.length < RECORDS_A_FRAME) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

/** Neighbours often stand in the same frame, which is then opened once. */
export function lastOnly<T>(read: (position: Position) => T): (position: Position) => T {
  let last: { readonly position: Position; readonly value: T } | null = null;
  return (position) => {
    if (last?.position !== position) last = { position, value: read(position) };
    return last.value;
  };
}
