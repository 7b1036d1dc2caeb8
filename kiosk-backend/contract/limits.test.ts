import { expect, test } from 'vitest';
import { eventBodySchema, residentSchema, staffSchema } from './index.ts';

const resident = {
  id: 'r'.repeat(64),
  idNumber: '9'.repeat(18),
  name: '名'.repeat(60),
  residence: '路'.repeat(200),
  community: '社'.repeat(60),
  residentSince: '2020-01-01',
  status: 'registered',
};
const staff = {
  id: 's'.repeat(64),
  name: '名'.repeat(60),
  role: 'staff',
  badge: 'B'.repeat(64),
  pinSalt: 'A'.repeat(64),
  pinHash: 'A'.repeat(64),
};

test.each([
  ['resident', residentSchema, resident, ['id', 'idNumber', 'name', 'residence', 'community']],
  ['member of staff', staffSchema, staff, ['id', 'name', 'badge', 'pinSalt', 'pinHash']],
] as const)('every text of a %s has an end', (_what, schema, longest, texts) => {
  expect(schema.safeParse(longest).success).toBe(true);
  for (const field of texts) {
    const longer = { ...longest, [field]: `${(longest as Record<string, string>)[field]}A` };
    expect(schema.safeParse(longer).success, field).toBe(false);
  }
});

test('what a registry may send, an event takes', () => {
  const visit = '01890a5d-ac96-774b-bcce-b302099a8057';
  const issued = {
    kind: 'certificate.issued',
    visit,
    number: 'JZ-0001-000001',
    type: 't'.repeat(64),
    holder: { name: resident.name, idNumber: resident.idNumber },
    facts: { residence: resident.residence, community: resident.community },
    issuedAt: '2026-11-22T09:00:00.000Z',
    validUntil: '2026-12-22T09:00:00.000Z',
    statement: 'A',
    verification: { by: 'staff', staff: staff.id },
    offline: true,
  };
  expect(eventBodySchema.safeParse(issued).success).toBe(true);
  expect(eventBodySchema.safeParse({ ...issued, type: 't'.repeat(65) }).success).toBe(false);
  const help = { kind: 'help.requested', visit: null, screen: 's'.repeat(64) };
  expect(eventBodySchema.safeParse(help).success).toBe(true);
  expect(eventBodySchema.safeParse({ ...help, screen: 's'.repeat(65) }).success).toBe(false);
});
