/** One IPP request over HTTP. Every way it can end is a value that says what the printer may have seen of it. */

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Clock, err, ok, type Result } from '../device.ts';
import { decodeIpp, encodeIpp } from './ipp-codec.ts';
import { GROUP, type IppAttribute, type IppMessage } from './ipp-message.ts';
import { textAttribute } from './ipp-terms.ts';

export interface IppFailure {
  /** `not-reached`: no connection, so not a byte was seen. `lost`: anything may have been seen. */
  readonly kind: 'not-reached' | 'lost';
  /** One sentence for a technician. */
  readonly detail: string;
}

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
  call(call: IppCall): Promise<Result<IppMessage, IppFailure>>;
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
}

/** Far above any answer to the questions asked here. */
const MAX_ANSWER_BYTES = 4 << 20;

/** Throws a TypeError when the URI is none, or not a printer's. */
export const createIppClient = ({ uri, clock, user, timeoutMs }: IppClientOptions): IppClient => {
  const address = new URL(uri);
  if (!['ipp:', 'ipps:', 'http:', 'https:'].includes(address.protocol)) {
    throw new TypeError(`not a printer's address: ${uri}`);
  }
  const secure = address.protocol === 'ipps:' || address.protocol === 'https:';
  const url = new URL(uri.replace(/^ipp/, 'http'));
  if (url.port === '' && address.port === '') url.port = address.protocol.startsWith('ipp') ? '631' : '';
  const underWay = new Set<() => void>();
  let lastId = 0;

  const exchange = (body: Uint8Array, patienceMs: number): Promise<Result<Uint8Array, IppFailure>> =>
    new Promise((resolve) => {
      let connected = false;
      const send = secure ? httpsRequest : httpRequest;
      const request = send(url, {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/ipp', 'content-length': body.length, connection: 'close' },
      });
      const end = (result: Result<Uint8Array, IppFailure>): void => {
        cancelTimeout();
        underWay.delete(abandon);
        resolve(result);
        request.destroy();
      };
      const fail = (detail: string): void => end(err({ kind: connected ? 'lost' : 'not-reached', detail }));
      const abandon = (): void => fail('the driver was closed');
      const cancelTimeout = clock.after(patienceMs, () => fail(`no answer within ${patienceMs} ms`));
      underWay.add(abandon);
      request.on('socket', (socket) => socket.once('connect', () => (connected = true)));
      request.on('error', (error) => fail(error.message));
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) fail('the answer is too long');
          else chunks.push(chunk);
        });
        response.on('error', (error) => fail(error.message));
        response.on('close', () => fail('the connection was closed in mid answer'));
        response.on('end', () => {
          if (response.statusCode === 200) end(ok(Buffer.concat(chunks)));
          else fail(`HTTP status ${response.statusCode}`);
        });
      });
      request.end(body);
    });

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
      const answer = await exchange(
        encodeIpp({ version: [2, 0], code: operation, requestId, groups: all, data }),
        patience ?? timeoutMs,
      );
      if (!answer.ok) return answer;
      const decoded = decodeIpp(answer.value);
      if (!decoded.ok) return err({ kind: 'lost', detail: `not an IPP answer: ${decoded.error}` });
      if (decoded.value.requestId !== requestId)
        return err({ kind: 'lost', detail: 'the answer to another request' });
      return decoded;
    },
    close() {
      for (const abandon of [...underWay]) abandon();
    },
  };
};
