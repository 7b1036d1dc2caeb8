import type { IdCard } from '@huimin/drivers';
import type { Intent, Language, Settings, Snapshot } from '../../bridge/index.ts';
import { type Eligibility, eligibility, type Question } from '../services/index.ts';
import type { VisitContext, VisitPorts } from './context.ts';

/** How every visit begins. */
export const usualSettings = (languages: readonly Language[]): Settings => ({
  language: languages[0] ?? 'zh-CN',
  textSize: 0,
  contrast: 'normal',
  elder: false,
});

/** Whether a service may be begun by whoever laid down the card; a service that cannot be done now tells nothing. */
export function decide(
  ports: Pick<VisitPorts, 'service' | 'available' | 'wallClock'>,
  context: VisitContext,
  serviceId: string,
): Eligibility {
  const service = ports.service(serviceId);
  if (service === null || context.card === null || !ports.available(service, context))
    return { kind: 'cannot-tell' };
  return eligibility(service, context.card, context.registry, ports.wallClock());
}

const DAY_MS = 24 * 3_600_000;

/** A card is good until the end of its last day. */
export const isExpired = (card: IdCard, nowMs: number): boolean =>
  card.validTo !== null && Date.parse(card.validTo) + DAY_MS < nowMs;

export const isLastQuestion = (context: VisitContext): boolean =>
  context.changing || context.asking + 1 >= (context.service?.questions.length ?? 0);

/** -1 when the service does not ask it. */
export const questionIndex = (context: VisitContext, field: string): number =>
  context.service?.questions.findIndex((question) => question.field === field) ?? -1;

/** The question being asked; null outside a service. */
export const questionOf = (context: VisitContext): Question | null =>
  context.service?.questions[context.asking] ?? null;

/** What was answered, or the default; null while there is neither. */
export function answerOf(context: VisitContext, question = questionOf(context)): string | null {
  if (question === null) return null;
  return context.answers[question.field] ?? question.default ?? null;
}

/** Back from the helper page leads into the visit again, unless its paper is already decided. */
export const canReturn = ({ helperReason }: Pick<VisitContext, 'helperReason'>): boolean =>
  outcomeWithHelper(helperReason) !== 'faulted';

/** What a visit that ends at the helper page came to. */
export function outcomeWithHelper(reason: VisitContext['helperReason']): VisitContext['outcome'] {
  switch (reason) {
    case 'asked':
      return 'left';
    case 'not-registered':
    case 'moved-away':
    case 'card-type':
      return 'not-eligible';
    case 'rare-character':
    case 'outcome-unknown':
    case 'failed':
      return 'faulted';
    default:
      return reason satisfies never;
  }
}

/** What is heard even while another card covers the visit. */
const ALWAYS_HEARD: readonly Intent['do'][] = [
  'finish',
  'help',
  'language',
  'text-size',
  'contrast',
  'elder-mode',
];

/** Whether what is shown offers this at all: a screen may ask for anything, the page decides what is heard. */
export function isOffered({ view, can }: Omit<Snapshot, 'page'>, intent: Intent): boolean {
  if (view.screen === 'card' && view.problem === 'other-card' && !ALWAYS_HEARD.includes(intent.do))
    return false;
  switch (intent.do) {
    case 'back':
      return can.back;
    case 'finish':
      return can.finish;
    case 'help':
      return can.help;
    case 'skip':
      return view.screen === 'rate' || (view.screen === 'fault' && view.canSkip);
    default:
      return true;
  }
}
