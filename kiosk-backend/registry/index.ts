import { hash } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { startRecorder } from '../audit/index.ts';
import type { Authority } from '../authority/index.ts';
import {
  canonicalJson,
  errorResponseSchema,
  firstInboxResponseSchema,
  inboxRequestSchema,
  inboxResponseSchema,
  kioskPaths,
  residentRequestSchema,
  residentResponseSchema,
} from '../contract/index.ts';
import { Refusal } from '../errors.ts';
import { requireCaller } from '../fleet/index.ts';
import type { Storage } from '../storage/index.ts';
import { faultOf, signedResidents, toResident } from './bundles.ts';
import { fitStaff } from './staff.ts';

export { seedDemo } from './demo.ts';
export { leftOutSchema, readLeftOut } from './left-out.ts';

export interface RegistryOptions {
  readonly db: Storage;
  readonly authority: Authority;
  readonly now: () => Date;
}

const inboxAnswerSchema = z.union([inboxResponseSchema, firstInboxResponseSchema]);

/** What the registry tells kiosks; register it within `signedRequests`. */
export const registryRoutes: FastifyPluginAsyncZod<RegistryOptions> = async (app, options) => {
  const { db, now } = options;
  const recorder = startRecorder(db);
  app.post(
    kioskPaths.inbox,
    {
      schema: {
        tags: ['kiosk'],
        summary: "Residents of the kiosk's community, each signed, and the staff's badges",
        body: inboxRequestSchema,
        response: { 200: inboxAnswerSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => {
      const at = now();
      const asOf = at.toISOString(); // before reading: what is told is at least as new as it says
      const { id: kiosk, community } = requireCaller(request);
      const { bundles, faults } = await signedResidents(options, community, at);
      if (faults.length > 0) tellOfFaults(request.log, community, faults);
      const { staff } = await fitStaff(db);
      const signatures = bundles.map(({ signature }) => signature);
      const digest = hash('sha256', canonicalJson({ signatures, staff }), 'base64url');
      const { have } = request.body;
      if (digest === have) return { state: 'unchanged' as const, asOf };
      const detail = { community, residents: bundles.length, digest };
      await recorder.record({ at, actor: { kiosk }, action: 'inbox.delivered', detail });
      if (have === undefined)
        return { residents: bundles.map(({ resident }) => resident), staff: [...staff], asOf };
      return { state: 'whole' as const, residents: [...bundles], staff: [...staff], digest, asOf };
    },
  );

  app.post(
    kioskPaths.resident,
    {
      schema: {
        tags: ['kiosk'],
        summary: 'One resident, of any community, by the number on the card',
        body: residentRequestSchema,
        response: { 200: residentResponseSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => {
      const at = now();
      const asOf = at.toISOString();
      const { idNumber } = request.body;
      if (!/^[0-9A-Z]+$/.test(idNumber)) return { resident: null, asOf };
      const actor = { kiosk: requireCaller(request).id };
      await recorder.record({ at, actor, action: 'resident.looked-up', idNumber });
      const row = await db
        .selectFrom('residents')
        .selectAll()
        .where('id_number', '=', idNumber)
        .executeTakeFirst();
      if (!row) return { resident: null, asOf };
      const resident = toResident(row);
      // To say that nobody is registered would be wrong: the kiosk asks a person.
      if (faultOf(resident) !== null)
        throw new Refusal(409, 'rejected', 'unfit-record', 'This record cannot be told; the operator knows.');
      return { resident, asOf };
    },
  );
};

/** Once for each change of a row, for the operator: which fields of how many rows, and nobody's name. */
function tellOfFaults(log: FastifyBaseLogger, community: string, faults: readonly string[]): void {
  for (const fields of new Set(faults)) {
    const rows = faults.filter((each) => each === fields).length;
    log.warn({ community, fields, rows }, 'residents are left out: their rows do not fit the contract');
  }
}
