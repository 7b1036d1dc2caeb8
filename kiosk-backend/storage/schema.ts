import type { Kysely } from 'kysely';

/**
 * The backend's tables. Times are ISO texts in UTC (they sort as texts), keys are base64url, truth values 0 or 1:
 * the one set of types that SQLite and PostgreSQL keep alike.
 */
export interface Tables {
  counters: { name: string; value: number };
  authority: { id: number; private_key: string; certificate: string; created_at: string };
  kiosks: {
    id: string;
    number: string;
    community: string;
    identity_key: string;
    /** Counts the kiosk's enrolments: one whose disk was replaced starts its event sequence anew. */
    enrolment: number;
    enrolled_at: string;
    last_contact: string;
    /** What the kiosk's clock said at its last contact. */
    last_kiosk_time: string | null;
    /** Requests stamped before this by the kiosk's clock are refused; empty while nothing is. */
    kiosk_time_floor: string;
  };
  document_keys: { key_id: string; kiosk: string; spki: string; added_at: string };
  number_blocks: { kiosk: string; kiosk_number: string; first: number; last: number; given_at: string };
  enrolment_codes: {
    code_hash: string;
    kiosk: string;
    community: string;
    expires_at: string;
    used_at: string | null;
    /** The identity key it was first used with: only that one may use it again. */
    identity_key: string | null;
    uses: number;
  };
  nonces: {
    kiosk: string;
    nonce: string;
    seen_at: string;
    /** What the request was stamped with, by the kiosk's clock. */
    kiosk_time: string;
  };
  residents: {
    id: string;
    id_number: string;
    name: string;
    residence: string;
    community: string;
    resident_since: string;
    status: 'registered' | 'moved-away';
  };
  staff: {
    id: string;
    name: string;
    role: 'staff' | 'volunteer' | 'technician';
    badge: string;
    pin_salt: string;
    pin_hash: string;
  };
  events: {
    kiosk: string;
    id: string;
    enrolment: number;
    sequence: number;
    kind: string;
    visit: string | null;
    device_time: string;
    server_time: string;
    previous: string;
    hash: string;
    body: string;
    outcome: 'accepted' | 'rejected';
    reason: string | null;
  };
  /** Entries whose predecessor has not come (`missing`) or is not the one they chain to (`broken`). */
  chain_gaps: {
    kiosk: string;
    enrolment: number;
    sequence: number;
    problem: 'missing' | 'broken';
    server_time: string;
  };
  /** Things sent as events that could not be taken as such; their content is not kept. */
  refusals: { kiosk: string; event: string; reason: string; server_time: string };
  certificates: {
    /** The number as compared: see `normaliseNumber`. */
    number_key: string;
    number: string;
    type: string;
    kiosk: string;
    event: string;
    statement: string;
    offline: number;
    server_time: string;
  };
  revocations: { number_key: string; number: string; reason: string; revoked_at: string };
  print_ledger: {
    kiosk: string;
    event: string;
    /** The event's place, so that the last word on an entry can be told. */
    enrolment: number;
    sequence: number;
    entry: string;
    visit: string;
    document: 'certificate' | 'receipt';
    number: string | null;
    state: 'confirmed' | 'unknown' | 'failed';
    detail: string;
    server_time: string;
  };
}

export type Storage = Kysely<Tables>;
