/**
 * Which camera is meant. Chromium tells cameras as `NAME (vvvv:pppp)`; the kernel tells the same name and ids apart.
 * Pure, and without imports, so that the page uses the same rule.
 */

/** At least one of the two. A pair of colour and near-infrared cameras in one housing needs both. */
export interface CameraSelection {
  /** The camera's name, with or without its ids; if no camera has exactly this name, a part of it. */
  readonly label?: string | undefined;
  /** `vvvv:pppp` as `lsusb` writes it. */
  readonly usb?: string | undefined;
}

export type CameraChoice =
  /** `label` as it was given. */
  | { readonly kind: 'found'; readonly label: string }
  | { readonly kind: 'none' }
  /** Several are meant alike: choosing one would be guessing. */
  | { readonly kind: 'ambiguous'; readonly labels: readonly string[] };

/** A camera as Chromium tells it. */
export const labelOf = (name: string, usb: string | null): string =>
  usb === null ? name : `${name} (${usb})`;

/** Splits a label into name and ids; null: it tells none. */
export function partsOf(label: string): { readonly name: string; readonly usb: string | null } {
  const [, name, usb] = /^(.*?) ?\(([0-9a-fA-F]{4}:[0-9a-fA-F]{4})\)$/s.exec(label) ?? [];
  return name === undefined || usb === undefined
    ? { name: label, usb: null }
    : { name, usb: usb.toLowerCase() };
}

/** Whether this is a camera that is meant; `exact`: by its whole name. */
export function matches(label: string, selection: CameraSelection, exact = false): boolean {
  const { name, usb } = partsOf(label);
  if (selection.usb !== undefined && usb !== selection.usb.toLowerCase()) return false;
  if (selection.label === undefined || selection.label === label || selection.label === name) return true;
  return !exact && label.toLowerCase().includes(selection.label.toLowerCase());
}

/** The one camera that is meant; never one among several. */
export function chooseCamera(labels: readonly string[], selection: CameraSelection): CameraChoice {
  const exact = labels.filter((label) => matches(label, selection, true));
  const meant = exact.length > 0 ? exact : labels.filter((label) => matches(label, selection));
  const [label] = meant;
  if (label === undefined) return { kind: 'none' };
  return meant.length === 1 ? { kind: 'found', label } : { kind: 'ambiguous', labels: meant };
}
