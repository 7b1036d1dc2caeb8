import { join } from 'node:path';
import { fromBase64url } from '@huimin/backend/contract';
import { type Clock, ok, type Result } from '@huimin/drivers';
import type { Config } from './config/index.ts';
import type { Devices } from './devices.ts';
import {
  type CertificateTemplate,
  importDocumentKey,
  loadCertificateTemplate,
  loadReceiptWords,
  makeCertificate,
  makeReceipt,
  type ReceiptWords,
} from './documents/index.ts';
import type { Catalogue, Service } from './services/index.ts';
import type { IssueDeps } from './session/index.ts';
import type { Store } from './store/index.ts';
import type { Sync } from './sync/index.ts';
import type { FileProblem } from './yaml/index.ts';

/** What a service's folder says about its papers. */
export interface Papers {
  readonly certificate: CertificateTemplate;
  readonly receipt: ReceiptWords;
}

/** Reads the papers of every service; a service whose papers are wrong is named and left out. */
export function loadPapers(catalogue: Catalogue): {
  readonly catalogue: Catalogue;
  readonly papers: ReadonlyMap<string, Papers>;
  readonly problems: readonly FileProblem[];
} {
  const problems: FileProblem[] = [];
  const papers = new Map<string, Papers>();
  for (const service of catalogue.services) {
    const read = papersOf(service);
    if (read.ok) papers.set(service.id, read.value);
    else problems.push(read.error);
  }
  const services = catalogue.services.filter((service) => papers.has(service.id));
  return { catalogue: { ...catalogue, services }, papers, problems };
}

function papersOf(service: Service): Result<Papers, FileProblem> {
  const certificate = loadCertificateTemplate(join(service.folder, service.certificate));
  if (!certificate.ok) return certificate;
  const receipt = loadReceiptWords(join(service.folder, service.receipt));
  return receipt.ok ? ok({ certificate: certificate.value, receipt: receipt.value }) : receipt;
}

/** Everything that turns a checked visit into paper. */
export async function createIssueDeps(parts: {
  readonly config: Config;
  readonly papers: ReadonlyMap<string, Papers>;
  readonly store: Store;
  readonly devices: Pick<Devices, 'certificatePrinter' | 'receiptPrinter'>;
  readonly sync: Sync;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly closing: AbortSignal;
  readonly failed: (cause: unknown) => void;
}): Promise<IssueDeps> {
  const { config, store, devices, sync, clock } = parts;
  const readKey = async () => {
    const { pkcs8, spki } = store.keys.document;
    return { spki, key: await importDocumentKey(fromBase64url(pkcs8), fromBase64url(spki)) };
  };
  let read = await readKey();
  /** The kiosk may have been given other keys since. */
  const documentKey = async () => {
    if (read.spki !== store.keys.document.spki) read = await readKey();
    return read.key;
  };
  const papersFor = (service: Service): Papers => {
    const papers = parts.papers.get(service.id);
    if (papers === undefined) throw new Error(`${service.id} is in the catalogue without its papers`);
    return papers;
  };
  const endorsement = () => {
    if (store.endorsement === null) throw new Error('nothing is issued without an endorsement');
    return store.endorsement;
  };
  return {
    store,
    certificatePrinter: devices.certificatePrinter,
    receiptPrinter: devices.receiptPrinter,
    clock,
    newId: parts.newId,
    online: () => sync.online,
    makeCertificate: async ({ service, facts, ...order }) => {
      const { certificates, verifyAddress } = endorsement();
      return makeCertificate({
        ...order,
        template: papersFor(service).certificate,
        facts: facts['zh-CN'],
        englishFacts: facts.en,
        type: service.id,
        issuer: config.issuer,
        certificates,
        key: await documentKey(),
        verifyAddress,
      });
    },
    makeReceipt: ({ service, confirmedBy, ...order }) =>
      makeReceipt({
        ...order,
        words: papersFor(service).receipt,
        service: service.title,
        staff: confirmedBy,
        community: config.community[order.language],
        verifyAddress: endorsement().verifyAddress,
      }),
    staffName: (id) => store.staff.find((worker) => worker.id === id)?.name ?? null,
    closing: parts.closing,
    live: new Set(),
    failed: parts.failed,
    wake: () => sync.wake(),
  };
}
