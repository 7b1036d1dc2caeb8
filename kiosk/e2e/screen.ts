import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { home } from './process.ts';

const CHROMIUM = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'];
export const chromiumPath = CHROMIUM.find((path) => path !== undefined && existsSync(path)) ?? null;
export const noBrowser = 'no Chromium is installed on this machine';
if (chromiumPath === null) console.warn(`journeys are skipped: ${noBrowser}`);

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-quic',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });

const shots = join(home, 'test-output/journey');

/** The kiosk's screen as a resident meets it. */
export function residentAt(page: Page) {
  const at = (screen: string, timeout = 30_000) =>
    page.waitForSelector(`[data-screen="${screen}"]`, { timeout });
  const press = (action: string) => page.locator(`[data-action="${action}"]`).first().click();
  return {
    page,
    at,
    press,
    shot: async (name: string) => {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${name}.png`) });
    },
    screen: () => page.locator('[data-screen]').first().getAttribute('data-screen'),
  };
}
export type Resident = ReturnType<typeof residentAt>;

/** What people lay down; on the bench or on real ports. */
export interface Hands {
  card(person: string | null): Promise<unknown>;
  badge(person: string): Promise<unknown>;
  people(): Promise<
    readonly { readonly id: string; readonly role: string; readonly pin?: string | undefined }[]
  >;
}

export interface JourneyOptions {
  readonly person?: string;
  readonly purpose?: string;
  readonly copies?: string;
  /** False for a kiosk without one: nothing is offered then, a person is asked at once. */
  readonly camera?: boolean;
  /** Called on each page, e.g. for a picture. */
  readonly onPage?: (name: string) => Promise<void>;
}

/** Card, consent, verification, question, check: up to the moment before printing. */
export async function walkToCheck(
  resident: Resident,
  hands: Hands,
  options: JourneyOptions = {},
): Promise<void> {
  const { person = 'wang-guilan', purpose = 'bank', copies = '1', camera = true } = options;
  const { onPage = async () => undefined } = options;
  const { at, press, page } = resident;
  await at('welcome');
  await onPage('welcome');
  await press('start');
  await at('card');
  await onPage('card');
  await hands.card(person);
  await at('consent');
  await onPage('consent');
  await press('agree');
  await at('verify');
  if (camera) {
    await onPage('verify-offer');
    await press('decline');
  }
  await page.waitForSelector('[data-say="say.verify.person"]');
  await onPage('verify-person');
  const staff = (await hands.people()).find((each) => each.role === 'staff');
  if (staff?.pin === undefined) throw new Error('there are no staff with a PIN');
  await hands.badge(staff.id);
  await page.waitForSelector('[data-say="say.verify.pin"]');
  for (const digit of staff.pin) await press(`digit:${digit}`);
  await onPage('verify-pin');
  await press('confirm');
  await at('home');
  await onPage('home');
  await press('service:residence-certificate');
  await at('question');
  await press(`answer:${purpose}`);
  await onPage('question');
  await press('next');
  await page.waitForSelector('[data-action="answer:1"]');
  await press(`answer:${copies}`);
  await onPage('question-copies');
  await press('next');
  await at('check');
  await onPage('check');
}
