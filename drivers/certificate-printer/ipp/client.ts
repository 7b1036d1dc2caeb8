/** One IPP request and its answer. Every way it can end is a value that says what the printer may have seen of it. */

import { type Clock, err, type Result } from '../../device.ts';
import { createConnection, type ExchangeFailure } from './connection.ts';
import { decodeIpp } from './decode.ts';
import { encodeIpp } from './encode.ts';
import { GROUP, type IppAttribute, type IppMessage } from './message.ts';
import { OPERATION, textAttribute } from './terms.ts';

export interface IppCall {
  readonly operation: number;
  /** Operation attributes beyond charset, language and printer-uri. */
  readonly attributes?: readonly IppAttribute[];
  readonly jobAttributes?: readonly IppAttribute[];
  readonly data?: Uint8Array;
  /** Instead of the client's own. */
  readonly timeoutMs?: number;
}

export interface IppClient {
  call(call: IppCall): Promise<Result<IppMessage, ExchangeFailure>>;
  /** Ends every call under way. */
  close(): void;
}

export interface IppClientOptions {
  /** `ipp:`, `ipps:`, `http:` or `https:`; port 631 (RFC 8010 5) or 443 unless named. */
  readonly uri: string;
  readonly clock: Clock;
  readonly user: string;
  /** The longest time without an answer, milliseconds. */
  readonly timeoutMs: number;
  /** SHA-256 of the printer's own certificate, as `AA:BB:…`, for `ipps:` without a known issuer. */
  readonly fingerprint256?: string;
}

/** Questions: asked twice they do no harm. */
const QUESTIONS: readonly number[] = [
  OPERATION.getPrinterAttributes,
  OPERATION.getJobAttributes,
  OPERATION.getJobs,
];

export const isQuestion = (operation: number): boolean => QUESTIONS.includes(operation);

/** Throws a TypeError when the URI is none, or not a printer's. */
export const createIppClient = (options: IppClientOptions): IppClient => {
  const { uri, clock, user, timeoutMs, fingerprint256 } = options;
  const address = new URL(uri);
  if (!['ipp:', 'ipps:', 'http:', 'https:'].includes(address.protocol)) {
    throw new TypeError(`not a printer's address: ${uri}`);
  }
  const url = new URL(uri.replace(/^ipp/, 'http'));
  if (url.port === '' && address.port === '') url.port = address.protocol.startsWith('ipp') ? '631' : '';
  const connection = createConnection({
    url,
    clock,
    ...(fingerprint256 === undefined ? {} : { fingerprint256 }),
  });
  let lastId = 0;

  return {
    async call({
      operation,
      attributes = [],
      jobAttributes = [],
      data = new Uint8Array(),
      timeoutMs: patience,
    }) {
      // RFC 8011 4.1.1: never 0, unique among the requests under way.
      lastId = (lastId % 0x7fffffff) + 1;
      const requestId = lastId;
      const operationAttributes = [
        textAttribute('charset', 'attributes-charset', 'utf-8'),
        textAttribute('naturalLanguage', 'attributes-natural-language', 'zh-cn'),
        textAttribute('uri', 'printer-uri', uri),
        textAttribute('name', 'requesting-user-name', user),
      ];
      // RFC 8011 4.1.5 wants the target right after charset and language: job-id belongs beside printer-uri.
      const jobId = attributes.filter((attribute) => attribute.name === 'job-id');
      const others = attributes.filter((attribute) => attribute.name !== 'job-id');
      operationAttributes.splice(3, 0, ...jobId);
      operationAttributes.push(...others);
      const groups = [{ tag: GROUP.operation, attributes: operationAttributes }];
      const all =
        jobAttributes.length > 0 ? [...groups, { tag: GROUP.job, attributes: jobAttributes }] : groups;
      const answer = await connection.exchange({
        body: encodeIpp({ version: [2, 0], code: operation, requestId, groups: all, data }),
        patienceMs: patience ?? timeoutMs,
        repeatable: isQuestion(operation),
      });
      if (!answer.ok) return answer;
      const decoded = decodeIpp(answer.value);
      if (!decoded.ok) return err({ kind: 'lost', detail: `not an IPP answer: ${decoded.error}` });
      if (decoded.value.requestId !== requestId)
        return err({ kind: 'lost', detail: 'the answer to another request' });
      return decoded;
    },
    close: connection.close,
  };
};
