/**
 * What the bench says over HTTP, as types: shared by the routes and the page, free of any module of Node.
 */

export const DEVICE_NAMES = [
  'idCardReader',
  'receiptPrinter',
  'certificatePrinter',
  'faceCamera',
  'codeScanner',
] as const;

/** A device's name, as in `kiosk.yaml`. */
export type DeviceName = (typeof DEVICE_NAMES)[number];

export type Role = 'resident' | 'volunteer' | 'staff' | 'technician';

export type CardType = 'citizen' | 'hk-macao-taiwan' | 'foreigner-2017' | 'foreigner-2023';

/** One of the invented people who can walk up to the kiosk. */
export interface PersonEntry {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The kind of ID card this person carries; `null` for people with a badge instead. */
  readonly cardType: CardType | null;
  /** Who this is, in one sentence; empty where nobody wrote one. */
  readonly about: { readonly 'zh-CN': string; readonly en: string };
  /** What a member of staff types after scanning the badge. */
  readonly pin?: string;
  /** Address of a drawn portrait (SVG). */
  readonly portrait: string;
}

/** One simulated device as it stands on the bench. */
export interface DeviceEntry {
  /** Where its bytes go, e.g. `pty /dev/pts/3`, `tcp 127.0.0.1:9100`, `ipp://…`, `in process`. */
  readonly where: string;
  /** The fault in force, or `null`. A fault stays until it is cleared. */
  readonly fault: string | null;
  /** Every fault this device can have. */
  readonly faults: readonly string[];
}

export interface BenchState {
  /** Whose card lies on the reader. */
  readonly card: string | null;
  /** Whose badge was scanned last. */
  readonly badge: string | null;
  /** Who stands before the camera, and how bright it is there, 0 (dark) to 1. */
  readonly camera: { readonly person: string | null; readonly light: number };
  /** Only the simulated devices. */
  readonly devices: { readonly [name in DeviceName]?: DeviceEntry };
  readonly network: { readonly online: boolean };
}

export type TrayKind = 'certificate' | 'receipt';

/** Something that came out of a printer and has not been taken. */
export interface TrayItem {
  readonly id: string;
  readonly kind: TrayKind;
  /** When it lay in the tray, ISO 8601, UTC. */
  readonly at: string;
  /** The PDF itself, or the receipt as an SVG drawing. */
  readonly href: string;
}

/** What happened on the bench, in an order of its own; ids of invented people are the only names in it. */
export type Happening =
  | { readonly what: 'card-laid' | 'card-lifted'; readonly person: string }
  | { readonly what: 'badge-scanned'; readonly person: string }
  | { readonly what: 'badge-unheard' | 'badge-away'; readonly person: string }
  | { readonly what: 'camera'; readonly person: string | null }
  | { readonly what: 'light'; readonly percent: number }
  | { readonly what: 'fault' | 'mended'; readonly device: DeviceName; readonly fault: string }
  | { readonly what: 'printed' | 'taken'; readonly kind: TrayKind; readonly id: string }
  | { readonly what: 'network'; readonly online: boolean };

export type LogEntry = Happening & {
  /** Counts up from 1. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly at: string;
};

/** What the page shows: sent whole with each change, over server-sent events. */
export interface BenchSnapshot {
  readonly state: BenchState;
  readonly trays: readonly TrayItem[];
  /** The latest happenings, oldest first. */
  readonly log: readonly LogEntry[];
}

/** Every answer that is not a success. */
export interface BenchError {
  readonly error: { readonly code: string; readonly message: string };
}
