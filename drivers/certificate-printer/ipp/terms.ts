/** IPP's numbers by their names (RFC 8011), and short ways to write and read attributes. Pure. */

import type { GROUP, IppAttribute, IppMessage, IppTextType, IppValue } from './message.ts';

/** RFC 8011 5.4.15 */
export const OPERATION = {
  printJob: 0x0002,
  validateJob: 0x0004,
  createJob: 0x0005,
  sendDocument: 0x0006,
  cancelJob: 0x0008,
  getJobAttributes: 0x0009,
  getJobs: 0x000a,
  getPrinterAttributes: 0x000b,
} as const;

/** RFC 8011 B.1; statuses below 0x0100 are successes. */
export const STATUS = {
  ok: 0x0000,
  badRequest: 0x0400,
  notPossible: 0x0404,
  notFound: 0x0406,
  formatNotSupported: 0x040a,
  operationNotSupported: 0x0501,
  serviceUnavailable: 0x0502,
  temporaryError: 0x0505,
  notAcceptingJobs: 0x0506,
  busy: 0x0507,
} as const;

export const isSuccess = (code: number): boolean => code < 0x0100;

/** The printer refuses for now and says so: nothing was taken, the same request may come again later. */
export const isComeBackLater = (code: number): boolean =>
  code === STATUS.serviceUnavailable ||
  code === STATUS.temporaryError ||
  code === STATUS.notAcceptingJobs ||
  code === STATUS.busy;

export const textAttribute = (
  type: IppTextType,
  name: string,
  ...values: readonly string[]
): IppAttribute => ({
  name,
  values: values.map((value) => ({ type, value })),
});
export const integerAttribute = (name: string, value: number): IppAttribute => ({
  name,
  values: [{ type: 'integer', value }],
});
export const enumAttribute = (name: string, ...values: readonly number[]): IppAttribute => ({
  name,
  values: values.map((value) => ({ type: 'enum', value })),
});
export const booleanAttribute = (name: string, value: boolean): IppAttribute => ({
  name,
  values: [{ type: 'boolean', value }],
});

/** Attributes by name; of an attribute named twice the first counts. */
export type Attributes = ReadonlyMap<string, readonly IppValue[]>;

export const toAttributes = (attributes: readonly IppAttribute[]): Attributes => {
  const map = new Map<string, readonly IppValue[]>();
  for (const { name, values } of attributes) if (!map.has(name)) map.set(name, values);
  return map;
};

/** Every group of this kind, in order: a response lists one job group per job. */
export const groupsOf = (message: IppMessage, tag: (typeof GROUP)[keyof typeof GROUP]): Attributes[] =>
  message.groups.filter((group) => group.tag === tag).map((group) => toAttributes(group.attributes));

/** The first group of this kind, or no attributes. */
export const groupOf = (message: IppMessage, tag: (typeof GROUP)[keyof typeof GROUP]): Attributes =>
  groupsOf(message, tag)[0] ?? new Map();

/** All values that are texts of any kind. */
export const textsOf = (attributes: Attributes, name: string): string[] =>
  (attributes.get(name) ?? []).flatMap((value) =>
    'value' in value && typeof value.value === 'string' ? [value.value] : [],
  );

/** All values that are integers or enums. */
export const numbersOf = (attributes: Attributes, name: string): number[] =>
  (attributes.get(name) ?? []).flatMap((value) =>
    value.type === 'integer' || value.type === 'enum' ? [value.value] : [],
  );

export const booleanOf = (attributes: Attributes, name: string): boolean | undefined => {
  const value = attributes.get(name)?.[0];
  return value?.type === 'boolean' ? value.value : undefined;
};

export const rangesOf = (
  attributes: Attributes,
  name: string,
): { readonly lower: number; readonly upper: number }[] =>
  (attributes.get(name) ?? []).flatMap((value) => (value.type === 'range' ? [value] : []));

export const resolutionsOf = (
  attributes: Attributes,
  name: string,
): { readonly x: number; readonly y: number; readonly unit: number }[] =>
  (attributes.get(name) ?? []).flatMap((value) => (value.type === 'resolution' ? [value] : []));

export const bytesOf = (attributes: Attributes, name: string): Uint8Array[] =>
  (attributes.get(name) ?? []).flatMap((value) => (value.type === 'octetString' ? [value.value] : []));
