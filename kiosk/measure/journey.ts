import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Intent, Page } from '../bridge/index.ts';
import { type BenchClient, benchAt } from '../e2e/bench-client.ts';
import { home, startBackend, startCore } from '../e2e/process.ts';
import { type BridgeClient, connectScreen, shows, verifies } from './bridge-client.ts';
import type { Room } from './room.ts';
import { compare, type Figure } from './stats.ts';

const RUNS = 5;
const READER_POLL_MS = 300;
const RESIDENT = 'wang-guilan';

/** What the machine may take, 95 times in a hundred, milliseconds: the certificate journey's budget by step. */
const BUDGET = {
  wake: 500,
  card: 2000,
  consentVerify: 3000,
  choose: 300,
  questions: 300,
  check: 300,
  print: 10_000,
  clear: 1000,
} as const;
type Step = keyof typeof BUDGET;

/** Moments within a step that have its budget too; the first page counts from the confirmation. */
const WITHIN = { pinToHome: 'consentVerify', firstPageOut: 'print' } as const;
type Times = Record<Step | keyof typeof WITHIN, number>;

/**
 * The machine's part of the main job, by step: backend and core in their own processes, simulated devices on their
 * real ports, a screen that presses the next button at once. Drawing the page is not in it. The simulated printers
 * take as long as printers do.
 */
export async function measureJourney({
  folder,
  say,
  onInterrupt,
}: Room): Promise<{ readonly steps: Record<string, Figure>; readonly total: Figure }> {
  await buildScreen();
  const backend = await startBackend(join(folder, 'backend'));
  onInterrupt(backend.stop);
  try {
    const core = await startCore({ data: join(folder, 'kiosk'), backend: backend.url });
    onInterrupt(core.stop);
    try {
      const screen = await connectScreen(core.url);
      const bench = benchAt(core.url);
      const staff = (await bench.people()).find((person) => person.role === 'staff');
      if (staff?.pin === undefined) throw new Error('the bench has no staff with a PIN');
      await kioskIsReady(screen, bench, staff.id);
      const runs: Times[] = [];
      for (let run = 1; run <= RUNS; run++) {
        // People come at any moment of the reader's polling.
        await new Promise((done) => setTimeout(done, (run / RUNS) * READER_POLL_MS));
        runs.push(await visit(core.url, screen, bench, { id: staff.id, pin: staff.pin }));
        say(`journey ${run} of ${RUNS}`);
      }
      screen.close();
      return figuresOf(runs);
    } finally {
      await core.stop();
    }
  } finally {
    await backend.stop();
  }
}

function figuresOf(runs: readonly Times[]): { steps: Record<string, Figure>; total: Figure } {
  const against = (samples: readonly number[], budget: number): Figure =>
    compare(samples, { what: 'the budget (P95)', ms: budget });
  const steps = Object.keys(BUDGET) as Step[];
  const moments = Object.keys(WITHIN) as (keyof typeof WITHIN)[];
  const figures = [
    ...steps.map((step) => [step, BUDGET[step]] as const),
    ...moments.map((moment) => [moment, BUDGET[WITHIN[moment]]] as const),
  ].map(([name, budget]) => [
    name,
    against(
      runs.map((times) => times[name]),
      budget,
    ),
  ]);
  const sum = (times: Record<Step, number>): number => steps.reduce((all, step) => all + times[step], 0);
  return { steps: Object.fromEntries(figures), total: against(runs.map(sum), sum(BUDGET)) };
}

/** The core serves the built page, whose cookie opens the bridge. */
async function buildScreen(): Promise<void> {
  if (existsSync(join(home, 'kiosk/dist/screen/index.html'))) return;
  const args = [join(home, 'tools/build.ts'), 'screen'];
  const build = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(build, 'exit');
  if (code !== 0) throw new Error('the screen could not be built');
}

/** Enrolled, online, and with its staff known: the badge is tried in a visit of nobody until it is. */
async function kioskIsReady(screen: BridgeClient, bench: BenchClient, badge: string): Promise<void> {
  await screen.until(({ network, view }) => network === 'online' && view.screen === 'welcome');
  await bench.card(RESIDENT);
  await screen.until(shows('consent'));
  await press(screen, { do: 'agree' }, verifies('offer'));
  await press(screen, { do: 'decline' }, verifies('person'));
  while (!verifies('pin')(screen.snapshot)) {
    await bench.badge(badge);
    await new Promise((done) => setTimeout(done, 200));
  }
  await bench.card(null);
  await press(screen, { do: 'finish' }, ({ view }) => view.screen === 'farewell' && !view.cardPresent);
  await press(screen, { do: 'finish' }, shows('welcome'));
}

/** Presses and waits for what comes of it; milliseconds. */
const press = (
  screen: BridgeClient,
  intent: Intent,
  satisfied: Parameters<BridgeClient['until']>[0],
): Promise<number> => timed(screen, () => screen.intend(intent), satisfied);

async function timed(
  screen: BridgeClient,
  act: () => unknown,
  satisfied: Parameters<BridgeClient['until']>[0],
): Promise<number> {
  const from = performance.now();
  const [, at] = await Promise.all([act(), screen.until(satisfied)]);
  return at - from;
}

const traysSchema = z.array(z.object({ kind: z.string(), at: z.iso.datetime() }));

/** When the newest certificate fell into the tray, milliseconds since the epoch. */
async function lastCertificateAt(core: string): Promise<number> {
  const papers = traysSchema.parse(await (await fetch(new URL('/bench/api/trays', core))).json());
  const sheet = papers.findLast(({ kind }) => kind === 'certificate');
  if (sheet === undefined) throw new Error('no certificate lies in the tray');
  return Date.parse(sheet.at);
}

/** One visit from welcome to welcome, with nobody to wait for. */
async function visit(
  core: string,
  screen: BridgeClient,
  bench: BenchClient,
  staff: { readonly id: string; readonly pin: string },
): Promise<Times> {
  const wake = await press(screen, { do: 'start' }, shows('card'));
  const card = await timed(screen, () => bench.card(RESIDENT), shows('consent'));

  let verify = await press(screen, { do: 'agree' }, verifies('offer'));
  verify += await press(screen, { do: 'decline' }, verifies('person'));
  verify += await timed(screen, () => bench.badge(staff.id), verifies('pin'));
  for (const [index, digit] of [...staff.pin].entries()) {
    const typed = index + 1;
    verify += await press(
      screen,
      { do: 'digit', digit },
      ({ view }) => view.screen === 'verify' && view.digits === typed,
    );
  }
  const pinToHome = await press(screen, { do: 'confirm' }, shows('home'));

  const asks =
    (field: string, answer?: string) =>
    ({ view }: { readonly view: Page }): boolean =>
      view.screen === 'question' && view.field === field && (answer === undefined || view.answer === answer);
  const choose = await press(screen, { do: 'service', id: 'residence-certificate' }, asks('purpose'));
  let questions = await press(screen, { do: 'answer', value: 'bank' }, asks('purpose', 'bank'));
  questions += await press(screen, { do: 'next' }, asks('copies'));
  questions += await press(screen, { do: 'answer', value: '1' }, asks('copies', '1'));
  questions += await press(screen, { do: 'next' }, shows('check'));

  const confirmedAt = Date.now();
  const check = await press(screen, { do: 'confirm' }, shows('working'));
  const print = await timed(screen, () => undefined, shows('collect'));
  const sheetAt = await lastCertificateAt(core);

  // Taking card and paper is the resident's part.
  await bench.card(null);
  await screen.until(({ view }) => view.screen === 'collect' && !view.cardPresent);
  let clear = await press(screen, { do: 'next' }, shows('rate'));
  clear += await press(screen, { do: 'rate', rating: 5 }, shows('farewell'));
  await press(screen, { do: 'finish' }, shows('welcome'));
  return {
    wake,
    card,
    consentVerify: verify + pinToHome,
    pinToHome,
    choose,
    questions,
    check,
    print,
    firstPageOut: sheetAt - confirmedAt,
    clear,
  };
}
