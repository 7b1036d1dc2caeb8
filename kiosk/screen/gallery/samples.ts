import en from '../../../assets/texts/en.json' with { type: 'json' };
import zh from '../../../assets/texts/zh-CN.json' with { type: 'json' };
import type { LocalText, Page, ScreenName, Settings, Snapshot } from '../../bridge/index.ts';
import { both, certificates, groups, meals, moreRows, pension, residence, rows, senior } from './things.ts';

type SayKey = Extract<keyof typeof zh, `say.${string}`>;

/** A page as it may come from the core, with an invented resident. */
export interface Sample {
  readonly view: Page;
  readonly say: SayKey | LocalText;
  readonly over?: Partial<Pick<Snapshot, 'idle' | 'network' | 'offerElder' | 'can'>>;
  readonly elder?: boolean;
}

/** Where the gallery's server shows a camera picture. */
export const sampleStill = '/sample/still';

const verify = { screen: 'verify', camera: null, digits: 0, worker: null, problem: null } as const;
const question = {
  screen: 'question',
  service: residence.title,
  field: 'purpose',
  index: 1,
  of: 2,
  title: both('证明要用在哪里？', 'What is the certificate for?'),
  hint: both('选最接近的一个就行。', 'The nearest one will do.'),
  options: [
    { value: 'school', label: both('子女入学', "A child's school") },
    { value: 'work', label: both('找工作', 'Work') },
    { value: 'vehicle', label: both('办车牌', 'A vehicle plate') },
    { value: 'bank', label: both('银行办事', 'The bank') },
    { value: 'housing', label: both('租房买房', 'Housing') },
    { value: 'other', label: both('别的事', 'Something else') },
  ],
  answer: null,
} as const;
const askPurpose = both(
  '证明要用在哪里？请选一个，再按“下一步”。',
  'What is the certificate for? Choose one, then press Next.',
);
const number = 'HM-0007-2026-000312';

const fault = (
  device: Extract<Page, { screen: 'fault' }>['device'],
  kind: Extract<Page, { screen: 'fault' }>['kind'],
  canSkip = false,
): Page => ({ screen: 'fault', device, kind, canSkip });

/** Every screen with its variants; the number of a variant is its place here. */
export const samples: Readonly<Record<ScreenName, readonly Sample[]>> = {
  welcome: [
    { view: { screen: 'welcome' }, say: 'say.welcome' },
    { view: { screen: 'welcome' }, say: 'say.welcome', over: { network: 'offline' } },
    { view: { screen: 'welcome' }, say: 'say.welcome.closed', over: { network: 'offline' } },
  ],
  card: [
    { view: { screen: 'card', reader: 'ready', problem: null }, say: 'say.card' },
    { view: { screen: 'card', reader: 'reading', problem: null }, say: 'say.card.reading' },
    { view: { screen: 'card', reader: 'ready', problem: 'removed' }, say: 'say.card.removed' },
    { view: { screen: 'card', reader: 'unavailable', problem: null }, say: 'say.card.unavailable' },
    { view: { screen: 'card', reader: 'ready', problem: 'other-card' }, say: 'say.card.other-card' },
  ],
  consent: [{ view: { screen: 'consent', holder: '林晓梅' }, say: 'say.consent' }],
  verify: [
    { view: { ...verify, phase: 'offer' }, say: 'say.verify.offer' },
    {
      view: { ...verify, phase: 'camera', camera: { kind: 'stills', href: sampleStill } },
      say: 'say.verify.camera',
    },
    { view: { ...verify, phase: 'checking' }, say: 'say.verify.checking' },
    { view: { ...verify, phase: 'person' }, say: 'say.verify.person' },
    {
      view: { ...verify, phase: 'person', problem: 'badge-unknown' },
      say: 'say.verify.badge-unknown',
    },
    { view: { ...verify, phase: 'pin', worker: '何家欢', digits: 3 }, say: 'say.verify.pin' },
    {
      view: { ...verify, phase: 'pin', worker: '何家欢', problem: 'pin-wrong' },
      say: 'say.verify.pin-wrong',
    },
  ],
  home: [
    {
      view: { screen: 'home', holder: '林晓梅', services: [residence, senior, pension, meals], groups },
      say: 'say.home',
    },
    {
      view: { screen: 'home', holder: '欧阳明德', services: [residence], groups: [certificates] },
      say: 'say.home',
    },
    {
      view: { screen: 'home', holder: '欧阳明德', services: [residence, senior], groups: groups.slice(0, 3) },
      say: 'say.home',
      over: { offerElder: true },
    },
    {
      view: { screen: 'home', holder: '欧阳明德', services: [residence], groups: groups.slice(0, 3) },
      say: 'say.home',
      elder: true,
    },
    {
      view: { screen: 'home', holder: '欧阳明德', services: [residence], groups: [certificates] },
      say: 'say.home',
      elder: true,
    },
  ],
  service: [
    {
      view: { screen: 'service', group: certificates, services: [residence, senior, pension] },
      say: 'say.service',
    },
    { view: { screen: 'service', group: certificates, services: [residence] }, say: 'say.service' },
    { view: { screen: 'service', group: certificates, services: [] }, say: 'say.service' },
  ],
  question: [
    { view: { ...question, options: [...question.options] }, say: askPurpose },
    { view: { ...question, options: [...question.options], answer: 'work' }, say: askPurpose },
    {
      view: {
        ...question,
        field: 'copies',
        index: 2,
        title: both('要几份？', 'How many copies?'),
        hint: null,
        options: ['1', '2', '3'].map((value) => ({ value, label: both(`${value} 份`, value) })),
        answer: '1',
      },
      say: both('要几份？选好了请按“下一步”。', 'How many copies? Then press Next.'),
    },
  ],
  check: [
    { view: { screen: 'check', service: residence.title, rows }, say: 'say.check' },
    { view: { screen: 'check', service: residence.title, rows: [...rows, ...moreRows()] }, say: 'say.check' },
  ],
  working: [
    {
      view: {
        screen: 'working',
        steps: [
          { id: 'make', state: 'done' },
          { id: 'certificate', state: 'active' },
          { id: 'receipt', state: 'waiting' },
        ],
      },
      say: 'say.working.certificate',
    },
    {
      view: {
        screen: 'working',
        steps: [
          { id: 'make', state: 'done' },
          { id: 'certificate', state: 'done' },
          { id: 'receipt', state: 'skipped' },
        ],
      },
      say: 'say.working.receipt',
    },
  ],
  collect: [
    {
      view: {
        screen: 'collect',
        items: [
          { kind: 'certificate', state: 'out' },
          { kind: 'receipt', state: 'out' },
        ],
        number,
        code: 'K7Q2-94MD',
        copies: 2,
        cardPresent: true,
      },
      say: 'say.collect',
    },
    {
      view: {
        screen: 'collect',
        items: [
          { kind: 'certificate', state: 'out' },
          { kind: 'receipt', state: 'skipped' },
        ],
        number,
        code: 'K7Q2-94MD',
        copies: 1,
        cardPresent: false,
      },
      say: 'say.collect',
    },
  ],
  rate: [{ view: { screen: 'rate' }, say: 'say.rate' }],
  farewell: [
    { view: { screen: 'farewell', cardPresent: false, outcome: 'completed' }, say: 'say.farewell' },
    { view: { screen: 'farewell', cardPresent: true, outcome: 'completed' }, say: 'say.farewell.card' },
    { view: { screen: 'farewell', cardPresent: false, outcome: 'timed-out' }, say: 'say.farewell' },
  ],
  helper: [
    {
      view: { screen: 'helper', reason: 'asked', reference: null, canReturn: true },
      say: 'say.helper.asked',
    },
    {
      view: { screen: 'helper', reason: 'not-registered', reference: 'F-3 0712', canReturn: false },
      say: 'say.helper.not-registered',
    },
    {
      view: { screen: 'helper', reason: 'outcome-unknown', reference: number, canReturn: false },
      say: 'say.helper.outcome-unknown',
    },
  ],
  fault: [
    { view: fault('certificatePrinter', 'paper-out'), say: 'say.fault.certificatePrinter.paper-out' },
    { view: fault('certificatePrinter', 'paper-jam'), say: 'say.fault.certificatePrinter.paper-jam' },
    { view: fault('certificatePrinter', 'cover-open'), say: 'say.fault.certificatePrinter.cover-open' },
    { view: fault('certificatePrinter', 'output-full'), say: 'say.fault.certificatePrinter.output-full' },
    { view: fault('certificatePrinter', 'unreachable'), say: 'say.fault.certificatePrinter.unreachable' },
    { view: fault('receiptPrinter', 'paper-out', true), say: 'say.fault.receiptPrinter.paper-out' },
    {
      view: fault('receiptPrinter', 'outcome-unknown', true),
      say: 'say.fault.receiptPrinter.outcome-unknown',
    },
    { view: fault('storage', 'broken'), say: 'say.fault.storage.broken' },
  ],
};

/** The warning before the end, over another page. */
export const idleSample: Sample = {
  view: { screen: 'rate' },
  say: 'say.idle',
  over: { idle: { secondsLeft: 23, of: 30 } },
};

/** The sample as a snapshot of the given page number and settings. */
export function snapshotOf(sample: Sample, page: number, settings: Settings): Snapshot {
  const { view } = sample;
  const text = typeof sample.say === 'string' ? both(zh[sample.say], en[sample.say]) : sample.say;
  const beginning = view.screen === 'welcome' || view.screen === 'farewell';
  return {
    page,
    settings: { ...settings, elder: settings.elder || sample.elder === true },
    say: {
      key: typeof sample.say === 'string' ? sample.say : 'sample',
      text,
      clip: { 'zh-CN': null, en: null },
    },
    idle: null,
    network: 'online',
    can: {
      back: !beginning && view.screen !== 'working' && view.screen !== 'collect',
      finish: view.screen !== 'welcome' && view.screen !== 'working',
      help: view.screen !== 'helper',
    },
    offerElder: false,
    community: both('幸福里社区服务中心', 'Xingfuli Community Centre'),
    view,
    ...sample.over,
  };
}
