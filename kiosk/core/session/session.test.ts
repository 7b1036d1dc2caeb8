import { join } from 'node:path';
import type { Staff } from '@huimin/backend/contract';
import {
  type CertificatePrinterStatus,
  type CitizenCard,
  type IdCardReader,
  type KeyboardWedgeScanner,
  type ManualClock,
  manualClock,
  ok,
  openCodeScanner,
} from '@huimin/drivers';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Availability, type Intent, type Snapshot, snapshotSchema } from '../../bridge/index.ts';
import { loadCatalogue, type RegistryAnswer } from '../services/index.ts';
import { createSpeaker } from '../speech.ts';
import type { VisitReport } from './context.ts';
import { createSession, type Session, type SessionOptions } from './index.ts';
import type { IssueControl, IssueOutcome } from './issue.ts';

const { catalogue } = loadCatalogue(join(import.meta.dirname, '../../../assets/services'));
const NOON = Date.parse('2026-11-22T04:00:00Z');

const card: CitizenCard = {
  type: 'citizen',
  name: '王桂兰',
  sex: 'female',
  birth: '1948-03-12',
  number: '999901194803120243',
  validFrom: '2019-05-20',
  validTo: null,
  nation: { code: '01', name: '汉' },
  address: '示范省示范市东湖区荷花街道 12 号',
  authority: '示范市公安局东湖分局',
};
const otherCard: CitizenCard = { ...card, name: '李建国', number: '999901197110011152', birth: '1971-10-01' };
const worker: Staff = {
  id: 'zhou',
  name: '周敏',
  role: 'staff',
  badge: 'B-1001-7',
  pinSalt: 'x',
  pinHash: 'x',
};
const registered: RegistryAnswer = {
  source: 'backend',
  asOf: '2026-11-22T04:00:00Z',
  resident: {
    id: 'r',
    idNumber: card.number,
    name: card.name,
    residence: '荷花社区 12 幢',
    community: '荷花社区',
    residentSince: '1986-09-01',
    status: 'registered',
  },
};

/** A hand that lays cards: the driver's interface, moved by the test instead of by bytes (the drivers' own tests do that). */
type Reader = NonNullable<SessionOptions['devices']['idCardReader']>;
function handheldReader(): Reader & {
  lay(card: CitizenCard): void;
  lift(): void;
  fail(reason: string): void;
} {
  type Read = Awaited<ReturnType<IdCardReader['readCard']>>;
  let answerRead: (read: Read) => void = () => undefined;
  let answerRemoval: () => void = () => undefined;
  return {
    status: { device: 'online', media: 'notPresent' },
    onStatus: () => () => undefined,
    readCard: ({ signal } = {}) =>
      new Promise((done) => {
        answerRead = done;
        signal?.addEventListener('abort', () =>
          done({ ok: false, error: { code: 'canceled', reason: 'canceled', detail: '' } }),
        );
      }),
    waitForRemoval: ({ signal } = {}) =>
      new Promise((done) => {
        answerRemoval = () => done(ok(undefined));
        signal?.addEventListener('abort', () => done(ok(undefined)));
      }),
    lay: (laid) =>
      answerRead(ok({ card: laid, photo: new Uint8Array(1024).fill(1), fingerprint: new Uint8Array(0) })),
    lift: () => answerRemoval(),
    fail: (reason) => answerRead({ ok: false, error: { code: 'commandErrorCode', reason, detail: '' } }),
  };
}

const printerOnline: CertificatePrinterStatus = {
  device: 'online',
  paper: 'full',
  cover: 'closed',
  toner: 'full',
  supplies: [],
  trays: [],
  reasons: [],
};

let clock: ManualClock;
let session: Session;
let reader: ReturnType<typeof handheldReader>;
let reports: VisitReport[];
let registry: RegistryAnswer | null;
let finishIssue: (outcome: IssueOutcome) => void;
let control: IssueControl | null;
let setPrinter: (status: CertificatePrinterStatus) => void;
let hasCamera: boolean;
let walkAway: () => void;
let availability: Availability;
let scanner: KeyboardWedgeScanner;

function open(): Session {
  let status = printerOnline;
  let onStatus: (status: CertificatePrinterStatus) => void = () => undefined;
  setPrinter = (next) => {
    status = next;
    onStatus(next);
  };
  const certificatePrinter = {
    get status() {
      return status;
    },
    onStatus: (listener: typeof onStatus) => {
      onStatus = listener;
      return () => undefined;
    },
  };
  return createSession({
    clock,
    idleLimits: { normal: 120, elder: 180, warning: 30 },
    catalogue,
    community: { 'zh-CN': '荷花社区', en: 'Lotus Community' },
    languages: ['zh-CN', 'en'],
    camera: () => (hasCamera ? { kind: 'device', label: 'USB Camera' } : null),
    devices: {
      idCardReader: reader,
      certificatePrinter,
      receiptPrinter: null,
      codeScanner: scanner,
      badgeReader: null,
      presenceSensor: {
        onEvent: (listener) => {
          walkAway = () => listener({ name: 'PersonNotPresent' });
          return () => undefined;
        },
      },
      faceCamera: null,
    },
    ports: {
      newId: () => '00000000-0000-4000-8000-000000000001',
      badge: (code) => (code === worker.badge ? { answer: 'known', worker } : { answer: 'unknown' }),
      checkPin: async (_worker, pin) => (pin === '2580' ? 'right' : 'wrong'),
      checkFace: async () => null,
      lookUp: async () => registry,
      issue: (_input, given) => {
        control = given;
        return new Promise((done) => {
          finishIssue = done;
          given.signal.addEventListener('abort', () => done({ kind: 'stopped' }));
        });
      },
      report: (report) => reports.push(report),
    },
    online: () => true,
    availability: () => availability,
    speak: createSpeaker(() => null),
  });
}

beforeEach(() => {
  clock = manualClock(NOON);
  reader = handheldReader();
  reports = [];
  registry = registered;
  control = null;
  hasCamera = true;
  availability = { state: 'now', reason: null, canBegin: true };
  scanner = openCodeScanner({ protocol: 'keyboard-wedge' });
  session = open();
});

const shown = (): Snapshot['view'] => session.snapshot.view;
async function press(...intents: readonly Intent[]): Promise<void> {
  for (const intent of intents) {
    session.intend(session.snapshot.page, intent);
    await clock.advance(0);
  }
}
async function lay(laid: CitizenCard): Promise<void> {
  reader.lay(laid);
  await clock.advance(0);
}
const pin = (digits: string): Intent[] => [...digits].map((digit) => ({ do: 'digit', digit }));

async function toHome(): Promise<void> {
  await lay(card);
  await press({ do: 'agree' }, { do: 'decline' });
  await scan(worker.badge);
  await press(...pin('2580'), { do: 'confirm' });
  expect(shown().screen).toBe('home');
}
async function toCheck(): Promise<void> {
  await toHome();
  await press(
    { do: 'service', id: 'residence-certificate' },
    { do: 'answer', value: 'bank' },
    { do: 'next' },
  );
  await press({ do: 'next' });
  expect(shown().screen).toBe('check');
}
let scannedAt = 0;
async function scan(code: string): Promise<void> {
  for (const key of [...code, 'Enter']) {
    scannedAt += 8;
    scanner.feed(key, scannedAt);
  }
  await clock.advance(0);
}

describe('from card to paper', () => {
  test('every page of the journey, in order, each a valid snapshot', async () => {
    const screens: string[] = [];
    session.onSnapshot((snapshot) => {
      expect(snapshotSchema.safeParse(snapshot).error).toBeUndefined();
      if (screens.at(-1) !== snapshot.view.screen) screens.push(snapshot.view.screen);
    });
    await press({ do: 'start' });
    await toCheck();
    await press({ do: 'confirm' });
    control?.onStep('certificate');
    control?.onStep('receipt');
    finishIssue({ kind: 'printed', number: 'JZ-0001-000001', code: 'ABCD2345', copies: 1, receipt: 'out' });
    await clock.advance(0);
    expect(shown()).toMatchObject({ screen: 'collect', number: 'JZ-0001-000001', cardPresent: true });
    reader.lift();
    await clock.advance(0);
    await press({ do: 'next' }, { do: 'rate', rating: 5 });
    expect(shown()).toMatchObject({ screen: 'farewell', cardPresent: false, outcome: 'completed' });
    await clock.advance(10_000);
    expect(screens).toEqual([
      ...['card', 'consent', 'verify', 'home', 'question', 'check', 'working', 'collect', 'rate', 'farewell'],
      'welcome',
    ]);
    expect(reports.map((report) => report.kind)).toEqual(['rated', 'finished']);
    expect(reports.at(-1)?.context).toMatchObject({
      outcome: 'completed',
      consent: true,
      verification: { by: 'staff', staff: 'zhou' },
    });
  });

  test('after the visit nothing personal is left, and the settings are those of a new visit', async () => {
    await press({ do: 'language', language: 'en' }, { do: 'contrast' }, { do: 'elder-mode' });
    await toCheck();
    await press({ do: 'finish' });
    await clock.advance(10_000);
    expect(JSON.stringify(session.snapshot)).not.toMatch(/王|999901|荷花社区 12/);
    expect(session.snapshot.settings).toEqual({
      language: 'zh-CN',
      textSize: 0,
      contrast: 'normal',
      elder: false,
    });
  });

  test('a card that stays on the reader does not start the next visit', async () => {
    await toHome();
    await press({ do: 'finish' });
    expect(shown()).toMatchObject({ screen: 'farewell', cardPresent: true });
    await clock.advance(10_000);
    expect(shown().screen).toBe('welcome');
  });
});

describe('the screen has no authority', () => {
  test('a double press, late for the page it was meant for, does nothing', async () => {
    await lay(card);
    const { page } = session.snapshot;
    session.intend(page, { do: 'agree' });
    session.intend(page, { do: 'agree' });
    await clock.advance(0);
    expect(shown()).toMatchObject({ screen: 'verify', phase: 'offer' });
  });

  test('no intent whatever leads past verification', async () => {
    await lay(card);
    await press({ do: 'agree' });
    const intents: Intent[] = [
      { do: 'confirm' },
      { do: 'next' },
      { do: 'service', id: 'residence-certificate' },
      { do: 'group', id: 'certificates' },
      { do: 'answer', value: 'bank' },
      { do: 'skip' },
      { do: 'rate', rating: 5 },
      { do: 'frame', jpeg: 'AAAA' },
      ...pin('2580'),
      { do: 'confirm' },
    ];
    for (const intent of intents) await press(intent);
    expect(shown().screen).toBe('verify');
  });

  test('a service that does not exist and an answer that is none are not taken', async () => {
    await toHome();
    await press({ do: 'service', id: 'no-such-service' });
    expect(shown().screen).toBe('home');
    await press({ do: 'service', id: 'residence-certificate' }, { do: 'answer', value: 'no-such-answer' });
    expect(shown()).toMatchObject({ screen: 'question', answer: null });
    await press({ do: 'next' });
    expect(shown()).toMatchObject({ screen: 'question', field: 'purpose' });
  });
});

describe('verification', () => {
  test('a frame never ends in a match: a person is asked', async () => {
    await lay(card);
    await press({ do: 'agree' }, { do: 'agree' });
    expect(shown()).toMatchObject({ screen: 'verify', phase: 'camera', camera: { kind: 'device' } });
    await press({ do: 'frame', jpeg: 'AAAA' });
    expect(shown()).toMatchObject({ screen: 'verify', phase: 'person' });
  });

  test('a kiosk without a camera asks a person at once', async () => {
    await session.close();
    hasCamera = false;
    session = open();
    await lay(card);
    await press({ do: 'agree' });
    expect(shown()).toMatchObject({ screen: 'verify', phase: 'person' });
  });

  test('an unknown badge and a wrong PIN are told, and tried again', async () => {
    await lay(card);
    await press({ do: 'agree' });
    await scan('B-unknown');
    expect(shown()).toMatchObject({ phase: 'person', problem: 'badge-unknown' });
    await scan(worker.badge);
    await press(...pin('1111'), { do: 'confirm' });
    expect(shown()).toMatchObject({ phase: 'pin', problem: 'pin-wrong', digits: 0, worker: '周敏' });
    await press(...pin('2580'), { do: 'confirm' });
    expect(shown().screen).toBe('home');
  });
});

describe('questions', () => {
  test('change returns to the check, back and help lose nothing', async () => {
    await toCheck();
    await press({ do: 'change', field: 'purpose' }, { do: 'answer', value: 'school' }, { do: 'next' });
    expect(shown().screen).toBe('check');
    await press({ do: 'help' });
    expect(shown()).toMatchObject({ screen: 'helper', reason: 'asked', canReturn: true });
    await press({ do: 'back' });
    expect(JSON.stringify(shown())).toContain('孩子上学');
    await press({ do: 'back' }, { do: 'back' });
    expect(shown()).toMatchObject({ screen: 'question', field: 'purpose', answer: 'school' });
  });

  test('someone the registry does not know meets a person, not a refusal', async () => {
    registry = { ...registered, resident: null };
    await toHome();
    await press({ do: 'service', id: 'residence-certificate' });
    expect(shown()).toMatchObject({ screen: 'helper', reason: 'not-registered', canReturn: true });
  });
});

describe('one visit and the next', () => {
  const toQuestion = async (): Promise<void> => {
    await toHome();
    await press({ do: 'service', id: 'residence-certificate' });
  };
  const ways: [string, () => Promise<void>][] = [
    ['consent', () => lay(card)],
    ['home', toHome],
    ['question', toQuestion],
    ['check', toCheck],
  ];
  test.each(ways)('left at %s: the next person who asks for help finds nothing of it', async (_place, go) => {
    await go();
    await press({ do: 'finish' });
    reader.lift();
    await clock.advance(10_000);
    await press({ do: 'help' });
    expect(shown().screen).toBe('helper');
    await press({ do: 'back' });
    expect(shown()).toMatchObject({ screen: 'card', problem: null });
    expect(JSON.stringify(session.snapshot)).not.toMatch(/王|9999/);
  });

  test('how one visit ended is not how the next one does', async () => {
    await toCheck();
    await press({ do: 'confirm' });
    finishIssue({ kind: 'printed', number: 'JZ-0001-000001', code: 'ABCD2345', copies: 1, receipt: 'out' });
    await clock.advance(0);
    await press({ do: 'next' }, { do: 'skip' });
    reader.lift();
    await clock.advance(10_000);
    await lay(otherCard);
    await press({ do: 'back' });
    expect(shown()).toMatchObject({ screen: 'farewell', outcome: 'left' });
    expect(reports.at(-1)).toMatchObject({ kind: 'finished', context: { outcome: 'left', service: null } });
  });

  test.each(['collect', 'rate'])("at %s the next resident's card begins the next visit", async (page) => {
    await toCheck();
    await press({ do: 'text-size' }, { do: 'confirm' });
    finishIssue({ kind: 'printed', number: 'JZ-0001-000001', code: 'ABCD2345', copies: 1, receipt: 'out' });
    await clock.advance(0);
    if (page === 'rate') await press({ do: 'next' });
    expect(shown().screen).toBe(page);
    reader.lift();
    await clock.advance(700);
    await lay(card);
    expect(shown().screen).toBe(page);
    reader.lift();
    await clock.advance(700);
    await lay(otherCard);
    expect(shown()).toMatchObject({ screen: 'consent', holder: '李**' });
    expect(session.snapshot.settings.textSize).toBe(0);
    expect(JSON.stringify(session.snapshot)).not.toMatch(/王|JZ-0001/);
    expect(reports.at(-1)).toMatchObject({ kind: 'finished', context: { outcome: 'completed' } });
  });

  test('a card left behind has to be lifted before it begins a visit, and the page says so', async () => {
    await toHome();
    await press({ do: 'finish' });
    await clock.advance(10_000);
    await press({ do: 'start' });
    expect(shown()).toMatchObject({ screen: 'card', problem: 'lift-first' });
    reader.lift();
    await clock.advance(700);
    expect(shown()).toMatchObject({ screen: 'card', problem: null });
    await lay(card);
    expect(shown().screen).toBe('consent');
  });

  test("another person's card, laid too early, covers only the visit it disturbs", async () => {
    await toHome();
    reader.lift();
    await clock.advance(700);
    await lay(otherCard);
    await press({ do: 'finish' });
    await clock.advance(10_000);
    await press({ do: 'start' });
    expect(shown()).toMatchObject({ screen: 'card', problem: 'lift-first' });
  });
});

test('a kiosk at which nothing can be begun says so on the first page', () => {
  const said = () => session.snapshot.say.text['zh-CN'];
  const inviting = said();
  availability = { state: 'later', reason: 'endorsement', canBegin: false };
  session.refresh();
  expect(said()).not.toBe(inviting);
  expect(said()).toContain('现在办不了');
  availability = { state: 'later', reason: 'paper', canBegin: true };
  session.refresh();
  expect(said()).toBe(inviting);
});

describe('faults and cards', () => {
  test('a fault while printing is a page of its own, and gone when mended', async () => {
    await toCheck();
    await press({ do: 'confirm' });
    control?.onStep('certificate');
    setPrinter({ ...printerOnline, device: 'userError', paper: 'out' });
    expect(shown()).toMatchObject({ screen: 'fault', device: 'certificatePrinter', kind: 'paper-out' });
    setPrinter(printerOnline);
    expect(shown().screen).toBe('working');
  });

  test('nobody there during a fault: the job is ended and the visit wiped', async () => {
    await toCheck();
    await press({ do: 'confirm' });
    control?.onStep('certificate');
    setPrinter({ ...printerOnline, device: 'hardwareError', paper: 'jammed' });
    await clock.advance(151_000);
    expect(shown()).toMatchObject({ screen: 'farewell', outcome: 'faulted' });
  });

  test('while paper moves nothing ends or skips it', async () => {
    await toCheck();
    await press({ do: 'confirm' });
    control?.onStep('certificate');
    await press({ do: 'finish' }, { do: 'skip' }, { do: 'back' });
    expect(shown().screen).toBe('working');
    expect([control?.signal.aborted, control?.skipReceipt.aborted]).toEqual([false, false]);
  });

  test('help first, card afterwards: the visit goes on', async () => {
    await press({ do: 'help' });
    expect(shown().screen).toBe('helper');
    await lay(card);
    expect(shown().screen).toBe('consent');
  });

  test('an unknown outcome asks a person and cannot go back', async () => {
    await toCheck();
    await press({ do: 'confirm' });
    finishIssue({ kind: 'unknown', number: 'JZ-0001-000001' });
    await clock.advance(0);
    expect(shown()).toMatchObject({ screen: 'helper', reason: 'outcome-unknown', canReturn: false });
    await press({ do: 'back' });
    expect(shown().screen).toBe('helper');
  });

  test("another card in the middle of a visit sees nothing of it, and the first card's visit goes on", async () => {
    await toHome();
    reader.lift();
    await clock.advance(700);
    await lay(otherCard);
    expect(shown()).toMatchObject({ screen: 'card', problem: 'other-card' });
    await press({ do: 'service', id: 'residence-certificate' });
    expect(shown()).toMatchObject({ screen: 'card', problem: 'other-card' });
    reader.lift();
    await clock.advance(700);
    expect(shown().screen).toBe('home');
  });

  test('a card lifted too soon is told in plain words', async () => {
    await press({ do: 'start' });
    reader.fail('card-removed');
    await clock.advance(0);
    expect(shown()).toMatchObject({ screen: 'card', problem: 'removed' });
  });

  test('an expired card is for a person', async () => {
    await lay({ ...card, validTo: '2020-01-01' });
    expect(shown()).toMatchObject({ screen: 'card', problem: 'expired' });
  });
});

describe('nobody there', () => {
  test('a warning after 120 s, any touch goes on, ten times and more', async () => {
    await toHome();
    for (let times = 0; times < 12; times++) {
      await clock.advance(125_000);
      expect(session.snapshot.idle).not.toBeNull();
      expect(session.snapshot.say.key).toBe('say.idle');
      session.touch();
      expect(session.snapshot.idle).toBeNull();
    }
    await clock.advance(151_000);
    expect(shown()).toMatchObject({ screen: 'farewell', outcome: 'timed-out' });
  });

  test('elder mode waits 180 s', async () => {
    await toHome();
    await press({ do: 'elder-mode' });
    await clock.advance(179_000);
    expect(session.snapshot.idle).toBeNull();
    await clock.advance(2000);
    expect(session.snapshot.idle).not.toBeNull();
  });

  test('whoever has walked away is warned at once, and comes back by a touch', async () => {
    await toHome();
    walkAway();
    expect(session.snapshot.idle).toMatchObject({ secondsLeft: 30 });
    await clock.advance(5000);
    walkAway();
    expect(session.snapshot.idle).toMatchObject({ secondsLeft: 25 });
    session.touch();
    expect(session.snapshot.idle).toBeNull();
    await clock.advance(119_000);
    expect(session.snapshot.idle).toBeNull();
    walkAway();
    await clock.advance(31_000);
    expect(shown()).toMatchObject({ screen: 'farewell', outcome: 'timed-out' });
  });

  test('nobody is warned on the first page, nor while paper is made', async () => {
    walkAway();
    expect(session.snapshot.idle).toBeNull();
    await toCheck();
    await press({ do: 'confirm' });
    walkAway();
    expect(session.snapshot.idle).toBeNull();
    expect(shown().screen).toBe('working');
  });

  test('the welcome page never warns, but forgets settings', async () => {
    await press({ do: 'language', language: 'en' });
    await clock.advance(200_000);
    expect(shown().screen).toBe('welcome');
    expect(session.snapshot.settings.language).toBe('zh-CN');
    await clock.advance(600_000);
    expect(session.snapshot.idle).toBeNull();
  });
});
