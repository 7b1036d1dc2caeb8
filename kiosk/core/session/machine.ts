import { assign, sendTo } from 'xstate';
import { freshContext, type VisitContext, type VisitEvent, type VisitPorts } from './context.ts';
import { createVisitSetup } from './parts.ts';
import {
  answerOf,
  canReturn,
  decide,
  isExpired,
  isLastQuestion,
  outcomeWithHelper,
  questionIndex,
  questionOf,
  usualSettings,
} from './rules.ts';
import { verification } from './verification.ts';

const ELDER_TEXT_SIZE = 2;
/** The farewell stays long enough to be read and heard. */
const FAREWELL_MS = 8000;

const PLACES_TO_RESUME = ['consent', 'verify', 'lookingUp', 'choosing', 'question', 'check'] as const;

/**
 * One resident's visit as a statechart: the only authority on what may happen next. It reads as a table; everything
 * it touches comes in through {@link VisitPorts}.
 */
export function createVisitMachine(ports: VisitPorts) {
  const visit = createVisitSetup(ports);
  const endWithHelper = visit.assign(({ context }) => ({ outcome: outcomeWithHelper(context.helperReason) }));
  /** A card where none was before: where every visit with a card begins. */
  const arrival = [
    {
      guard: ({ event }: { event: VisitEvent }) =>
        event.type === 'card.read' && isExpired(event.card, ports.wallClock()),
      target: '#kiosk.visit.card',
      actions: ['begin', 'refuseExpired'],
    },
    {
      guard: ({ context }: { context: VisitContext }) => context.card === null,
      target: '#kiosk.visit.consent',
      actions: ['begin', 'takeCard'],
    },
  ] as const;
  /** The paper is out and somebody else's card lies there: the visit before is over, whoever stands there begins. */
  const nextResident = [
    {
      guard: arrival[0].guard,
      target: '#kiosk.visit.card',
      actions: ['wipe', 'resetSettings', 'begin', 'refuseExpired'],
    },
    { target: '#kiosk.visit.consent', actions: ['wipe', 'resetSettings', 'begin', 'takeCard'] },
  ] as const;
  return visit.createMachine({
    id: 'kiosk',
    context: freshContext(usualSettings(ports.languages)),
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
          'card.read': arrival,
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
          card: {
            entry: assign({ resumeAt: 'card' }),
            on: {
              'card.read': arrival,
              'card.problem': { actions: 'takeCardProblem' },
              back: '#kiosk.farewell',
            },
          },
          consent: {
            entry: assign({ resumeAt: 'consent' }),
            on: {
              agree: { target: 'verify', actions: assign({ consent: true }) },
              decline: { target: '#kiosk.helping', actions: 'askForHelp' },
              back: '#kiosk.farewell',
            },
          },
          verify: verification(visit, ports),
          lookingUp: {
            entry: assign({ resumeAt: 'lookingUp' }),
            invoke: {
              src: 'lookUp',
              input: ({ context }) => context,
              onDone: { target: 'choosing', actions: assign(({ event }) => ({ registry: event.output })) },
              onError: 'choosing',
            },
          },
          choosing: {
            entry: assign({ resumeAt: 'choosing' }),
            initial: 'home',
            on: {
              service: [
                {
                  guard: ({ context, event }) => decide(ports, context, event.id).kind === 'eligible',
                  target: 'question',
                  actions: 'chooseService',
                },
                {
                  guard: ({ context, event }) => decide(ports, context, event.id).kind === 'not-eligible',
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
            entry: assign({ resumeAt: 'question' }),
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
            entry: assign({ resumeAt: 'check' }),
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
          // Help was asked for before there was a card: laying one down goes on with the visit.
          'card.read': arrival,
          back: [
            ...PLACES_TO_RESUME.map((place) => ({
              guard: ({ context }: { context: VisitContext }) =>
                canReturn(context) && context.card !== null && context.resumeAt === place,
              target: `visit.${place}` as const,
            })),
            { guard: ({ context }) => canReturn(context), target: 'visit.card' },
          ],
          finish: { target: 'farewell', actions: endWithHelper },
          idle: { target: 'farewell', actions: endWithHelper },
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
        on: {
          next: 'rate',
          finish: 'rate',
          idle: 'farewell',
          help: { actions: 'reportHelp' },
          'card.read': nextResident,
        },
      },
      rate: {
        on: {
          'card.read': nextResident,
          rate: { target: 'farewell', actions: 'reportRating' },
          skip: { target: 'farewell', actions: 'reportRating' },
          finish: { target: 'farewell', actions: 'reportRating' },
          idle: { target: 'farewell', actions: 'reportRating' },
        },
      },
      farewell: {
        // The last words are in the visit's own language and size; the next visit begins with the usual ones.
        entry: 'wipe',
        exit: 'resetSettings',
        after: { [FAREWELL_MS]: 'welcome' },
        on: {
          finish: 'welcome',
          start: { target: 'visit.card', actions: 'begin' },
          'card.read': arrival,
        },
      },
    },
  });
}
