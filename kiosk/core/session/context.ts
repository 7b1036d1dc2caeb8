import type { Staff, Verification } from '@huimin/backend/contract';
import type { IdCard } from '@huimin/drivers';
import type { Intent, Page, Settings } from '../../bridge/index.ts';
import type { BadgeAnswer, PinAnswer } from '../identity/index.ts';
import type { RegistryAnswer, Service } from '../services/index.ts';
import type { IssueInput, IssueOutcome, IssueStep } from './issue.ts';

type HelperPage = Extract<Page, { screen: 'helper' }>;
export type VerifyPage = Extract<Page, { screen: 'verify' }>;
export type CardProblem = Extract<Page, { screen: 'card' }>['problem'];
export type VisitOutcome = Extract<Page, { screen: 'farewell' }>['outcome'];

/** Everything one visit knows. `freshContext()` is what is left of it afterwards. */
export interface VisitContext {
  /** Null until somebody touches the screen or lays down a card. */
  readonly visit: string | null;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly settings: Settings;
  readonly offerElder: boolean;
  readonly card: IdCard | null;
  readonly chipPhoto: Uint8Array;
  readonly cardProblem: CardProblem;
  /** Where the visit goes on after help was asked for. */
  readonly resumeAt: 'card' | 'consent' | 'verify' | 'lookingUp' | 'choosing' | 'question' | 'check';
  readonly consent: boolean;
  readonly verification: Verification;
  readonly verifyProblem: VerifyPage['problem'];
  readonly worker: Staff | null;
  readonly pin: string;
  readonly registry: RegistryAnswer | null;
  readonly group: string | null;
  readonly service: Service | null;
  readonly answers: Readonly<Record<string, string>>;
  readonly asking: number;
  /** A single answer is being changed: the next step is the check again. */
  readonly changing: boolean;
  readonly step: IssueStep;
  readonly issued: Extract<IssueOutcome, { kind: 'printed' }> | null;
  readonly helperReason: HelperPage['reason'];
  readonly reference: string | null;
  /** Help was asked for on a page that cannot be left. */
  readonly helpAsked: boolean;
  readonly outcome: VisitOutcome;
}

export const freshContext = (settings: Settings): VisitContext => ({
  visit: null,
  startedAt: 0,
  settings,
  offerElder: false,
  card: null,
  chipPhoto: new Uint8Array(0),
  cardProblem: null,
  resumeAt: 'card',
  consent: false,
  verification: { by: 'none' },
  verifyProblem: null,
  worker: null,
  pin: '',
  registry: null,
  group: null,
  service: null,
  answers: {},
  asking: 0,
  changing: false,
  step: 'make',
  issued: null,
  helperReason: 'asked',
  reference: null,
  helpAsked: false,
  outcome: 'left',
});

/** `Intent` as machine events: `{ do: 'start' }` becomes `{ type: 'start' }`. */
type IntentEvent<I extends Intent = Intent> = I extends { do: infer D extends string }
  ? Omit<I, 'do'> & { readonly type: D }
  : never;

export type VisitEvent =
  | IntentEvent
  | { readonly type: 'card.read'; readonly card: IdCard; readonly chipPhoto: Uint8Array }
  | { readonly type: 'card.problem'; readonly problem: CardProblem }
  | { readonly type: 'badge'; readonly code: string }
  | { readonly type: 'idle' }
  | { readonly type: 'issue.step'; readonly step: IssueStep }
  | { readonly type: 'issue.done'; readonly outcome: IssueOutcome };

/** What the visit needs from the rest of the core. */
export interface VisitPorts {
  /** Monotonic milliseconds. */
  now(): number;
  /** Wall clock, milliseconds since the epoch. */
  wallClock(): number;
  newId(): string;
  /** Whether there is a camera now. */
  hasCamera(): boolean;
  readonly languages: readonly Settings['language'][];
  service(id: string): Service | null;
  hasGroup(id: string): boolean;
  /** True when the service can be done now. */
  available(service: Service, context: VisitContext): boolean;
  badge(code: string): BadgeAnswer;
  checkPin(worker: Staff, pin: string): Promise<PinAnswer>;
  checkFace(frame: Uint8Array, chipPhoto: Uint8Array): Promise<Verification | null>;
  lookUp(card: IdCard): Promise<RegistryAnswer | null>;
  issue(
    input: IssueInput,
    control: {
      readonly signal: AbortSignal;
      readonly skipReceipt: AbortSignal;
      onStep(step: IssueStep): void;
    },
  ): Promise<IssueOutcome>;
  /** The visit has something to tell the backend. */
  report(report: VisitReport): void;
}

export type VisitReport =
  | { readonly kind: 'help'; readonly context: VisitContext }
  | { readonly kind: 'rated'; readonly context: VisitContext; readonly rating: number | null }
  | { readonly kind: 'finished'; readonly context: VisitContext };
