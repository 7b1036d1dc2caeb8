import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import {
  endorsementSchema,
  endorseRequestSchema,
  enrolRequestSchema,
  errorResponseSchema,
  kioskPaths,
} from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import { endorse, enrol, type FleetOptions } from './enrolment.ts';
import { identityKey, requireCaller } from './signed-requests.ts';

export { newEnrolmentCode } from './codes.ts';
export type { FleetOptions } from './enrolment.ts';
export { type Block, blocksOf, isInBlocks } from './numbers.ts';
export { type Caller, requireCaller, signedRequests } from './signed-requests.ts';

/** Enrolment: the one kiosk request that is not signed, since it brings the key. */
export const enrolRoutes: FastifyPluginAsyncZod<FleetOptions> = async (app, options) => {
  app.post(
    kioskPaths.enrol,
    {
      config: { rateLimit: { max: 60, timeWindow: '1 minute' } },
      schema: {
        tags: ['kiosk'],
        summary: 'A kiosk introduces itself with a one-time code',
        body: enrolRequestSchema,
        response: { 200: endorsementSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => {
      if (!identityKey(request.body.identityKey)) {
        throw new Refusal(400, 'rejected', 'bad-identity-key', 'identityKey is not an Ed25519 public key.');
      }
      return enrol(options, request.body);
    },
  );
};

/** Endorsement, signed: register it within `signedRequests`. */
export const endorseRoutes: FastifyPluginAsyncZod<FleetOptions> = async (app, options) => {
  app.post(
    kioskPaths.endorse,
    {
      schema: {
        tags: ['kiosk'],
        summary: "Renews a kiosk's certificate; gives more numbers",
        body: endorseRequestSchema,
        response: { 200: endorsementSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => endorse(options, requireCaller(request), request.body),
  );
};
