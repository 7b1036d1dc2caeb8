import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  errorResponseSchema,
  inboxResponseSchema,
  kioskPaths,
  type Resident,
  residentRequestSchema,
  residentResponseSchema,
} from '../contract/index.ts';
import { requireCaller } from '../fleet/index.ts';
import type { Storage, Tables } from '../storage/index.ts';

export { seedDemo } from './demo.ts';

export interface RegistryOptions {
  readonly db: Storage;
  readonly now: () => Date;
}

/** What the registry tells kiosks; register it within `signedRequests`. */
export const registryRoutes: FastifyPluginAsyncZod<RegistryOptions> = async (app, { db, now }) => {
  app.post(
    kioskPaths.inbox,
    {
      schema: {
        tags: ['kiosk'],
        summary: "Residents of the kiosk's community, and the staff's badges",
        body: z.object({}),
        response: { 200: inboxResponseSchema, '4xx': errorResponseSchema, '5xx': errorResponseSchema },
      },
    },
    async (request) => {
      const asOf = now().toISOString(); // before reading: what is told is at least as new as it says
      const residents = await db
        .selectFrom('residents')
        .selectAll()
        .where('community', '=', requireCaller(request).community)
        .orderBy('id')
        .execute();
      const staff = await db.selectFrom('staff').selectAll().orderBy('id').execute();
      return {
        residents: residents.map(toResident),
        staff: staff.map(({ id, name, role, badge, pin_salt, pin_hash }) => ({
          id,
          name,
          role,
          badge,
          pinSalt: pin_salt,
          pinHash: pin_hash,
        })),
        asOf,
      };
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
      const asOf = now().toISOString();
      const { idNumber } = request.body;
      if (!/^[0-9A-Z]+$/.test(idNumber)) return { resident: null, asOf };
      const row = await db
        .selectFrom('residents')
        .selectAll()
        .where('id_number', '=', idNumber)
        .executeTakeFirst();
      return { resident: row ? toResident(row) : null, asOf };
    },
  );
};

const toResident = (row: Tables['residents']): Resident => ({
  id: row.id,
  idNumber: row.id_number,
  name: row.name,
  residence: row.residence,
  community: row.community,
  residentSince: row.resident_since,
  status: row.status,
});
