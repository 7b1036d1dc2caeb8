import type { Verification } from '@huimin/backend/contract';
import { assign, enqueueActions, fromCallback, fromPromise, setup } from 'xstate';
import type { PinAnswer } from '../identity/index.ts';
import type { RegistryAnswer } from '../services/index.ts';
import { freshContext, type VisitContext, type VisitEvent, type VisitPorts } from './context.ts';
import type { IssueInput } from './issue.ts';
import { answerOf, decide, questionOf, usualSettings } from './rules.ts';
import { ageOn } from './words.ts';

/** From this age on, elder mode is offered; it is never forced. */
const ELDER_AGE = 60;

/** The actors and the named actions of the visit's statechart: what it does, apart from when it does it. */
export function createVisitSetup(ports: VisitPorts) {
  return setup({
    types: { context: {} as VisitContext, events: {} as VisitEvent },
    actors: {
      checkFace: fromPromise<Verification | null, { frame: Uint8Array; chipPhoto: Uint8Array }>(({ input }) =>
        ports.checkFace(input.frame, input.chipPhoto),
      ),
      checkPin: fromPromise<PinAnswer, VisitContext>(({ input: { worker, pin } }) => {
        if (worker === null) throw new Error('a PIN is only asked of a known worker');
        return ports.checkPin(worker, pin);
      }),
      lookUp: fromPromise<RegistryAnswer | null, VisitContext>(({ input: { card } }) => {
        if (card === null) throw new Error('the registry is only asked with a card');
        return ports.lookUp(card);
      }),
      issue: fromCallback<VisitEvent, IssueInput>(({ input, sendBack, receive }) => {
        const stop = new AbortController();
        const skipReceipt = new AbortController();
        receive((event) => (event.type === 'skip' ? skipReceipt : stop).abort());
        const onStep = (step: VisitContext['step']): void => sendBack({ type: 'issue.step', step });
        // The visit waits for the outcome whatever happens; the kiosk's own end is no reason to cancel a job.
        ports
          .issue(input, { signal: stop.signal, skipReceipt: skipReceipt.signal, onStep })
          .then((outcome) => sendBack({ type: 'issue.done', outcome }));
      }),
    },
    actions: {
      begin: assign(({ context }) =>
        context.visit === null
          ? { ...freshContext(context.settings), visit: ports.newId(), startedAt: ports.now() }
          : {},
      ),
      takeCard: assign(({ event }) =>
        event.type === 'card.read'
          ? {
              card: event.card,
              chipPhoto: event.chipPhoto,
              cardProblem: null,
              offerElder: ageOn(event.card.birth, ports.wallClock()) >= ELDER_AGE,
            }
          : {},
      ),
      takeCardProblem: assign(({ event }) =>
        event.type === 'card.problem' ? { cardProblem: event.problem } : {},
      ),
      refuseExpired: assign({ cardProblem: 'expired' }),
      takeBadge: assign(({ event }) => {
        if (event.type !== 'badge') return {};
        const found = ports.badge(event.code);
        if (found.answer === 'known') return { worker: found.worker, pin: '', verifyProblem: null };
        const problem = found.answer === 'unknown' ? 'badge-unknown' : found.answer;
        return { worker: null, pin: '', verifyProblem: problem };
      }),
      forgetWorker: assign({ worker: null, pin: '', verifyProblem: null }),
      chooseService: assign(({ context, event }) => {
        if (event.type !== 'service') return {};
        // Answers belong to one service; choosing it again keeps what was already said.
        const answers = context.service?.id === event.id ? context.answers : {};
        return { service: ports.service(event.id), answers, asking: 0, changing: false };
      }),
      explainWhyNot: assign(({ context, event }) => {
        if (event.type !== 'service') return {};
        const decision = decide(ports, context, event.id);
        const helperReason = decision.kind === 'not-eligible' ? decision.reason : 'asked';
        return { helperReason };
      }),
      askForHelp: assign({ helperReason: 'asked', reference: null }),
      reportHelp: ({ context }) => ports.report({ kind: 'help', context }),
      /** What was shown as chosen, default included, becomes the answer. */
      keepAnswer: assign(({ context }) => {
        const [question, answer] = [questionOf(context), answerOf(context)];
        if (question === null || answer === null) return {};
        return { answers: { ...context.answers, [question.field]: answer } };
      }),
      reportRating: ({ context, event }) =>
        ports.report({ kind: 'rated', context, rating: event.type === 'rate' ? event.rating : null }),
      /** The visit is over: the backend hears of it, then everything personal is gone. */
      wipe: enqueueActions(({ context, enqueue }) => {
        if (context.visit !== null) ports.report({ kind: 'finished', context });
        context.chipPhoto.fill(0);
        enqueue.assign(({ context: { settings, outcome } }) => ({ ...freshContext(settings), outcome }));
      }),
      resetSettings: assign({ settings: usualSettings(ports.languages) }),
    },
  });
}
