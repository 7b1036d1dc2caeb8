import type { Verification } from '@huimin/backend/contract';
import type { IdCard } from '@huimin/drivers';
import { assign, enqueueActions, fromCallback, fromPromise, sendTo, setup } from 'xstate';
import type { Settings } from '../../bridge/index.ts';
import type { PinAnswer } from '../identity/index.ts';
import { eligibility, type Question, type RegistryAnswer } from '../services/index.ts';
import { freshContext, type VisitContext, type VisitEvent, type VisitPorts } from './context.ts';
import type { IssueInput } from './issue.ts';
import { ageOn } from './words.ts';

/** From this age on, elder mode is offered; it is never forced. */
const ELDER_AGE = 60;
const ELDER_TEXT_SIZE = 2;
const LONGEST_PIN = 8;
/** The farewell stays long enough to be read and heard. */
const FAREWELL_MS = 8000;

export const questionOf = (context: VisitContext): Question | null =>
  context.service?.questions[context.asking] ?? null;

/** What was answered, or the default; null while there is neither. */
export function answerOf(context: VisitContext, question = questionOf(context)): string | null {
  if (question === null) return null;
  return context.answers[question.field] ?? question.default ?? null;
}

/**
 * One resident's visit as a statechart: the only authority on what may happen next. It reads as a table; everything
 * it touches comes in through {@link VisitPorts}.
 */
export function createVisitMachine(ports: VisitPorts) {
  const initialSettings: Settings = {
    language: ports.languages[0] ?? 'zh-CN',
    textSize: 0,
    contrast: 'normal',
    elder: false,
  };

  const decide = (context: VisitContext, serviceId: string) => {
    const service = ports.service(serviceId);
    if (service === null || context.card === null || !ports.available(service, context))
      return { kind: 'cannot-tell' as const };
    return eligibility(service, context.card, context.registry, ports.wallClock());
  };
  const isExpired = (card: IdCard): boolean =>
    card.validTo !== null && Date.parse(card.validTo) + 24 * 3_600_000 < ports.wallClock();
  const isLastQuestion = (context: VisitContext): boolean =>
    context.changing || context.asking + 1 >= (context.service?.questions.length ?? 0);
  const questionIndex = (context: VisitContext, field: string): number =>
    context.service?.questions.findIndex((question) => question.field === field) ?? -1;

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
        ports
          .issue(input, { signal: stop.signal, skipReceipt: skipReceipt.signal, onStep })
          .then((outcome) => sendBack({ type: 'issue.done', outcome }));
        return () => stop.abort();
      }),
    },
    actions: {
      begin: assign(({ context }) =>
        context.visit === null ? { visit: ports.newId(), startedAt: ports.now() } : {},
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
        const decision = decide(context, event.id);
        const helperReason = decision.kind === 'not-eligible' ? decision.reason : 'asked';
        return { helperReason, outcome: 'not-eligible' };
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
      resetSettings: assign({ settings: initialSettings }),
    },
  }).createMachine({
    id: 'kiosk',
    context: freshContext(initialSettings),
    initial: 'welcome',
    on: {
      language: {
        guard: ({ event }) => ports.languages.includes(event.language),
        actions: assign(({ context: { settings }, event }) => ({
          settings: { ...settings, language: event.language },
        })),
      },
      'text-size': {
        actions: assign(({ context: { settings } }) => ({
          settings: { ...settings, textSize: (settings.textSize + 1) % 4 },
        })),
      },
      contrast: {
        actions: assign(({ context: { settings } }) => ({
          settings: { ...settings, contrast: settings.contrast === 'normal' ? 'high' : 'normal' },
        })),
      },
      'elder-mode': {
        actions: assign(({ context: { settings } }) => ({
          settings: {
            ...settings,
            elder: !settings.elder,
            textSize: settings.elder ? 0 : Math.max(settings.textSize, ELDER_TEXT_SIZE),
          },
          offerElder: false,
        })),
      },
    },
    states: {
      welcome: {
        on: {
          start: { target: 'visit.card', actions: 'begin' },
          help: { target: 'helping', actions: ['begin', 'askForHelp', 'reportHelp'] },
          idle: { actions: 'resetSettings' },
          'card.read': [
            {
              guard: ({ event }) => isExpired(event.card),
              target: 'visit.card',
              actions: ['begin', 'refuseExpired'],
            },
            { target: 'visit.consent', actions: ['begin', 'takeCard'] },
          ],
          'card.problem': { target: 'visit.card', actions: ['begin', 'takeCardProblem'] },
        },
      },
      visit: {
        initial: 'card',
        on: {
          idle: { target: 'farewell', actions: assign({ outcome: 'timed-out' }) },
          finish: { target: 'farewell', actions: assign({ outcome: 'left' }) },
          help: { target: 'helping', actions: ['askForHelp', 'reportHelp'] },
        },
        states: {
          /** Where the visit stood when help was asked for. */
          resumed: { type: 'history', history: 'deep' },
          card: {
            on: {
              'card.read': [
                { guard: ({ event }) => isExpired(event.card), actions: 'refuseExpired' },
                { target: 'consent', actions: 'takeCard' },
              ],
              'card.problem': { actions: 'takeCardProblem' },
              back: '#kiosk.farewell',
            },
          },
          consent: {
            on: {
              agree: { target: 'verify', actions: assign({ consent: true }) },
              decline: { target: '#kiosk.helping', actions: 'askForHelp' },
              back: '#kiosk.farewell',
            },
          },
          verify: {
            initial: ports.hasCamera ? 'offer' : 'person',
            // A worker who comes with a badge is served at once, whatever the page shows.
            on: {
              badge: [
                {
                  guard: ({ event }) => ports.badge(event.code).answer === 'known',
                  target: '.pin',
                  actions: 'takeBadge',
                },
                { target: '.person', actions: 'takeBadge' },
              ],
            },
            states: {
              offer: { on: { agree: 'camera', decline: 'person', back: '#kiosk.visit.consent' } },
              camera: {
                on: {
                  frame: 'checking',
                  'camera-failed': {
                    target: 'person',
                    actions: assign({ verifyProblem: 'camera-unavailable' }),
                  },
                  decline: 'person',
                  back: 'offer',
                },
              },
              checking: {
                invoke: {
                  src: 'checkFace',
                  input: ({ context: { chipPhoto }, event }) => ({
                    frame: event.type === 'frame' ? Buffer.from(event.jpeg, 'base64') : new Uint8Array(0),
                    chipPhoto,
                  }),
                  onDone: [
                    {
                      guard: ({ event }) => event.output !== null,
                      target: '#kiosk.visit.lookingUp',
                      actions: assign(({ event }) => ({ verification: event.output ?? { by: 'none' } })),
                    },
                    { target: 'person' },
                  ],
                },
              },
              person: {
                on: { back: ports.hasCamera ? 'offer' : '#kiosk.visit.consent' },
              },
              pin: {
                on: {
                  digit: {
                    guard: ({ context }) => context.pin.length < LONGEST_PIN,
                    actions: assign(({ context, event }) => ({
                      pin: context.pin + event.digit,
                      verifyProblem: null,
                    })),
                  },
                  erase: { actions: assign(({ context }) => ({ pin: context.pin.slice(0, -1) })) },
                  confirm: { guard: ({ context }) => context.pin.length > 0, target: 'checkingPin' },
                  back: { target: 'person', actions: 'forgetWorker' },
                },
              },
              checkingPin: {
                invoke: {
                  src: 'checkPin',
                  input: ({ context }) => context,
                  onDone: [
                    {
                      guard: ({ event }) => event.output === 'right',
                      target: '#kiosk.visit.lookingUp',
                      actions: [
                        assign(({ context }) => ({
                          verification: { by: 'staff' as const, staff: context.worker?.id ?? '' },
                        })),
                        'forgetWorker',
                      ],
                    },
                    {
                      guard: ({ event }) => event.output === 'locked',
                      target: 'person',
                      actions: ['forgetWorker', assign({ verifyProblem: 'locked' })],
                    },
                    { target: 'pin', actions: assign({ pin: '', verifyProblem: 'pin-wrong' }) },
                  ],
                },
              },
            },
          },
          lookingUp: {
            invoke: {
              src: 'lookUp',
              input: ({ context }) => context,
              onDone: { target: 'choosing', actions: assign(({ event }) => ({ registry: event.output })) },
            },
          },
          choosing: {
            initial: 'home',
            on: {
              service: [
                {
                  guard: ({ context, event }) => decide(context, event.id).kind === 'eligible',
                  target: 'question',
                  actions: 'chooseService',
                },
                {
                  guard: ({ context, event }) => decide(context, event.id).kind === 'not-eligible',
                  target: '#kiosk.helping',
                  actions: ['chooseService', 'explainWhyNot'],
                },
              ],
              group: {
                guard: ({ event }) => ports.hasGroup(event.id),
                target: '.group',
                actions: assign(({ event }) => ({ group: event.id })),
              },
            },
            states: {
              home: { on: { decline: { actions: assign({ offerElder: false }) } } },
              group: { on: { back: 'home' } },
            },
          },
          question: {
            on: {
              answer: {
                guard: ({ context, event }) =>
                  questionOf(context)?.options.some((option) => option.value === event.value) ?? false,
                actions: assign(({ context, event }) => {
                  const question = questionOf(context);
                  return question === null
                    ? {}
                    : { answers: { ...context.answers, [question.field]: event.value } };
                }),
              },
              next: [
                { guard: ({ context }) => answerOf(context) === null },
                {
                  guard: ({ context }) => isLastQuestion(context),
                  target: 'check',
                  actions: ['keepAnswer', assign({ changing: false })],
                },
                {
                  actions: ['keepAnswer', assign(({ context }) => ({ asking: context.asking + 1 }))],
                },
              ],
              back: [
                {
                  guard: ({ context }) => context.changing,
                  target: 'check',
                  actions: assign({ changing: false }),
                },
                {
                  guard: ({ context }) => context.asking > 0,
                  actions: assign(({ context }) => ({ asking: context.asking - 1 })),
                },
                { target: 'choosing' },
              ],
            },
          },
          check: {
            on: {
              confirm: '#kiosk.working',
              change: {
                guard: ({ context, event }) => questionIndex(context, event.field) >= 0,
                target: 'question',
                actions: assign(({ context, event }) => ({
                  changing: true,
                  asking: questionIndex(context, event.field),
                })),
              },
              back: {
                target: 'question',
                actions: assign(({ context }) => ({ asking: (context.service?.questions.length ?? 1) - 1 })),
              },
            },
          },
        },
      },
      helping: {
        on: {
          back: { target: 'visit.resumed', guard: ({ context }) => canReturn(context) },
          finish: 'farewell',
          idle: 'farewell',
        },
      },
      working: {
        entry: assign({ step: 'make', helpAsked: false }),
        invoke: {
          id: 'issue',
          src: 'issue',
          input: ({ context }) => context,
        },
        on: {
          'issue.step': { actions: assign(({ event }) => ({ step: event.step })) },
          // Both end the job as far as it can still be ended; what became of the paper comes back with `issue.done`.
          finish: { actions: sendTo('issue', ({ event }) => event) },
          idle: { actions: sendTo('issue', ({ event }) => event) },
          skip: { actions: sendTo('issue', ({ event }) => event) },
          help: { actions: [assign({ helpAsked: true }), 'reportHelp'] },
          'issue.done': [
            {
              guard: ({ event }) => event.outcome.kind === 'printed',
              target: 'collect',
              actions: assign(({ event }) => ({
                issued: event.outcome.kind === 'printed' ? event.outcome : null,
                outcome: 'completed',
              })),
            },
            {
              guard: ({ event }) => event.outcome.kind === 'stopped',
              target: 'farewell',
              actions: assign({ outcome: 'faulted' }),
            },
            {
              target: 'helping',
              actions: assign(({ event: { outcome } }) => ({
                outcome: 'faulted',
                helperReason:
                  outcome.kind === 'unknown'
                    ? 'outcome-unknown'
                    : outcome.kind === 'missing-glyph'
                      ? 'rare-character'
                      : 'failed',
                reference: outcome.kind === 'unknown' ? outcome.number : null,
              })),
            },
          ],
        },
      },
      collect: {
        on: { next: 'rate', finish: 'rate', idle: 'farewell', help: { actions: 'reportHelp' } },
      },
      rate: {
        on: {
          rate: { target: 'farewell', actions: 'reportRating' },
          skip: { target: 'farewell', actions: 'reportRating' },
          finish: { target: 'farewell', actions: 'reportRating' },
          idle: { target: 'farewell', actions: 'reportRating' },
        },
      },
      farewell: {
        entry: ['wipe', 'resetSettings'],
        after: { [FAREWELL_MS]: 'welcome' },
        on: {
          finish: 'welcome',
          start: { target: 'visit.card', actions: 'begin' },
          'card.read': { target: 'visit.consent', actions: ['begin', 'takeCard'] },
        },
      },
    },
  });
}

/** Back from the helper page leads into the visit again, unless its paper is already decided. */
export const canReturn = (context: VisitContext): boolean =>
  context.helperReason === 'asked' || context.outcome === 'not-eligible';
