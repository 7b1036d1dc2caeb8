import { createHash, generateKeyPairSync, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto';
import {
  type Endorsement,
  type EventBody,
  eventHashText,
  hashFacts,
  type KioskEvent,
  keyIdOf,
  kioskPaths,
  makeStatement,
  signedHeaders,
  toBase64url,
} from '../contract/index.ts';

/** An answer as it came: status and JSON. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever came, for the test to look into
  readonly json: any;
}

export async function post(url: string, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

const documentAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** What the test certificates' pages say. */
const facts = { purpose: '银行办事' };

/** A kiosk as the backend meets it: real keys, real signatures, a chained journal. */
export class TestKiosk {
  readonly id: string;
  readonly url: string;
  readonly identity: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ed25519');
  readonly documentKeys: CryptoKeyPair;
  readonly spki: Uint8Array;
  endorsement: Endorsement | null = null;
  sequence = 0;
  previous = '';

  private constructor(url: string, id: string, keys: CryptoKeyPair, spki: Uint8Array) {
    this.url = url;
    this.id = id;
    this.documentKeys = keys;
    this.spki = spki;
  }

  static async make(url: string, id: string): Promise<TestKiosk> {
    const keys = await crypto.subtle.generateKey(documentAlgorithm, true, ['sign', 'verify']);
    return new TestKiosk(
      url,
      id,
      keys,
      new Uint8Array(await crypto.subtle.exportKey('spki', keys.publicKey)),
    );
  }

  static async enrolled(url: string, id: string): Promise<TestKiosk> {
    const kiosk = await TestKiosk.make(url, id);
    const answer = await kiosk.enrol('demo');
    if (answer.status !== 200) throw new Error(JSON.stringify(answer));
    return kiosk;
  }

  /** Another machine with the same disk as it is now. */
  copy(): TestKiosk {
    const copy = new TestKiosk(this.url, this.id, this.documentKeys, this.spki);
    const { identity, endorsement, sequence, previous } = this;
    return Object.assign(copy, { identity, endorsement, sequence, previous });
  }

  get documentKey(): string {
    return toBase64url(this.spki);
  }

  async enrol(code: string): Promise<Answer> {
    const identityKey = this.identity.publicKey.export({ format: 'jwk' }).x;
    const request = { kiosk: this.id, code, identityKey, documentKey: this.documentKey };
    // A new kiosk's clock has not been set yet.
    const answer = await this.send(kioskPaths.enrol, request, { time: '2000-01-01T00:00:00.000Z' });
    if (answer.status === 200) this.endorsement = answer.json;
    return answer;
  }

  /** The request's parts, signed; `change` spoils them on the way. */
  async send(
    path: string,
    body: unknown,
    change: {
      body?: string;
      path?: string;
      nonce?: string;
      /** What the kiosk's clock says. */
      time?: string;
      kiosk?: string;
      headers?: Record<string, string>;
    } = {},
  ): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const time = change.time ?? new Date().toISOString();
    const nonce = change.nonce ?? randomBytes(16).toString('base64url');
    const bodyHash = createHash('sha256').update(text).digest('hex');
    const kiosk = change.kiosk ?? this.id;
    const signed = signedHeaders({ kiosk, method: 'POST', path, bodyHash, time, nonce }, (text) =>
      sign(null, Buffer.from(text), this.identity.privateKey).toString('base64url'),
    );
    const response = await fetch(new URL(change.path ?? path, this.url), {
      method: 'POST',
      headers: { ...signed, ...change.headers },
      body: change.body ?? text,
    });
    return { status: response.status, json: await response.json() };
  }

  sendEvents(events: readonly unknown[]): Promise<Answer> {
    return this.send(kioskPaths.events, { events });
  }

  /** The next event of this kiosk's chain. */
  event(body: EventBody, change: Partial<Omit<KioskEvent, 'hash'>> = {}): KioskEvent {
    const draft = {
      id: randomUUID(),
      kiosk: this.id,
      sequence: this.sequence + 1,
      deviceTime: '2026-11-22T08:00:00.000Z',
      monotonicMs: 1234.5,
      previous: this.previous,
      body,
      ...change,
    };
    const event = { ...draft, hash: createHash('sha256').update(eventHashText(draft)).digest('hex') };
    this.sequence = event.sequence;
    this.previous = event.hash;
    return event;
  }

  number(serial: number): string {
    return `JZ-${this.endorsement?.kioskNumber}-${String(serial).padStart(6, '0')}`;
  }

  async statement(
    number: string,
    claims: { type?: string; validUntil?: number; holder?: string; facts?: Record<string, string> } = {},
  ): Promise<string> {
    return makeStatement(
      {
        type: claims.type ?? 'residence-certificate',
        number,
        holder: claims.holder ?? '王**',
        issuer: '荷花社区',
        issuedAt: Date.parse('2026-11-22T08:00:00Z') / 1000,
        validUntil: claims.validUntil ?? Date.parse('2026-12-22T08:00:00Z') / 1000,
        factsHash: await hashFacts(claims.facts ?? facts),
      },
      await keyIdOf(this.spki),
      async (data) =>
        new Uint8Array(
          await crypto.subtle.sign(documentAlgorithm, this.documentKeys.privateKey, new Uint8Array(data)),
        ),
    );
  }

  issued(number: string, statement: string): EventBody {
    return {
      kind: 'certificate.issued',
      visit: randomUUID(),
      number,
      type: 'residence-certificate',
      holder: { name: '王桂兰', idNumber: '999901194803120243' },
      facts,
      issuedAt: '2026-11-22T08:00:00.000Z',
      validUntil: '2026-12-22T08:00:00.000Z',
      statement,
      verification: { by: 'staff', staff: 'staff-zhou' },
      offline: false,
    };
  }
}

/** An event without an effect of its own. */
export const help: EventBody = { kind: 'help.requested', visit: null, screen: 'welcome' };
