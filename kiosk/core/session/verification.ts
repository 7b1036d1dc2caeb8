import { assign } from 'xstate';
import type { VisitPorts } from './context.ts';
import type { createVisitSetup } from './parts.ts';

const LONGEST_PIN = 8;

/**
 * Making sure that it is the person on the card: by camera if one is there and the resident agrees, else by a worker
 * with badge and PIN. Every way that is not sure ends with the worker.
 */
export const verification = (visit: ReturnType<typeof createVisitSetup>, ports: VisitPorts) =>
  visit.createStateConfig({
    entry: [assign({ resumeAt: 'verify' }), 'forgetWorker'],
    initial: 'begin',
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
      begin: { always: [{ guard: ports.hasCamera, target: 'offer' }, { target: 'person' }] },
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
          onError: 'person',
        },
      },
      person: {
        on: { back: [{ guard: ports.hasCamera, target: 'offer' }, { target: '#kiosk.visit.consent' }] },
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
          onError: { target: 'person', actions: 'forgetWorker' },
        },
      },
    },
  });
