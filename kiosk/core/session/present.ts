import type { CertificatePrinterStatus, IdCardReaderStatus, ReceiptPrinterStatus } from '@huimin/drivers';
import type {
  Availability,
  CameraSource,
  CheckRow,
  GroupTile,
  LocalText,
  Page,
  ServiceTile,
  Snapshot,
  Spoken,
} from '../../bridge/index.ts';
import type { Catalogue, Service, ServiceGroup } from '../services/index.ts';
import { textOf } from '../texts.ts';
import type { VisitContext } from './context.ts';
import { certificatePrinterFault, receiptPrinterFault } from './faults.ts';
import { answerOf, canReturn, questionOf } from './rules.ts';
import { dateWords, maskName, maskNumber, sameInAll } from './words.ts';

/** Where the statechart stands, as its own dotted path, e.g. `visit.verify.pin`. */
export type Place =
  | 'welcome'
  | 'visit.card'
  | 'visit.consent'
  | `visit.verify.${'offer' | 'camera' | 'checking' | 'person' | 'pin' | 'checkingPin'}`
  | 'visit.lookingUp'
  | 'visit.choosing.home'
  | 'visit.choosing.group'
  | 'visit.question'
  | 'visit.check'
  | 'helping'
  | 'working'
  | 'collect'
  | 'rate'
  | 'farewell';

/** The world around the visit that the screen tells the truth about. */
export interface Surroundings {
  readonly catalogue: Catalogue;
  readonly community: LocalText;
  readonly camera: CameraSource | null;
  readonly idCardReader: IdCardReaderStatus | null;
  readonly certificatePrinter: CertificatePrinterStatus | null;
  readonly receiptPrinter: ReceiptPrinterStatus | null;
  readonly online: boolean;
  readonly cardPresent: boolean;
  /** Another card than the visit's own lies on the reader. */
  readonly otherCard: boolean;
  readonly idle: Snapshot['idle'];
  availability(service: Service): Availability;
  speak(key: string, text?: LocalText): Spoken;
}

/** What the screen shows: a pure function of the visit and its surroundings. */
export function present(place: Place, context: VisitContext, around: Surroundings): Omit<Snapshot, 'page'> {
  const view = viewOf(place, context, around);
  const { settings } = context;
  return {
    settings,
    say: sentenceOf(context, view, around),
    idle: around.idle,
    network: around.online ? 'online' : 'offline',
    can: canDo(place, context, view),
    offerElder: context.offerElder && !settings.elder && place === 'visit.choosing.home',
    community: around.community,
    view,
  };
}

/** Two snapshots with the same key show the same page: a press meant for one is good on the other. */
export function pageKey(view: Page): string {
  switch (view.screen) {
    case 'verify':
      return `verify ${view.phase}`;
    case 'service':
      return `service ${view.group.id}`;
    case 'question':
      return `question ${view.field}`;
    case 'fault':
      return `fault ${view.device} ${view.kind}`;
    case 'helper':
      return `helper ${view.reason}`;
    default:
      return view.screen;
  }
}

function viewOf(place: Place, context: VisitContext, around: Surroundings): Page {
  if (around.otherCard && place.startsWith('visit.'))
    return { screen: 'card', reader: 'ready', problem: 'other-card' };
  switch (place) {
    case 'welcome':
      return { screen: 'welcome' };
    case 'visit.card':
      // A card that was read in an earlier visit has to be lifted before a reader reads it again.
      return around.cardPresent && context.cardProblem === null
        ? { screen: 'card', reader: 'ready', problem: 'lift-first' }
        : { screen: 'card', reader: readerState(around), problem: context.cardProblem };
    case 'visit.consent':
      return { screen: 'consent', holder: maskName(context.card?.name ?? '') };
    case 'visit.verify.offer':
    case 'visit.verify.camera':
    case 'visit.verify.checking':
    case 'visit.verify.person':
    case 'visit.verify.pin':
    case 'visit.verify.checkingPin':
    case 'visit.lookingUp':
      return verifyPage(place, context, around);
    case 'visit.choosing.home':
      return {
        screen: 'home',
        holder: maskName(context.card?.name ?? ''),
        services: around.catalogue.services
          .filter((service) => service.featured)
          .map((service) => serviceTile(service, around)),
        groups: around.catalogue.groups.map(groupTile),
      };
    case 'visit.choosing.group': {
      const group = around.catalogue.groups.find((each) => each.id === context.group);
      if (group === undefined) throw new Error('a group page is only shown for a group that exists');
      const services = around.catalogue.services.filter((service) => service.group === group.id);
      return {
        screen: 'service',
        group: groupTile(group),
        services: services.map((service) => serviceTile(service, around)),
      };
    }
    case 'visit.question':
      return questionPage(context);
    case 'visit.check':
      return { screen: 'check', service: context.service?.title ?? sameInAll(''), rows: checkRows(context) };
    case 'helping':
      return {
        screen: 'helper',
        reason: context.helperReason,
        reference: context.reference,
        canReturn: canReturn(context),
      };
    case 'working':
      return workingPage(context, around);
    case 'collect':
      return collectPage(context, around);
    case 'rate':
      return { screen: 'rate' };
    case 'farewell':
      return { screen: 'farewell', cardPresent: around.cardPresent, outcome: context.outcome };
    default:
      return place satisfies never;
  }
}

function readerState(around: Surroundings): 'ready' | 'reading' | 'unavailable' {
  const { idCardReader } = around;
  if (idCardReader === null) return 'unavailable';
  if (idCardReader.device !== 'online' && idCardReader.device !== 'deviceBusy')
    return idCardReader.device === 'starting' ? 'ready' : 'unavailable';
  return idCardReader.media === 'present' ? 'reading' : 'ready';
}

function verifyPage(
  place: Extract<Place, `visit.verify.${string}` | 'visit.lookingUp'>,
  context: VisitContext,
  around: Surroundings,
): Page {
  const phases = {
    'visit.verify.offer': 'offer',
    'visit.verify.camera': 'camera',
    'visit.verify.checking': 'checking',
    'visit.verify.person': 'person',
    'visit.verify.pin': 'pin',
    'visit.verify.checkingPin': 'checking',
    'visit.lookingUp': 'checking',
  } as const;
  const phase = phases[place];
  return {
    screen: 'verify',
    phase,
    camera: phase === 'camera' ? around.camera : null,
    digits: context.pin.length,
    worker: context.worker?.name ?? null,
    problem: context.verifyProblem,
  };
}

const groupTile = ({ id, title, icon }: ServiceGroup): GroupTile => ({ id, title, icon });

const serviceTile = (service: Service, around: Surroundings): ServiceTile => ({
  id: service.id,
  title: service.title,
  summary: service.summary,
  icon: service.icon,
  availability: around.availability(service),
});

function questionPage(context: VisitContext): Page {
  const { service } = context;
  const question = questionOf(context);
  if (service === null || question === null) throw new Error('a question page needs a question');
  return {
    screen: 'question',
    service: service.title,
    field: question.field,
    index: context.asking + 1,
    of: service.questions.length,
    title: question.title,
    hint: question.hint ?? null,
    options: question.options,
    answer: answerOf(context),
  };
}

/** What the card and the registry say first, not to be changed here; then what was asked. */
function checkRows(context: VisitContext): CheckRow[] {
  const { card, registry, service } = context;
  const known = (field: string, value: LocalText): CheckRow => ({
    field,
    label: textOf(`core.check.${field}`),
    value,
    changeable: false,
  });
  const resident = registry?.resident ?? null;
  return [
    known('name', sameInAll(card?.name ?? '')),
    known('idNumber', sameInAll(maskNumber(card?.number ?? ''))),
    known('residence', sameInAll(resident?.residence ?? '')),
    known('residentSince', dateWords(resident?.residentSince ?? '')),
    ...(service?.questions ?? []).map((question) => {
      const answer = answerOf(context, question);
      const option = question.options.find((each) => each.value === answer);
      return {
        field: question.field,
        label: question.label,
        value: option?.label ?? sameInAll(''),
        changeable: true,
      };
    }),
  ];
}

function workingPage(context: VisitContext, around: Surroundings): Page {
  if (context.step === 'certificate') {
    const kind = certificatePrinterFault(around.certificatePrinter);
    if (kind !== null) return { screen: 'fault', device: 'certificatePrinter', kind, canSkip: false };
  }
  if (context.step === 'receipt') {
    const kind = receiptPrinterFault(around.receiptPrinter);
    if (kind !== null) return { screen: 'fault', device: 'receiptPrinter', kind, canSkip: true };
  }
  const order = ['make', 'certificate', 'receipt'] as const;
  const at = order.indexOf(context.step);
  return {
    screen: 'working',
    steps: order.map((id, index) => ({
      id,
      state: index < at ? 'done' : index === at ? 'active' : 'waiting',
    })),
  };
}

function collectPage(context: VisitContext, around: Surroundings): Page {
  const { issued } = context;
  if (issued === null) throw new Error('there is nothing to collect before it was printed');
  return {
    screen: 'collect',
    items: [
      { kind: 'certificate', state: 'out' },
      { kind: 'receipt', state: issued.receipt },
    ],
    number: issued.number,
    code: issued.code,
    copies: issued.copies,
    cardPresent: around.cardPresent,
  };
}

function sentenceOf(context: VisitContext, view: Page, around: Surroundings): Spoken {
  if (around.idle !== null) return around.speak('say.idle');
  switch (view.screen) {
    case 'card': {
      if (view.problem !== null) return around.speak(`say.card.${view.problem}`);
      if (view.reader === 'reading') return around.speak('say.card.reading');
      return around.speak(view.reader === 'unavailable' ? 'say.card.unavailable' : 'say.card');
    }
    case 'verify':
      return around.speak(`say.verify.${view.problem ?? view.phase}`);
    case 'question':
      return around.speak(`service.${context.service?.id}.${view.field}`, view.title);
    case 'working':
      return around.speak(`say.working.${context.step}`);
    case 'farewell':
      return around.speak(view.cardPresent ? 'say.farewell.card' : 'say.farewell');
    case 'helper':
      return around.speak(`say.helper.${view.reason}`);
    case 'fault':
      return around.speak(context.helpAsked ? 'say.helper.asked' : `say.fault.${view.device}.${view.kind}`);
    case 'welcome':
      return around.speak(welcomeSentence(around));
    case 'collect': {
      const receipt = view.items.find((item) => item.kind === 'receipt');
      return around.speak(receipt?.state === 'skipped' ? 'say.collect.no-receipt' : 'say.collect');
    }
    case 'consent':
    case 'home':
    case 'service':
    case 'check':
    case 'rate':
      return around.speak(`say.${view.screen}`);
    default:
      return view satisfies never;
  }
}

/** Nobody is invited to lay down a card where it cannot be read, or where nothing can be done today. */
function welcomeSentence(around: Surroundings): string {
  if (readerState(around) === 'unavailable') return 'say.card.unavailable';
  const { services } = around.catalogue;
  const open = services.length === 0 || services.some((service) => around.availability(service).canBegin);
  return open ? 'say.welcome' : 'say.welcome.closed';
}

const CAN_GO_BACK: readonly Place[] = [
  'visit.card',
  'visit.consent',
  'visit.verify.offer',
  'visit.verify.camera',
  'visit.verify.person',
  'visit.verify.pin',
  'visit.choosing.group',
  'visit.question',
  'visit.check',
];

function canDo(place: Place, context: VisitContext, view: Page): Snapshot['can'] {
  const blocked = view.screen === 'card' && view.problem === 'other-card';
  return {
    back: !blocked && (CAN_GO_BACK.includes(place) || (place === 'helping' && canReturn(context))),
    // While paper moves there is nothing to end; a fault can be walked away from.
    finish: place !== 'welcome' && view.screen !== 'working',
    help: place !== 'helping' && place !== 'farewell' && place !== 'rate',
  };
}
