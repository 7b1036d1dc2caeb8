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
import { identityKey, isSignedWith, keepRawBodies, requireCaller, signedClaim } from './signed-requests.ts';

export { type BackendAddress, noteAddress, notedAddress } from './address.ts';
export { newEnrolmentCode } from './codes.ts';
export {
  type Contact,
  type HeldKiosk,
  holdKiosks,
  kioskRevoked,
  nonceUsed,
  recordContacts,
} from './contact.ts';
export { type FleetOptions, registerKiosk } from './enrolment.ts';
export { type Block, blocksOf, isInBlocks } from './numbers.ts';
export { distrustedSince, type KioskRevoked, revokedKeysOf, revokeKiosk } from './revocation.ts';
export {
  type Caller,
  identityKey,
  requireCaller,
  requireContact,
  signedRequests,
} from './signed-requests.ts';
export { readTelemetry, telemetryRoutes } from './telemetry.ts';

/** Enrolment: the one kiosk request that is signed with a key nobody knows yet, since it brings it. */
export const enrolRoutes: FastifyPluginAsyncZod<FleetOptions> = async (app, options) => {
  keepRawBodies(app);
  app.post(
    kioskPaths.enrol,
    {
      config: { rateLimit: { max: options.enrolmentsAMinute ?? 60, timeWindow: '1 minute' } },
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
      const claim = signedClaim(request);
      if (claim.kiosk !== request.body.kiosk || !isSignedWith(request.body.identityKey, request, claim)) {
        throw new Refusal(
          401,
          'unauthorised',
          'not-own-key',
          'The request is not signed with the identityKey that it brings.',
        );
      }
      return enrol(options, request.body, claim);
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
