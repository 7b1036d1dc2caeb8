import { join } from 'node:path';
import type { CertificatePrinterStatus } from '@huimin/drivers';
import { expect, test } from 'vitest';
import { availabilityOf, type Conditions } from './availability.ts';
import { loadCatalogue } from './services/index.ts';

const { catalogue, problems } = loadCatalogue(join(import.meta.dirname, '../../assets/services'));
const [service] = catalogue.services;
if (service === undefined) throw new Error('the catalogue is empty');

const NOW = Date.parse('2026-11-22T12:00:00Z');
const hoursAgo = (hours: number): string => new Date(NOW - hours * 3_600_000).toISOString();
const printer: CertificatePrinterStatus = {
  device: 'online',
  paper: 'full',
  cover: 'closed',
  toner: 'full',
  supplies: [],
  trays: [],
  reasons: [],
};
const well: Conditions = {
  nowMs: NOW,
  writable: true,
  endorsedUntil: '2026-11-29T00:00:00Z',
  numbersLeft: 10,
  hasPrinter: true,
  printer,
  resident: null,
};

test('the catalogue that ships has no problem', () => {
  expect(problems).toEqual([]);
});

test.each<[string, Partial<Conditions>, string, string | null, boolean]>([
  ['everything well', {}, 'now', null, true],
  ['no printer at all', { hasPrinter: false }, 'not-here', 'printer', false],
  ['the disk is full', { writable: false }, 'later', 'storage', false],
  ['never endorsed', { endorsedUntil: null }, 'later', 'endorsement', false],
  ['endorsement over', { endorsedUntil: '2026-11-22T11:59:59Z' }, 'later', 'endorsement', false],
  ['numbers used up', { numbersLeft: 0 }, 'later', 'numbers', false],
  ['nobody can tell', { resident: { registry: null } }, 'later', 'registry', false],
  [
    'cached three days and an hour ago',
    { resident: { registry: { source: 'cache', asOf: hoursAgo(73), resident: null } } },
    'later',
    'registry',
    false,
  ],
  [
    'cached two days ago',
    { resident: { registry: { source: 'cache', asOf: hoursAgo(48), resident: null } } },
    'now',
    null,
    true,
  ],
  ['paper out', { printer: { ...printer, device: 'userError', paper: 'out' } }, 'later', 'paper', true],
  ['a jam', { printer: { ...printer, device: 'hardwareError', paper: 'jammed' } }, 'later', 'printer', true],
  ['unplugged', { printer: { ...printer, device: 'noDevice' } }, 'later', 'printer', true],
])('%s', (_what, change, state, reason, canBegin) => {
  expect(availabilityOf(service, { ...well, ...change })).toEqual({ state, reason, canBegin });
});
