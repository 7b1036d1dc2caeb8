/** What the simulated printer answers to each IPP operation (RFC 8011 4). */

import { GROUP, type IppAttribute, type IppMessage } from '../ipp/message.ts';
import {
  type Attributes,
  booleanAttribute,
  enumAttribute,
  groupOf,
  integerAttribute,
  numbersOf,
  OPERATION,
  STATUS,
  textAttribute,
  textsOf,
} from '../ipp/terms.ts';
import { isEnded, type PrinterEngine, type SimulatedJob } from './engine.ts';

export interface PrinterIdentity {
  readonly uri: string;
  /** Whether Create-Job and Send-Document are offered besides Print-Job. */
  readonly createJob: boolean;
}

interface Answer {
  readonly code: number;
  readonly groups?: readonly { readonly tag: number; readonly attributes: readonly IppAttribute[] }[];
}

const PDF = 'application/pdf';
const OCTETS = 'application/octet-stream';

const operationsOf = ({ createJob }: PrinterIdentity): number[] =>
  Object.values(OPERATION).filter(
    (operation) => createJob || (operation !== OPERATION.createJob && operation !== OPERATION.sendDocument),
  );

const jobAttributes = (job: SimulatedJob, { uri }: PrinterIdentity): IppAttribute[] => [
  integerAttribute('job-id', job.id),
  textAttribute('uri', 'job-uri', `${uri}/${job.id}`),
  textAttribute('name', 'job-name', job.name),
  textAttribute('name', 'job-originating-user-name', job.user),
  enumAttribute('job-state', job.state),
  textAttribute('keyword', 'job-state-reasons', ...job.reasons),
  integerAttribute('job-impressions-completed', job.sheetsOut),
  integerAttribute('job-media-sheets-completed', job.sheetsOut),
  integerAttribute('number-of-documents', job.pdf === null ? 0 : 1),
  job.begunAt === null
    ? { name: 'time-at-processing', values: [{ type: 'no-value' }] }
    : integerAttribute('time-at-processing', job.begunAt),
];

/** PWG 5100.13, printer-input-tray */
const inputTray = (sheets: number): Uint8Array =>
  new TextEncoder().encode(
    `type=sheetFeedAutoRemovableTray;mediafeed=0;mediaxfeed=0;maxcapacity=250;level=${sheets};status=0;name=main;`,
  );

const printerAttributes = (engine: PrinterEngine, identity: PrinterIdentity): IppAttribute[] => [
  textAttribute('uri', 'printer-uri-supported', identity.uri),
  textAttribute('keyword', 'uri-security-supported', 'none'),
  textAttribute('keyword', 'uri-authentication-supported', 'requesting-user-name'),
  textAttribute('name', 'printer-name', 'simulated'),
  textAttribute('text', 'printer-make-and-model', 'Simulated certificate printer'),
  enumAttribute('printer-state', engine.state),
  textAttribute('keyword', 'printer-state-reasons', ...engine.reasons),
  booleanAttribute('printer-is-accepting-jobs', true),
  integerAttribute('printer-up-time', engine.upTime),
  integerAttribute('queued-job-count', engine.jobs.filter((job) => !isEnded(job)).length),
  textAttribute('keyword', 'ipp-versions-supported', '1.1', '2.0'),
  enumAttribute('operations-supported', ...operationsOf(identity)),
  textAttribute('charset', 'charset-configured', 'utf-8'),
  textAttribute('charset', 'charset-supported', 'utf-8'),
  textAttribute('naturalLanguage', 'natural-language-configured', 'en'),
  textAttribute('naturalLanguage', 'generated-natural-language-supported', 'en'),
  textAttribute('mimeMediaType', 'document-format-default', PDF),
  textAttribute('mimeMediaType', 'document-format-supported', PDF, OCTETS),
  textAttribute('keyword', 'media-default', 'iso_a4_210x297mm'),
  textAttribute('keyword', 'media-supported', 'iso_a4_210x297mm'),
  textAttribute('keyword', 'media-ready', 'iso_a4_210x297mm'),
  booleanAttribute('color-supported', false),
  { name: 'printer-resolution-supported', values: [{ type: 'resolution', x: 600, y: 600, unit: 3 }] },
  integerAttribute('printer-config-change-time', 1),
  textAttribute('name', 'marker-names', 'Black Toner'),
  textAttribute('keyword', 'marker-types', 'toner'),
  integerAttribute('marker-levels', engine.levels.toner),
  integerAttribute('marker-low-levels', 10),
  integerAttribute('marker-high-levels', 100),
  {
    name: 'printer-input-tray',
    values: [{ type: 'octetString', value: inputTray(engine.levels.sheets) }],
  },
  textAttribute('keyword', 'sides-supported', 'one-sided'),
  { name: 'copies-supported', values: [{ type: 'range', lower: 1, upper: 99 }] },
  textAttribute('keyword', 'compression-supported', 'none'),
  textAttribute('keyword', 'pdl-override-supported', 'not-attempted'),
];

/** Only what was asked for (RFC 8011 4.2.5.1). */
const only = (operation: Attributes, attributes: readonly IppAttribute[]): readonly IppAttribute[] => {
  const wanted = new Set(textsOf(operation, 'requested-attributes'));
  const groups = ['all', 'job-description', 'job-template', 'printer-description'];
  return wanted.size === 0 || groups.some((name) => wanted.has(name))
    ? attributes
    : attributes.filter((attribute) => wanted.has(attribute.name));
};

const job = (attributes: readonly IppAttribute[]) => ({ tag: GROUP.job, attributes });

/** The answer to a request. */
export const answerTo = (
  engine: PrinterEngine,
  identity: PrinterIdentity,
  request: IppMessage,
): IppMessage => {
  const operation = groupOf(request, GROUP.operation);
  const named = engine.jobs.find((each) => each.id === numbersOf(operation, 'job-id')[0]);
  const user = textsOf(operation, 'requesting-user-name')[0] ?? 'anonymous';

  const isPrintable = (): boolean => {
    const format = textsOf(operation, 'document-format')[0] ?? OCTETS;
    return format === PDF || format === OCTETS;
  };
  const create = (): SimulatedJob => {
    const copies = numbersOf(groupOf(request, GROUP.job), 'copies')[0] ?? 1;
    return engine.create(
      textsOf(operation, 'job-name')[0] ?? 'untitled',
      user,
      Math.min(99, Math.max(1, copies)),
    );
  };
  const listed = (): SimulatedJob[] => {
    const completed = textsOf(operation, 'which-jobs')[0] === 'completed';
    const mine = operation.get('my-jobs')?.[0];
    const limit = numbersOf(operation, 'limit')[0] ?? engine.jobs.length;
    const matching = engine.jobs.filter(
      (each) =>
        isEnded(each) === completed && !(mine?.type === 'boolean' && mine.value && each.user !== user),
    );
    return (completed ? matching.toReversed() : matching).slice(0, limit);
  };

  const carryOut = (): Answer => {
    if (request.requestId <= 0 || !operation.has('attributes-charset')) return { code: STATUS.badRequest };
    if (!operationsOf(identity).includes(request.code)) return { code: STATUS.operationNotSupported };
    switch (request.code) {
      case OPERATION.getPrinterAttributes: {
        const attributes = only(operation, printerAttributes(engine, identity));
        return { code: STATUS.ok, groups: [{ tag: GROUP.printer, attributes }] };
      }
      case OPERATION.getJobs:
        return {
          code: STATUS.ok,
          groups: listed().map((each) => job(only(operation, jobAttributes(each, identity)))),
        };
      case OPERATION.validateJob:
        return { code: isPrintable() ? STATUS.ok : STATUS.formatNotSupported };
      case OPERATION.printJob: {
        if (engine.busy) return { code: STATUS.busy };
        if (!isPrintable()) return { code: STATUS.formatNotSupported };
        if (request.data.length === 0) return { code: STATUS.badRequest };
        const made = create();
        engine.give(made, request.data);
        return { code: STATUS.ok, groups: [job(jobAttributes(made, identity))] };
      }
      case OPERATION.createJob:
        if (engine.busy) return { code: STATUS.busy };
        return { code: STATUS.ok, groups: [job(jobAttributes(create(), identity))] };
    }
    if (!named) return { code: STATUS.notFound };
    switch (request.code) {
      case OPERATION.sendDocument:
        if (!isPrintable()) return { code: STATUS.formatNotSupported };
        if (request.data.length === 0) return { code: STATUS.badRequest };
        if (!engine.give(named, request.data)) return { code: STATUS.notPossible };
        return { code: STATUS.ok, groups: [job(jobAttributes(named, identity))] };
      case OPERATION.getJobAttributes:
        return { code: STATUS.ok, groups: [job(only(operation, jobAttributes(named, identity)))] };
      default:
        return { code: engine.cancel(named) ? STATUS.ok : STATUS.notPossible };
    }
  };

  const { code, groups = [] } = carryOut();
  const head = [
    textAttribute('charset', 'attributes-charset', 'utf-8'),
    textAttribute('naturalLanguage', 'attributes-natural-language', 'en'),
  ];
  return {
    version: request.version,
    code,
    requestId: request.requestId,
    groups: [{ tag: GROUP.operation, attributes: head }, ...groups],
    data: new Uint8Array(),
  };
};
