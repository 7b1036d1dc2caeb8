import type { Page, ScreenName } from '../../bridge/index.ts';

/** What the core says about the page of that name. */
export type ViewOf<Name extends ScreenName> = Extract<Page, { screen: Name }>;
