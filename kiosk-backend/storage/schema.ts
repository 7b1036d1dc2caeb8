import type { Generated, Kysely } from 'kysely';

/**
 * The backend's tables. Times are ISO texts in UTC (they sort as texts), keys are base64url, truth values 0 or 1:
 * the one set of types that SQLite and PostgreSQL keep alike.
 */
export interface Tables {
  counters: { name: string; value: number };
  authority: { id: number; private_key: string; certificate: string; created_at: string };
  /** What kiosks seal for. Of each suite the newest generation is handed out; the others still open. */
  sealing_keys: {
    suite: 'aes' | 'sm';
    generation: number;
    key_id: string;
    public_key: string;
    private_key: string;
    created_at: string;
  };
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
    /** Since when its present enrolment is not trusted any more; null while it is. */
    revoked_at: string | null;
    /** When two journals were first seen under its identity, from which place on, and in which of its enrolments. */
    forked_at: string | null;
    forked_sequence: number | null;
    forked_enrolment: number | null;
  };
  /** Every identity key a kiosk was ever known by; `until` is null for the present one. */
  identity_keys: { kiosk: string; enrolment: number; key: string; from: string; until: string | null };
  /** Enrolments that are not trusted any more. */
  kiosk_revocations: {
    kiosk: string;
    enrolment: number;
    /** What was reported before this still counts. */
    since: string;
    reason: string;
    revoked_at: string;
  };
  document_keys: {
    key_id: string;
    kiosk: string;
    spki: string;
    added_at: string;
    /** The enrolment it was first vouched for in. */
    enrolment: Generated<number>;
  };
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
  resident_bundles: {
    resident: string;
    /** SHA-256 of the record that was looked at, and of whose signature it is. */
    content: string;
    signed_at: string;
    /** See `bundleSchema`; null for a record that does not fit the contract. */
    signature: string | null;
    /** The fields that do not fit; null for a record that does. */
    fault: string | null;
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
    /** The person it is about, see `subjectOf`; null where nobody is named, or no longer. */
    subject: string | null;
    /** When personal data were taken out of the body, which since then does not hash to `hash`. */
    redacted_at: string | null;
  };
  /** Events whose place, or whose predecessor's, another event of the same kiosk had already: of a second journal. */
  forks: Omit<Tables['events'], 'outcome' | 'reason'>;
  /** Entries whose predecessor has not come (`missing`) or is not the one they chain to (`broken`). */
  chain_gaps: {
    kiosk: string;
    enrolment: number;
    sequence: number;
    problem: 'missing' | 'broken';
    server_time: string;
  };
  /** How each kiosk is, by the latest it told; `body` is JSON as `telemetryRequestSchema` has it. */
  telemetry: { kiosk: string; run: string; tick: number; body: string; server_time: string };
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
    /** The holder, see `subjectOf`; null once forgotten. */
    subject: string | null;
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
  /** Who did what; see `audit/`. The database lets it grow and nothing else. */
  audit: {
    /** From 1 without gaps. */
    sequence: number;
    at: string;
    /** `kiosk:<id>`, `operator:<account>` or `system`. */
    actor: string;
    action: string;
    /** Whom it concerned, see `subjectFor`. */
    subject: string | null;
    /** Canonical JSON without personal data. */
    detail: string;
    /** The entry before; empty at the first. */
    previous: string;
    /** SHA-256 (hex) over the canonical JSON of everything else. */
    hash: string;
  };
  /** Facts about this backend that its commands need to know. */
  settings: { name: string; value: string };
  /** Keys of the database's own. */
  secrets: { name: string; value: string };
  /** What backends do now and then, whichever comes first; `last_run` is empty before the first time. */
  chores: { name: string; last_run: string };
  /** Communities whose kiosks share something. */
  share_communities: {
    community: string;
    /** Under which residents are named in claims, see `holderText`. */
    key: string;
    /** Counts up with every change of units between pool and kiosks: whoever does so holds the row, and is alone. */
    changes: number;
    /** Set by a restore: nothing is granted until every kiosk has told since then what it holds. */
    restored_at: string | null;
  };
  /** `definition` is JSON as `sharedResourceSchema` has it. */
  share_resources: {
    id: string;
    community: string;
    kind: 'quota' | 'slots' | 'vote';
    closes_at: string;
    definition: string;
    added_at: string;
  };
  /** Of each pot: capacity = pool + what kiosks still hold + standing claims, always. */
  share_pots: { resource: string; pot: string; capacity: number; pool: number };
  /** A kiosk's knowledge of what it holds, from the first request until it is lost or written off. */
  share_books: {
    id: string;
    kiosk: string;
    opened_at: string;
    /** When its kiosk told of it last. */
    heard_at: string | null;
    written_off_at: string | null;
    reason: string | null;
  };
  /** What a book was given of a pot, in all; it still holds `granted - used - returned`. */
  share_leases: {
    id: string;
    book: string;
    resource: string;
    pot: string;
    granted: number;
    used: number;
    returned: number;
    /** 1 while it is asked to give something back. */
    recalled: number;
  };
  /** One that was cancelled before it arrived has no pot, lease and `made_at` yet. */
  share_claims: {
    claim: string;
    resource: string;
    holder: string;
    pot: string | null;
    amount: number;
    lease: string | null;
    made_at: string | null;
    cancelled_at: string | null;
  };
  /** Who has taken part in a vote; what they chose is told by nothing in here. */
  share_voters: { resource: string; holder: string; claim: string; lease: string };
  share_ballots: { resource: string; choice: string; votes: number };
  /** How many ballots were counted of each book: never more than voters who took part under it. */
  share_boxes: { book: string; resource: string; ballots: number };
  /** What was taken in but somebody should look at. */
  share_notes: { kiosk: string; event: string; resource: string; note: string; server_time: string };
}

export type Storage = Kysely<Tables>;
