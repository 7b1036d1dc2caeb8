import { profileOf } from '../id-card-reader/index.ts';
import type { FoundPort } from '../transport/index.ts';
import type { DeviceClass } from './usage.ts';

/** What may be behind a port. */
export interface Guess {
  /** null: it may carry several classes, or none of ours. */
  readonly deviceClass: DeviceClass | null;
  /** For people, e.g. `ID card reader Miaxis MR-300`. */
  readonly what: string;
}

/** HID usage page of bar code scanners (HID Point of Sale Usage Tables 1.02, section 4). */
const SCANNER_PAGE = 0x8c;

const OTHERS: Readonly<Record<string, DeviceClass>> = {
  'a receipt printer': 'receipt-printer',
  'a code scanner': 'code-scanner',
};

/** What is probably behind a port, by its USB id and its kind; empty if nothing is known. Only asking proves it. */
export function likely({ config, usb, usagePage }: FoundPort): readonly Guess[] {
  const profile = usb === undefined ? null : profileOf(usb);
  switch (profile?.is) {
    case 'reader':
      if (profile.transport !== config.kind) return [];
      return [{ deviceClass: 'id-card', what: `ID card reader ${profile.maker} ${profile.model}` }];
    case 'adapter':
      return [{ deviceClass: null, what: `serial adapter ${profile.maker} ${profile.model}` }];
    case 'other':
      return [{ deviceClass: OTHERS[profile.what] ?? null, what: profile.what.replace(/^an? /, '') }];
    case undefined:
      if (config.kind === 'usblp') return [{ deviceClass: 'receipt-printer', what: 'receipt printer' }];
      if (usagePage === SCANNER_PAGE) return [{ deviceClass: 'code-scanner', what: 'code scanner' }];
      return [];
    default:
      return profile satisfies undefined;
  }
}
