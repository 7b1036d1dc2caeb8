import { type Endorsement, endorsementSchema, kioskPaths } from '@huimin/backend/contract';
import type { Authority } from '../config/index.ts';
import type { KioskKeys, Store } from '../store/index.ts';
import { failed, type LaneOutcome } from './breaker.ts';
import type { Client, RequestError } from './client.ts';
import { isNamed, isSameAuthority } from './server-certificate.ts';
import type { ServerTime } from './server-time.ts';

/** An endorsement is renewed two days before its end, so that a weekend without network does no harm. */
const RENEW_BEFORE_MS = 2 * 24 * 3600_000;
/** One that begins later than so was given by a backend whose clock ran ahead. */
const AHEAD_MS = 3600_000;
const FEW_NUMBERS = 50;
/** A backend that does not know this kiosk is asked to enrol it, but not over and over. */
const ENROL_AGAIN_MS = 10 * 60_000;
/** A code that is not good will hardly become so: the pause doubles with each refusal, up to this. */
const LONGEST_PAUSE_MS = 6 * 3600_000;

export interface TrustParts {
  readonly kiosk: string;
  readonly enrolmentCode: string | null;
  /** Who may vouch for the backend, as configured; null where that is not said. */
  readonly authority: Authority | null;
  /** Makes the keys with which a kiosk whose keys were revoked begins anew. */
  readonly createKeys: () => Promise<KioskKeys>;
  readonly store: Store;
  readonly client: Client;
  readonly time: ServerTime;
  /** Milliseconds on the clock that never jumps. */
  readonly monotonic: () => number;
  /** Why nothing can be asked now; null when it can. */
  readonly heldBy: () => string | null;
  readonly failure: (error: RequestError) => LaneOutcome;
  /** The kiosk was enrolled, at most once in {@link ENROL_AGAIN_MS}: others may go on. */
  readonly onEnrolled: () => void;
}

/** The lane of the kiosk's standing with the backend: enrolment, endorsement and certificate numbers. */
export interface TrustLane {
  task(): Promise<LaneOutcome>;
  /** The backend did not take the word of who signed a request. */
  unauthorised(error: RequestError): void;
}

export function trustLane(parts: TrustParts): TrustLane {
  const { kiosk, enrolmentCode, authority, store, client, time, monotonic } = parts;
  let isUnknown = false;
  let isRevoked = false;
  let hasNewKeys = false;
  let refusals = 0;
  let pause: { readonly until: number; readonly reason: string } | null = null;

  /** Asking again soon would not help: somebody has to put something right first. */
  const refused = (reason: string): LaneOutcome => {
    pause = { until: monotonic() + Math.min(LONGEST_PAUSE_MS, ENROL_AGAIN_MS * 2 ** refusals), reason };
    refusals += 1;
    return failed(reason);
  };

  const enrol = async (code: string): Promise<LaneOutcome> => {
    const { identity, document } = store.keys;
    const enrolled = await client.post(
      kioskPaths.enrol,
      { kiosk, code, identityKey: identity.publicKey, documentKey: document.spki },
      endorsementSchema,
    );
    if (!enrolled.ok) {
      const { kind, code: refusal, message, retryAfterMs } = enrolled.error;
      if (kind === 'retryable') return failed(message, retryAfterMs);
      if (refusal !== 'keys-revoked' || hasNewKeys) return refused(message);
      const renewed = await store.renewKeys(await parts.createKeys());
      if (!renewed.ok) return failed(renewed.error);
      hasNewKeys = true;
      return 'again';
    }
    const root = enrolled.value.certificates.at(-1) ?? '';
    const isNew = isOther(enrolled.value);
    if (isNew && authority !== null && !isNamed(root, authority)) return refused(OTHER_AUTHORITY);
    const kept = await store.endorse(enrolled.value);
    if (!kept.ok) return failed(kept.error);
    [isUnknown, hasNewKeys, refusals] = [false, false, 0];
    // One that did not help must not become a loop.
    pause = { until: monotonic() + ENROL_AGAIN_MS, reason: 'the kiosk was enrolled just now' };
    parts.onEnrolled();
    return 'done';
  };

  const isOther = ({ certificates }: Endorsement): boolean => {
    const known = store.endorsement?.certificates.at(-1);
    return known !== undefined && !isSameAuthority(known, certificates.at(-1) ?? '');
  };

  return {
    task: async () => {
      const held = parts.heldBy();
      if (held !== null) return { held };
      if (isRevoked) {
        const withdrawn = await store.withdraw();
        if (!withdrawn.ok) return failed(withdrawn.error);
        isRevoked = false;
        pause = null;
        return failed(REVOKED);
      }
      const { endorsement } = store;
      if (endorsement === null || isUnknown) {
        if (pause === null || monotonic() >= pause.until)
          return enrolmentCode === null ? refused('no enrolment code is configured') : enrol(enrolmentCode);
        if (endorsement === null) return { held: pause.reason };
      }
      const needsNumbers = store.numbersLeft() < FEW_NUMBERS;
      const now = time.now();
      const isEnding =
        Date.parse(endorsement.notAfter) - now < RENEW_BEFORE_MS ||
        Date.parse(endorsement.notBefore) - now > AHEAD_MS;
      if (!needsNumbers && !isEnding) return 'rest';
      const renewed = await client.post(
        kioskPaths.endorse,
        { documentKey: store.keys.document.spki, needsNumbers },
        endorsementSchema,
      );
      if (!renewed.ok) return parts.failure(renewed.error);
      if (isOther(renewed.value)) return failed(OTHER_AUTHORITY);
      const kept = await store.endorse(renewed.value);
      return kept.ok ? 'done' : failed(kept.error);
    },
    unauthorised: ({ code }) => {
      if (code === 'kiosk-revoked') isRevoked = store.endorsement !== null;
      else isUnknown = true;
    },
  };
}

const REVOKED =
  'the backend does not trust this kiosk any more: it issues nothing until it is enrolled with a new code, and keeps what is not reported yet';
const OTHER_AUTHORITY =
  'the backend answered in the name of another authority than the one that this kiosk was enrolled with, which is refused; to change it, name in kiosk.yaml, as authority, a PEM file with the new one, and with the one that issued the certificate of the server where that is another';
