import { type EventBody, formatNumber } from '@huimin/backend/contract';
import type {
  CertificatePrinter,
  Clock,
  CommandError,
  IdCard,
  ReceiptDocument,
  ReceiptPrinter,
  Result,
} from '@huimin/drivers';
import type { Language } from '../../bridge/index.ts';
import { eligibility, type Service } from '../services/index.ts';
import type { Commit, Store } from '../store/index.ts';
import type { VisitContext } from './context.ts';
import { dateWords, maskName, sexWords } from './words.ts';

export type IssueStep = 'make' | 'certificate' | 'receipt';
export type IssueInput = VisitContext;

/** What became of a certificate and its receipt. */
export type IssueOutcome =
  | {
      readonly kind: 'printed';
      readonly number: string;
      readonly code: string;
      readonly copies: number;
      readonly receipt: 'out' | 'skipped';
    }
  /** Nobody knows whether the sheet came out: a person has to look, and nothing is printed again. */
  | { readonly kind: 'unknown'; readonly number: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'missing-glyph' }
  /** Ended by the resident, or by nobody being there, before any paper moved. */
  | { readonly kind: 'stopped' };

/** A certificate ready to print. */
export interface MadeCertificate {
  readonly pdf: Uint8Array;
  readonly statement: string;
  readonly code: string;
}

export interface CertificateOrder {
  readonly service: Service;
  readonly language: Language;
  /** What the page says, in each language; a fact that is empty makes its row vanish. */
  readonly facts: Readonly<Record<Language, Readonly<Record<string, string>>>>;
  readonly holderName: string;
  readonly number: string;
  readonly issuedAt: Date;
  readonly validUntil: Date;
  readonly offline: boolean;
}

export interface ReceiptOrder extends Omit<CertificateOrder, 'facts' | 'validUntil' | 'holderName'> {
  readonly holder: string;
  readonly code: string;
  readonly statement: string;
  readonly copies: number;
  /** Who confirmed the resident's identity; null when nobody had to. */
  readonly confirmedBy: string | null;
}

export interface IssueDeps {
  readonly store: Store;
  readonly certificatePrinter: CertificatePrinter | null;
  readonly receiptPrinter: ReceiptPrinter | null;
  readonly clock: Clock;
  newId(): string;
  online(): boolean;
  makeCertificate(
    order: CertificateOrder,
  ): Promise<Result<MadeCertificate, { readonly reason: 'missing-glyph' | 'missing-fact' | 'too-long' }>>;
  makeReceipt(order: ReceiptOrder): ReceiptDocument;
  staffName(id: string): string | null;
  /** Aborted when the kiosk ends: a job that the printer has is left to it, and settled at the next start. */
  readonly closing: AbortSignal;
  /** Ledger entries being worked on right now. */
  readonly live: Set<string>;
  /** Something went wrong that nobody foresaw. */
  failed(cause: unknown): void;
  /** Something was added to the outbox. */
  wake(): void;
}

export interface IssueControl {
  readonly signal: AbortSignal;
  readonly skipReceipt: AbortSignal;
  onStep(step: IssueStep): void;
}

const DAY_MS = 24 * 3_600_000;

/** As {@link printPapers}; whatever goes wrong unforeseen ends in an outcome too, and never in a second sheet. */
export async function issueCertificate(
  deps: IssueDeps,
  visit: IssueInput,
  control: IssueControl,
): Promise<IssueOutcome> {
  const sent: { number: string | null } = { number: null };
  try {
    return await printPapers(deps, visit, control, sent);
  } catch (cause) {
    deps.failed(cause);
    return sent.number === null
      ? { kind: 'failed', reason: 'internal' }
      : { kind: 'unknown', number: sent.number };
  }
}

/**
 * Number, certificate, paper, receipt: each step is in the ledger before paper can move, and every way out of here
 * leaves an entry that says what is known.
 */
async function printPapers(
  deps: IssueDeps,
  visit: IssueInput,
  control: IssueControl,
  sent: { number: string | null },
): Promise<IssueOutcome> {
  const { store, clock } = deps;
  const { service, card } = visit;
  if (service === null || card === null || visit.visit === null)
    throw new Error('a certificate is only issued in a visit with a card and a service');
  const decision = eligibility(service, card, visit.registry, clock.now());
  if (decision.kind !== 'eligible') return { kind: 'failed', reason: decision.kind };
  const { endorsement } = store;
  if (endorsement === null) return { kind: 'failed', reason: 'not-endorsed' };
  const serial = await store.takeNumber();
  if (!serial.ok) return { kind: 'failed', reason: serial.error };
  // It may be another authority's by now, or nobody's.
  if (
    store.endorsement?.kioskNumber !== endorsement.kioskNumber ||
    store.endorsement.certificates.at(-1) !== endorsement.certificates.at(-1)
  )
    return { kind: 'failed', reason: 'not-endorsed' };

  const { language } = visit.settings;
  const number = formatNumber(service.number.prefix, endorsement.kioskNumber, serial.value);
  const issuedAt = new Date(Math.floor(clock.now() / 1000) * 1000);
  const validUntil = new Date(issuedAt.getTime() + service.validDays * DAY_MS);
  const offline = !deps.online();
  const copies = Number(visit.answers.copies ?? '1');
  const facts = {
    'zh-CN': factsOf(visit, card, decision.resident, service, 'zh-CN'),
    en: factsOf(visit, card, decision.resident, service, 'en'),
  };
  const order = { service, language, facts, holderName: card.name, number, issuedAt, validUntil, offline };
  const ledger = ledgerEntry(deps, visit.visit, 'certificate', number);

  const made = await deps.makeCertificate(order);
  if (!made.ok) {
    const { reason } = made.error;
    await ledger.close('failed', reason);
    return reason === 'missing-glyph' ? { kind: 'missing-glyph' } : { kind: 'failed', reason };
  }
  const { pdf, statement, code } = made.value;
  const issued: EventBody = {
    kind: 'certificate.issued',
    visit: visit.visit,
    number,
    type: service.id,
    holder: { name: card.name, idNumber: card.number },
    facts: facts['zh-CN'],
    issuedAt: issuedAt.toISOString(),
    validUntil: validUntil.toISOString(),
    statement,
    verification: visit.verification,
    offline,
  };
  const intended = await ledger.intend(issued);
  if (!intended.ok) return { kind: 'failed', reason: intended.error };

  control.onStep('certificate');
  const { certificatePrinter } = deps;
  if (certificatePrinter === null) throw new Error('a certificate is only issued where there is a printer');
  if (!(await reachable(certificatePrinter, control.signal))) {
    pdf.fill(0);
    await ledger.close('failed', 'not-sent');
    return { kind: 'stopped' };
  }
  // From here on paper may move: should the power fail now, a person is asked unless the printer can tell.
  const handedOver = await ledger.send();
  if (!handedOver.ok) {
    pdf.fill(0);
    return { kind: 'failed', reason: handedOver.error };
  }
  sent.number = number;
  const printed = await certificatePrinter.print({
    pdf,
    jobName: ledger.entry,
    copies,
    signal: control.signal,
  });
  pdf.fill(0);
  if (!printed.ok) {
    // The entry stays `sent`: the printer is asked what became of it when the kiosk is back.
    if (deps.closing.aborted) return { kind: 'stopped' };
    const { outcome, reason } = printed.error;
    if (outcome === 'unknown') {
      await ledger.close('unknown', reason, [issued]);
      return { kind: 'unknown', number };
    }
    await ledger.close('failed', reason);
    return control.signal.aborted ? { kind: 'stopped' } : { kind: 'failed', reason };
  }
  // Paper is out: if the journal cannot take it now, the entry is settled with the printer when it can again.
  await ledger.close('confirmed', '', [issued]);

  control.onStep('receipt');
  const receipt = await printReceipt(deps, visit.visit, control, {
    ...order,
    holder: maskName(card.name),
    code,
    statement,
    copies,
    confirmedBy: visit.verification.by === 'staff' ? deps.staffName(visit.verification.staff) : null,
  });
  return { kind: 'printed', number, code, copies, receipt };
}

async function printReceipt(
  deps: IssueDeps,
  visit: string,
  control: IssueControl,
  order: ReceiptOrder,
): Promise<'out' | 'skipped'> {
  const { receiptPrinter } = deps;
  if (receiptPrinter === null) return 'skipped';
  const ledger = ledgerEntry(deps, visit, 'receipt', null);
  await ledger.intend();
  const printed = await receiptPrinter.print(deps.makeReceipt(order), {
    signal: AbortSignal.any([control.signal, control.skipReceipt]),
  });
  if (printed.ok) await ledger.close('confirmed', '');
  else await ledger.close(mayBeOut(printed.error) ? 'unknown' : 'failed', printed.error.reason);
  return printed.ok ? 'out' : 'skipped';
}

/** Resolves when the printer answers, whatever it says of its paper; false when `signal` came first. */
function reachable(printer: CertificatePrinter, signal: AbortSignal): Promise<boolean> {
  const answers = (): boolean => !['starting', 'noDevice', 'offline'].includes(printer.status.device);
  if (signal.aborted || answers()) return Promise.resolve(!signal.aborted);
  return new Promise((done) => {
    const settle = (value: boolean): void => {
      stop();
      signal.removeEventListener('abort', onAbort);
      done(value);
    };
    const stop = printer.onStatus(() => answers() && settle(true));
    const onAbort = (): void => settle(false);
    signal.addEventListener('abort', onAbort);
  });
}

const mayBeOut = (error: CommandError): boolean => error.reason === 'outcome-unknown';

/** One page's way through the ledger, with the events that become true with each state. */
function ledgerEntry(
  deps: IssueDeps,
  visit: string,
  document: 'certificate' | 'receipt',
  number: string | null,
) {
  const entry = deps.newId();
  const page = { entry, visit, document, number };
  deps.live.add(entry);
  const commit = async (change: Commit): Promise<Result<void, string>> => {
    const committed = await deps.store.commit(change);
    deps.wake();
    return committed;
  };
  return {
    entry,
    intend: (issues?: EventBody) =>
      commit({
        print: { ...page, state: 'intent', detail: '', ...(issues === undefined ? {} : { issues }) },
      }),
    send: () => commit({ print: { ...page, state: 'sent', detail: '' } }),
    close: (state: 'confirmed' | 'unknown' | 'failed', detail: string, events: readonly EventBody[] = []) =>
      commit({
        print: { ...page, state, detail: detail.slice(0, 200) },
        events: [...events, { kind: 'print.recorded', ...page, state, detail: detail.slice(0, 200) }],
      }).finally(() => deps.live.delete(entry)),
  };
}

function factsOf(
  visit: VisitContext,
  card: IdCard,
  resident: { readonly residence: string; readonly community: string; readonly residentSince: string },
  service: Service,
  language: Language,
): Record<string, string> {
  const answers = service.questions
    .filter((question) => question.field !== 'copies')
    .map((question) => {
      const option = question.options.find((each) => each.value === visit.answers[question.field]);
      return [question.field, option?.label[language] ?? ''] as const;
    });
  return {
    name: card.name,
    sex: sexWords(card.sex)[language],
    nation: card.type === 'citizen' ? card.nation.name : '',
    birth: dateWords(card.birth)[language],
    idNumber: card.number,
    residence: resident.residence,
    community: resident.community,
    residentSince: dateWords(resident.residentSince)[language],
    ...Object.fromEntries(answers),
  };
}
