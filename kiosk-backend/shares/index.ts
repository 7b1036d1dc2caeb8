import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  errorResponseSchema,
  kioskPaths,
  sharesRequestSchema,
  sharesResponseSchema,
} from '../contract/index.ts';
import { requireCaller } from '../fleet/index.ts';
import type { Storage } from '../storage/index.ts';
import { answerShares } from './grants.ts';

export { checkShares, type PotState, readNotes, readPots } from './check.ts';
export { addResource, type Definition, NotPossible, parseDefinition, writeOff } from './define.ts';
export { applyShareEvent, type EffectPlace, turnout } from './effects.ts';
export { answerShares } from './grants.ts';
export { holdCommunitiesOf, holderOf } from './pots.ts';
export { awaitAll, awaited } from './restored.ts';

/**
 * What several kiosks of one community share, so that nothing is given out twice, with or without a network: escrow.
 *
 * Of every pot (a quota's period, a slot, a vote's cell of residents) the backend keeps a pool, and kiosks hold leases:
 * units they may give out without asking anybody. A unit is always in exactly one place: in the pool, in one lease, or
 * claimed. A kiosk takes it from its lease in the same commit of its journal that makes the claim, and gives units back
 * in an event of the same journal, which arrives after the claims before it. Answers state what a lease was ever
 * granted, so that one that was lost is made up for by the next, and one that comes twice says nothing new.
 *
 * A lease has no end. One that ended by a clock would need the kiosk to stop first, and it cannot know when that is:
 * its wall clock may be wrong by years, the clock that never jumps begins anew with each start, and a kiosk that was off
 * cannot tell for how long. Whoever waits it out at the backend waits for nothing, too: what a kiosk gave out offline may
 * be reported months later, and is then owed. So units come back when the kiosk says so, or when a person says that it
 * never will (`shares write-off`), and whoever says that answers for what was given out and not reported.
 *
 * A kiosk names its leases by a book, made anew when its journal may have forgotten something: what the old book holds
 * stays out until a person writes it off. A copy of a kiosk's disk holds the same units as the original and nobody can
 * tell while both are offline; when they report, the second one's claims are refused and shown.
 */
export interface SharesOptions {
  readonly db: Storage;
  readonly now: () => Date;
}

/** Thousands of slots, each with its balance. */
const BODY_LIMIT = 2 * 1024 * 1024;

/** Register it within `signedRequests`. */
export const sharesRoutes: FastifyPluginAsyncZod<SharesOptions> = async (app, { db, now }) => {
  app.post(
    kioskPaths.shares,
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        tags: ['kiosk'],
        summary: 'What a kiosk has of quotas, slots and votes, and what it gets of them',
        body: sharesRequestSchema,
        response: { 200: sharesResponseSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => answerShares(db, requireCaller(request), request.body, now()),
  );
};
