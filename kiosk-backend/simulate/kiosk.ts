import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import {
  type EventBody,
  eventHashText,
  formatNumber,
  hashFacts,
  type KioskEvent,
  keyIdOf,
  kioskPaths,
  makeStatement,
  signedHeaders,
  toBase64url,
} from '../contract/index.ts';

/** RFC 8410 §7: what comes before the 32 bytes of an Ed25519 key in PKCS #8. */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Events of one visit; see {@link SimulatedKiosk.body}. */
const VISIT = 6;
/** Every so many visits a certificate is issued. */
const CERTIFICATE_EVERY = 5;
/** Its numbers are one block of 500. */
export const MOST_EVENTS = 500 * VISIT * CERTIFICATE_EVERY;

const EPOCH_MS = Date.UTC(2026, 10, 22, 8);
const facts = { residence: '荷花社区 12 幢 3 单元 501 室', community: '荷花社区', purpose: '银行办事' };
const factsHash = hashFacts(facts);

/** A request as it goes over the wire. */
export interface SignedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A kiosk that was offline for a while. What it did follows from the seed, so that nothing of it needs to be kept: a
 * batch that was not answered is made again, the same to the byte. Its keys and signatures are real.
 */
export class SimulatedKiosk {
  readonly id: string;
  readonly identityKey: string;
  readonly documentKey: string;
  /** Events that were answered. */
  done = 0;
  /** Hash of the last of them. */
  chain = '';
  /** Four digits, from its enrolment. */
  number = '';
  readonly #seed: string;
  readonly #events: number;
  readonly #identity: KeyObject;
  readonly #document: KeyObject;
  readonly #spki: Uint8Array;
  #nonces = 0;
  /** Signatures with P-256 differ each time; those not answered yet are kept, so that their events stay the same. */
  readonly #statements = new Map<number, string>();

  constructor(seed: string, index: number, events: number) {
    this.id = `sim-${seed}-${index + 1}`;
    this.#seed = `${seed} ${index}`;
    this.#events = events;
    this.#identity = createPrivateKey({
      key: Buffer.concat([ED25519_PKCS8, this.#derive('identity')]),
      format: 'der',
      type: 'pkcs8',
    });
    this.identityKey = createPublicKey(this.#identity).export({ format: 'jwk' }).x ?? '';
    const document = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#document = document.privateKey;
    this.#spki = new Uint8Array(document.publicKey.export({ format: 'der', type: 'spki' }));
    this.documentKey = toBase64url(this.#spki);
  }

  get isDrained(): boolean {
    return this.done === this.#events;
  }

  /** How many of its events have an effect of their own. */
  expected(): { readonly certificates: number; readonly prints: number } {
    let certificates = 0;
    let prints = 0;
    for (let sequence = 1; sequence <= this.#events; sequence++) {
      const kind = kindAt(sequence);
      if (kind === 'certificate.issued') certificates += 1;
      if (kind === 'print.recorded') prints += 1;
    }
    return { certificates, prints };
  }

  /** The next events that were not answered yet. */
  async batch(most: number): Promise<KioskEvent[]> {
    const events: KioskEvent[] = [];
    let previous = this.chain;
    const last = Math.min(this.done + most, this.#events);
    for (let sequence = this.done + 1; sequence <= last; sequence++) {
      const draft = {
        id: this.#uuid(`event ${sequence}`),
        kiosk: this.id,
        sequence,
        deviceTime: new Date(EPOCH_MS + sequence * 20_000).toISOString(),
        monotonicMs: sequence * 20_000,
        previous,
        body: await this.#body(sequence),
      };
      const hash = createHash('sha256').update(eventHashText(draft)).digest('hex');
      events.push({ ...draft, hash });
      previous = hash;
    }
    return events;
  }

  /** The first `events` of the last batch were answered for good. */
  answered(events: readonly KioskEvent[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    for (const { sequence } of events) this.#statements.delete(sequence);
    this.done = last.sequence;
    this.chain = last.hash;
  }

  /** Signed anew each time, as a kiosk does. */
  request(events: readonly KioskEvent[], now: Date): SignedRequest {
    const path = kioskPaths.events;
    const body = JSON.stringify({ events });
    const time = now.toISOString();
    this.#nonces += 1;
    const nonce = this.#derive(`nonce ${this.#nonces}`).subarray(0, 16).toString('base64url');
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const headers = signedHeaders({ kiosk: this.id, method: 'POST', path, bodyHash, time, nonce }, (text) =>
      sign(null, Buffer.from(text), this.#identity).toString('base64url'),
    );
    return { path, body, headers };
  }

  async #body(sequence: number): Promise<EventBody> {
    const step = (sequence - 1) % VISIT;
    const visitIndex = Math.floor((sequence - 1) / VISIT);
    const visit = this.#uuid(`visit ${visitIndex}`);
    const hasCertificate = visitIndex % CERTIFICATE_EVERY === 0;
    const number = hasCertificate
      ? formatNumber('JZ', this.number, Math.floor(visitIndex / CERTIFICATE_EVERY) + 1)
      : null;
    const kind = kindAt(sequence);
    switch (kind) {
      case 'certificate.issued':
        return this.#certificate(sequence, visit, number ?? '');
      case 'print.recorded':
        return {
          kind,
          visit,
          entry: this.#uuid(`entry ${sequence}`),
          document: step === 1 && hasCertificate ? 'certificate' : 'receipt',
          number: step === 1 ? number : null,
          state: 'confirmed',
          detail: '',
        };
      case 'visit.finished':
        return {
          kind,
          visit,
          service: 'residence-certificate',
          outcome: hasCertificate ? 'completed' : 'left',
          language: 'zh-CN',
          elder: sequence % 2 === 0,
          seconds: 60 + (sequence % 90),
          consent: true,
          verification: { by: 'staff', staff: 'staff-zhou' },
        };
      case 'visit.rated':
        return { kind, visit, rating: (sequence % 5) + 1 };
      case 'help.requested':
        return { kind, visit, screen: 'verify' };
      case 'device.changed':
        return { kind, device: 'receiptPrinter', state: 'ready', detail: '' };
    }
  }

  async #certificate(sequence: number, visit: string, number: string): Promise<EventBody> {
    const issuedAt = EPOCH_MS + sequence * 20_000;
    const validUntil = issuedAt + 30 * 86_400_000;
    const statement = this.#statements.get(sequence) ?? (await this.#statement(number, issuedAt, validUntil));
    this.#statements.set(sequence, statement);
    return {
      kind: 'certificate.issued',
      visit,
      number,
      type: 'residence-certificate',
      holder: { name: '王桂兰', idNumber: '999901194803120243' },
      facts,
      issuedAt: new Date(issuedAt).toISOString(),
      validUntil: new Date(validUntil).toISOString(),
      statement,
      verification: { by: 'staff', staff: 'staff-zhou' },
      offline: true,
    };
  }

  async #statement(number: string, issuedAt: number, validUntil: number): Promise<string> {
    return makeStatement(
      {
        type: 'residence-certificate',
        number,
        holder: '王**',
        issuer: '荷花社区',
        issuedAt: issuedAt / 1000,
        validUntil: validUntil / 1000,
        factsHash: await factsHash,
      },
      await keyIdOf(this.#spki),
      async (data) => sign('sha256', data, { key: this.#document, dsaEncoding: 'ieee-p1363' }),
    );
  }

  #derive(what: string): Buffer {
    return createHash('sha256').update(`${this.#seed} ${what}`).digest();
  }

  /** RFC 9562, in the form of version 4. */
  #uuid(what: string): string {
    const bytes = this.#derive(what).subarray(0, 16);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

/** A visit is: a certificate, or a paper that ran out; what was printed; how it ended and was rated; a call for help. */
function kindAt(sequence: number) {
  const step = (sequence - 1) % VISIT;
  const visitIndex = Math.floor((sequence - 1) / VISIT);
  switch (step) {
    case 0:
      return visitIndex % CERTIFICATE_EVERY === 0 ? 'certificate.issued' : 'device.changed';
    case 1:
    case 2:
      return 'print.recorded';
    case 3:
      return 'visit.finished';
    case 4:
      return 'visit.rated';
    default:
      return 'help.requested';
  }
}
