/** What a printer tells about itself (RFC 8011 5.4, PWG 5100.13), in the driver's terms. Pure. */

import { type CertificatePrinterCapabilities, unknownCapabilities } from '../capabilities.ts';
import type { PrinterReport } from '../print-service.ts';
import type { InputTray, Supply } from '../supplies.ts';
import {
  type Attributes,
  booleanOf,
  bytesOf,
  numbersOf,
  OPERATION,
  rangesOf,
  resolutionsOf,
  textsOf,
} from './terms.ts';

export const STATE_ATTRIBUTES = [
  'printer-state',
  'printer-state-reasons',
  'printer-is-accepting-jobs',
  'printer-up-time',
  'printer-config-change-time',
  'media-ready',
  'marker-names',
  'marker-types',
  'marker-levels',
  'marker-low-levels',
  'marker-high-levels',
  'printer-supply',
  'printer-supply-description',
  'printer-input-tray',
] as const;

export const CAPABILITY_ATTRIBUTES = [
  'printer-make-and-model',
  'operations-supported',
  'document-format-supported',
  'media-supported',
  'sides-supported',
  'copies-supported',
  'printer-resolution-supported',
  'color-supported',
] as const;

const PDF = 'application/pdf';
/** RFC 8011 5.2.14: 3 = per inch, 4 = per centimetre. */
const PER_CENTIMETRE = 4;
const CENTIMETRES_PER_INCH = 2.54;

const percent = (value: number | undefined): number | null =>
  value !== undefined && value >= 0 && value <= 100 ? value : null;
/** Counts below zero say "unlimited" and "unknown" (RFC 3805, prtInputCurrentLevel, prtMarkerSuppliesLevel). */
const count = (value: string | undefined): number | null =>
  value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : null;

/** `key=value;key=value`, the values of PWG 5100.13 `printer-supply` and `printer-input-tray`. */
const pairsOf = (bytes: Uint8Array): ReadonlyMap<string, string> =>
  new Map(
    new TextDecoder()
      .decode(bytes)
      .split(';')
      .map((pair): [string, string] => {
        const at = pair.indexOf('=');
        return [pair.slice(0, Math.max(0, at)).trim(), pair.slice(at + 1).trim()];
      }),
  );

/** CUPS' own way of telling levels, which many printers have taken over: one value per container in each attribute. */
const markers = (printer: Attributes): Supply[] => {
  const types = textsOf(printer, 'marker-types');
  const [levels, low, high] = ['marker-levels', 'marker-low-levels', 'marker-high-levels'].map((name) =>
    numbersOf(printer, name),
  );
  return textsOf(printer, 'marker-names').map((name, index) => {
    const type = types[index] ?? 'unknown';
    return {
      name,
      type,
      level: percent(levels?.[index]),
      lowWaterMark: percent(low?.[index]),
      highWaterMark: percent(high?.[index]),
      use: /^waste/i.test(type) ? 'filled' : 'consumed',
    };
  });
};

/** PWG 5100.13 `printer-supply`, named by `printer-supply-description`. */
const printerSupplies = (printer: Attributes): Supply[] => {
  const names = textsOf(printer, 'printer-supply-description');
  return bytesOf(printer, 'printer-supply').map((bytes, index) => {
    const pairs = pairsOf(bytes);
    const level = count(pairs.get('level'));
    const capacity = count(pairs.get('maxcapacity'));
    return {
      name: names[index] ?? pairs.get('colorantname') ?? `supply ${index + 1}`,
      type: pairs.get('type') ?? 'unknown',
      level: level !== null && capacity ? percent(Math.round((level / capacity) * 100)) : null,
      lowWaterMark: null,
      highWaterMark: null,
      use: pairs.get('class') === 'receptacleThatIsFilled' ? 'filled' : 'consumed',
    };
  });
};

const trays = (printer: Attributes): InputTray[] =>
  bytesOf(printer, 'printer-input-tray').map((bytes, index) => {
    const pairs = pairsOf(bytes);
    return {
      name: pairs.get('name') || `tray ${index + 1}`,
      level: count(pairs.get('level')),
      capacity: count(pairs.get('maxcapacity')),
    };
  });

export const toPrinterReport = (printer: Attributes): PrinterReport => {
  const told = markers(printer);
  return {
    state: numbersOf(printer, 'printer-state')[0],
    reasons: textsOf(printer, 'printer-state-reasons'),
    acceptsJobs: booleanOf(printer, 'printer-is-accepting-jobs') ?? true,
    upTime: numbersOf(printer, 'printer-up-time')[0],
    supplies: told.length > 0 ? told : printerSupplies(printer),
    trays: trays(printer),
    configuration: [
      ...numbersOf(printer, 'printer-config-change-time'),
      ...textsOf(printer, 'media-ready'),
    ].join(' '),
  };
};

const NAMES_OF_OPERATIONS: Readonly<Record<number, string>> = {
  [OPERATION.printJob]: 'Print-Job',
  [OPERATION.validateJob]: 'Validate-Job',
  [OPERATION.createJob]: 'Create-Job',
  [OPERATION.sendDocument]: 'Send-Document',
  [OPERATION.cancelJob]: 'Cancel-Job',
  [OPERATION.getJobAttributes]: 'Get-Job-Attributes',
  [OPERATION.getJobs]: 'Get-Jobs',
  [OPERATION.getPrinterAttributes]: 'Get-Printer-Attributes',
};

const told = <T>(values: readonly T[]): readonly T[] | null => (values.length > 0 ? values : null);

export const toCapabilities = (printer: Attributes): CertificatePrinterCapabilities => {
  const operations = numbersOf(printer, 'operations-supported').flatMap(
    (code) => NAMES_OF_OPERATIONS[code] ?? [],
  );
  const formats = told(textsOf(printer, 'document-format-supported'));
  const dots = resolutionsOf(printer, 'printer-resolution-supported').map(({ x, unit }) =>
    Math.round(unit === PER_CENTIMETRE ? x * CENTIMETRES_PER_INCH : x),
  );
  return {
    ...unknownCapabilities('ipp'),
    makeAndModel: textsOf(printer, 'printer-make-and-model')[0] ?? null,
    operations: told(operations),
    formats,
    pdf: formats?.includes(PDF) ?? null,
    mediaSupported: told(textsOf(printer, 'media-supported')),
    mediaReady: told(textsOf(printer, 'media-ready')),
    sides: told(textsOf(printer, 'sides-supported')),
    maxCopies: rangesOf(printer, 'copies-supported')[0]?.upper ?? null,
    resolutions: told([...new Set(dots)].toSorted((a, b) => a - b)),
    color: booleanOf(printer, 'color-supported') ?? null,
    supplies: told(toPrinterReport(printer).supplies.map(({ name }) => name)),
  };
};
